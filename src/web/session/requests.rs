//! The answers of the server.

use web_sys::Response;

use crate::http_date;
use crate::input::{Outcome, Reply};
use crate::retry_after::RetryAfter;

use super::host::{Answer, Host};
use super::reading::token_answer;

/// What became of a request. Where there is no response, none came, or the connection broke in the middle
/// of it.
pub(super) fn outcome(host: &Host, response: Option<Response>, answer: Option<&Answer>) -> Outcome {
    let Some(response) = response else {
        return Outcome::Unreachable;
    };
    let headers = response.headers();
    let header = |name| headers.get(name).ok().flatten();
    Outcome::Answered(Reply {
        // That of a redirect is 0, `Reply::REDIRECTED`.
        status: response.status(),
        date: header("date").and_then(|date| http_date::parse(&date)),
        aged: header("age").is_some(),
        retry_after: header("retry-after").and_then(|value| RetryAfter::parse(&value)),
        answer: answer.map(|answer| token_answer(host, answer)),
    })
}
