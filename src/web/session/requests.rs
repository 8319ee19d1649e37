//! The requests to the server.

use std::rc::Rc;

use js_sys::{Promise, Reflect};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::JsValue;
use web_sys::{Headers, RequestCache, RequestCredentials, RequestInit, RequestRedirect, Response};

use crate::clock::Exchange;
use crate::effect::{AttemptId, ProbeId, RenewalKey};
use crate::http_date;
use crate::input::{Input, Outcome, Reply};
use crate::retry_after::RetryAfter;
use crate::time::Now;

use super::host::{self, PreparedRequest};
use super::platform::{now, when_settled};
use super::reading::token_answer;
use super::shell::Shell;

/// Sends what the application has prepared, as a request that changes a session has to be sent.
///
/// It never comes from a cache, shows a redirect instead of following it, and outlives the page, so
/// that a cookie on its way arrives.
fn send(request: &PreparedRequest, key: Option<(&str, RenewalKey)>) -> Option<Promise> {
    let init = request.init();
    init.set_cache(RequestCache::NoStore);
    init.set_redirect(RequestRedirect::Manual);
    // web-sys does not know this member of the dictionary.
    Reflect::set(&init, &"keepalive".into(), &JsValue::TRUE).ok()?;
    if let Some((name, key)) = key {
        let headers: Headers = init.get_headers().unchecked_into();
        headers.set(name, &key.to_text()).ok()?;
    }
    host::fetch(&request.url(), &init).ok()
}

impl Shell {
    pub(super) fn send_renewal(self: &Rc<Self>, id: AttemptId, key: RenewalKey) {
        let sent = now();
        let key = self.key_header.as_deref().map(|name| (name, key));
        let promise = self
            .host
            .prepare(false)
            .and_then(|request| send(&request, key));
        let shell = self.clone();
        let came = move |response: Option<JsValue>| match response {
            Some(response) => shell.response_came(id, sent, response.unchecked_into()),
            None => shell.renewal_settled(id, sent, now(), Outcome::Unreachable),
        };
        match promise {
            Some(promise) => when_settled(&promise, came),
            None => came(None),
        }
    }

    fn response_came(self: &Rc<Self>, id: AttemptId, sent: Now, response: Response) {
        let received = now();
        let mut reply = reply(&response);
        match response.text() {
            Ok(text) if response.ok() => {
                let shell = self.clone();
                when_settled(&text, move |text| {
                    let outcome = match text {
                        Some(text) => {
                            let answer = shell.host.read_answer(text, &response);
                            reply.answer = answer.as_ref().map(token_answer);
                            Outcome::Answered(reply)
                        }
                        // The connection broke in the middle of the body.
                        None => Outcome::Unreachable,
                    };
                    shell.renewal_settled(id, sent, received, outcome);
                });
            }
            _ => self.renewal_settled(id, sent, received, Outcome::Answered(reply)),
        }
    }

    fn renewal_settled(self: &Rc<Self>, id: AttemptId, sent: Now, received: Now, outcome: Outcome) {
        let exchange = Exchange { sent, received };
        self.input(Input::RenewalSettled {
            id,
            exchange,
            outcome,
        });
    }

    /// Asks for the server's time, with a request that says nothing and that no cache answers.
    pub(super) fn ask_time(self: &Rc<Self>, id: ProbeId) {
        let init = RequestInit::new();
        init.set_method("HEAD");
        init.set_cache(RequestCache::NoStore);
        init.set_credentials(RequestCredentials::Omit);
        init.set_redirect(RequestRedirect::Manual);
        let sent = now();
        let shell = self.clone();
        let came = move |response: Option<JsValue>| {
            let head = response.map(|response| reply(&response.unchecked_into()));
            let date = head.filter(|head| !head.aged).and_then(|head| head.date);
            let exchange = Exchange {
                sent,
                received: now(),
            };
            shell.input(Input::TimeProbed { id, exchange, date });
        };
        match host::fetch(&self.host.time_url(), &init) {
            Ok(promise) => when_settled(&promise, came),
            Err(_) => came(None),
        }
    }

    pub(super) fn send_logout(self: &Rc<Self>) {
        let promise = self
            .host
            .prepare(true)
            .and_then(|request| send(&request, None));
        match promise {
            Some(promise) => {
                let shell = self.clone();
                when_settled(&promise, move |_| shell.input(Input::LogoutSettled));
            }
            None => self.input(Input::LogoutSettled),
        }
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
