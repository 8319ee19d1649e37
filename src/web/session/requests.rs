//! The requests to the server.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::JsValue;
use web_sys::{Request, Response};

use crate::clock::Exchange;
use crate::effect::{AttemptId, LogoutId, ProbeId, RenewalKey};
use crate::http_date;
use crate::input::{Input, Outcome, Reply};
use crate::retry_after::RetryAfter;
use crate::time::Now;

use super::platform::{now, when_settled};
use super::reading::token_answer;
use super::shell::Shell;

impl Shell {
    /// Sends a request, and calls back with the head of its answer, or with nothing where none came.
    fn send(&self, request: Option<Request>, then: impl FnOnce(Option<Response>) + 'static) {
        let then = move |response: Option<JsValue>| then(response.map(JsCast::unchecked_into));
        match request {
            Some(request) => when_settled(&self.host.send(&request), Box::new(then)),
            None => then(None),
        }
    }

    pub(super) fn send_renewal(self: &Rc<Self>, id: AttemptId, key: RenewalKey) {
        let sent = now();
        let shell = self.clone();
        self.send(
            self.host
                .renewal_request(&key.to_text(), self.idle_for(sent)),
            move |response| match response {
                Some(response) => shell.response_came(id, sent, response),
                None => shell.renewal_settled(id, sent, now(), Outcome::Unreachable),
            },
        );
    }

    fn response_came(self: &Rc<Self>, id: AttemptId, sent: Now, response: Response) {
        let received = now();
        let mut reply = reply(&response);
        if !response.ok() {
            self.renewal_settled(id, sent, received, Outcome::Answered(reply));
            return;
        }
        let shell = self.clone();
        let read = move |answer: Option<JsValue>| {
            let outcome = match answer {
                Some(answer) => {
                    let answer = (!answer.is_undefined()).then(|| answer.unchecked_into());
                    reply.answer = answer.map(|answer| token_answer(&shell.host, &answer));
                    Outcome::Answered(reply)
                }
                // The connection broke in the middle of the body.
                None => Outcome::Unreachable,
            };
            shell.renewal_settled(id, sent, received, outcome);
        };
        when_settled(&self.host.read_answer(&response), Box::new(read));
    }

    fn renewal_settled(self: &Rc<Self>, id: AttemptId, sent: Now, received: Now, outcome: Outcome) {
        let exchange = Exchange { sent, received };
        self.input(Input::RenewalSettled {
            id,
            exchange,
            outcome,
        });
    }

    /// Asks for the server's time.
    pub(super) fn ask_time(self: &Rc<Self>, id: ProbeId) {
        let sent = now();
        let shell = self.clone();
        self.send(self.host.time_request(), move |response| {
            let head = response.map(|response| reply(&response));
            let date = head.filter(|head| !head.aged).and_then(|head| head.date);
            let exchange = Exchange {
                sent,
                received: now(),
            };
            shell.input(Input::TimeProbed { id, exchange, date });
        });
    }

    pub(super) fn send_logout(self: &Rc<Self>, id: LogoutId) {
        let shell = self.clone();
        self.send(self.host.logout_request(), move |response| {
            let outcome = match response {
                Some(response) => Outcome::Answered(reply(&response)),
                None => Outcome::Unreachable,
            };
            shell.input(Input::LogoutSettled { id, outcome });
        });
    }
}

/// The head of an answer.
fn reply(response: &Response) -> Reply {
    let headers = response.headers();
    let header = |name| headers.get(name).ok().flatten();
    Reply {
        // That of a redirect is 0, `Reply::REDIRECTED`.
        status: response.status(),
        date: header("date").and_then(|date| http_date::parse(&date)),
        aged: header("age").is_some(),
        retry_after: header("retry-after").and_then(|value| RetryAfter::parse(&value)),
        answer: None,
    }
}
