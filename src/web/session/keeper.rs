//! What the JavaScript side drives.

use std::rc::Rc;

use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::Response;

use crate::challenge::BearerChallenge;
use crate::clock::Exchange;
use crate::effect::{AttemptId, CheckId, LogoutId, ProbeId, Ticket, TurnId};
use crate::input::{Input, Outcome, Verdict};
use crate::tabs::{PeerMessage, STANDING_LENGTH, Standing, TabId};
use crate::time::{Monotonic, Now, Timestamp};

use super::host::{Answer, Errand, Host};
use super::reading::{read_token, token_answer};
use super::requests::outcome;
use super::settings::{config, policy, span};
use super::shell::Shell;

/// A session in the browser.
#[wasm_bindgen]
pub struct Keeper(Rc<Shell>);

#[wasm_bindgen]
impl Keeper {
    /// A session in state "signed-out", which sends nothing and sets no timer.
    ///
    /// `choices` are those of `js/choices.js`.
    #[wasm_bindgen(constructor)]
    pub fn new(choices: &[f64], rejected_statuses: Option<Vec<u16>>, host: Host) -> Keeper {
        Keeper(Shell::new(config(choices, rejected_statuses), host))
    }

    /// Takes up the session of the cookie; `fresh` says that the user has just signed in.
    pub fn restore(&self, ticket: u32, fresh: bool) {
        self.0.input(Input::Restore {
            ticket: Ticket(ticket),
            fresh,
            record: self.0.record(),
        });
    }

    /// Starts a session with the answer to a sign-in.
    pub fn begin(&self, ticket: u32, answer: &Answer) {
        let answer = token_answer(&self.0.host, answer);
        self.0.input(Input::Begin {
            ticket: Ticket(ticket),
            answer,
        });
    }

    /// Ends the session.
    #[wasm_bindgen(js_name = signOut)]
    pub fn sign_out(&self, ticket: u32, logout: bool) {
        self.0.input(Input::SignOut {
            ticket: Ticket(ticket),
            logout,
        });
    }

    /// The server has ended a session, which it may name.
    pub fn revoked(&self, session: Option<String>) {
        self.0.input(Input::Revoked { session });
    }

    /// Renews now.
    pub fn renew(&self, ticket: u32) {
        self.0.input(Input::Renew {
            ticket: Ticket(ticket),
        });
    }

    /// Asks for a token; `min_validity` is in milliseconds.
    #[wasm_bindgen(js_name = needToken)]
    pub fn need_token(&self, ticket: u32, min_validity: Option<f64>) {
        let min_validity = min_validity.map(span);
        self.0.input(Input::NeedToken {
            ticket: Ticket(ticket),
            min_validity,
        });
    }

    /// An API has refused a request that was sent with the token of this generation; `field` is its
    /// `WWW-Authenticate`.
    pub fn challenged(&self, ticket: u32, generation: u32, field: &str, url: String) {
        self.0.input(Input::Challenged {
            ticket: Ticket(ticket),
            generation,
            challenge: BearerChallenge::parse(field).unwrap_or_default(),
            url,
        });
    }

    /// Whether the user signed in no longer ago than so many milliseconds.
    #[wasm_bindgen(js_name = isRecent)]
    pub fn is_recent(&self, max_age: f64) -> bool {
        self.0.is_recent(span(max_age))
    }

    /// The user has done something, or wants to stay.
    pub fn touch(&self, stays: bool) {
        self.0.input(match stays {
            true => Input::Extend,
            false => Input::Activity,
        });
    }

    /// When the session will end if nobody uses it; not a number where it will not.
    #[wasm_bindgen(js_name = idleDeadline)]
    pub fn idle_deadline(&self) -> f64 {
        self.0.idle_deadline()
    }

    /// The policy, whose numbers are those of `js/policy.js`.
    pub fn govern(&self, numbers: &[f64]) {
        self.0.input(Input::Policy(policy(numbers)));
    }

    /// A call does not wait any longer.
    pub fn forget(&self, ticket: u32) {
        self.0.input(Input::Forget {
            ticket: Ticket(ticket),
        });
    }

    /// A request of these numbers is over. Its times are those of both clocks when it was sent, and when the head
    /// of the answer had arrived; there is no response where none came, or the connection broke.
    pub fn answered(
        &self,
        errand: u32,
        id: u32,
        times: &[f64],
        response: Option<Response>,
        answer: Option<Answer>,
    ) {
        let &[sent, sent_monotonic, received, received_monotonic] = times else {
            return;
        };
        let now = |wall, monotonic| Now {
            wall: Timestamp::from_millis(wall as i64),
            monotonic: Monotonic::from_millis(monotonic as i64),
        };
        let exchange = Exchange {
            sent: now(sent, sent_monotonic),
            received: now(received, received_monotonic),
        };
        let outcome = outcome(&self.0.host, response, answer.as_ref());
        self.0.input(if errand == Errand::Renewal as u32 {
            Input::RenewalSettled {
                id: AttemptId(id),
                exchange,
                outcome,
            }
        } else if errand == Errand::Logout as u32 {
            Input::LogoutSettled {
                id: LogoutId(id),
                outcome,
            }
        } else {
            let date = match outcome {
                Outcome::Answered(reply) if !reply.aged => reply.date,
                _ => None,
            };
            Input::TimeProbed {
                id: ProbeId(id),
                exchange,
                date,
            }
        });
    }

    /// The verification module's verdict; nothing when it could not be asked.
    pub fn verified(&self, check: u32, passed: Option<bool>) {
        let verdict = match passed {
            Some(true) => Verdict::Passed,
            Some(false) => Verdict::Refused,
            None => Verdict::Unknown,
        };
        self.0.input(Input::Verified {
            id: CheckId(check),
            verdict,
        });
    }

    /// Whether the browser believes that it is online.
    pub fn connectivity(&self, online: bool) {
        self.0.input(Input::Connectivity { online });
    }

    /// Whether the page is shown.
    pub fn visibility(&self, visible: bool) {
        self.0.input(Input::Visibility { visible });
    }

    /// Every other tab can see this one.
    pub fn joined(&self) {
        self.0.input(Input::Joined);
    }

    /// Another tab tells something.
    pub fn peer(&self, numbers: &[f64], token: Option<String>) {
        let token = match token.map(|token| read_token(&self.0.host, token)) {
            None => None,
            Some(Ok(read)) => Some(read),
            Some(Err(_)) => return,
        };
        if let Some(message) = PeerMessage::read(numbers, token) {
            self.0.input(Input::Peer(message));
        }
    }

    /// Who is there, and where they stand: the numbers of all standings, one after the other.
    pub fn around(&self, standings: &[f64], tabs: &[u32]) {
        let standings = standings
            .chunks(STANDING_LENGTH)
            .filter_map(Standing::read)
            .collect();
        self.0.input(Input::Around {
            tabs: tabs.iter().map(|tab| TabId(*tab)).collect(),
            standings,
        });
    }

    /// Nobody but the holder is before this tab.
    #[wasm_bindgen(js_name = turnNear)]
    pub fn turn_near(&self, id: u32) {
        self.0.input(Input::TurnNear { id: TurnId(id) });
    }

    /// It is this tab's turn to renew.
    #[wasm_bindgen(js_name = turnCame)]
    pub fn turn_came(&self, id: u32) {
        self.0.input(Input::TurnCame { id: TurnId(id) });
    }

    /// Another tab has taken the turn.
    #[wasm_bindgen(js_name = turnLost)]
    pub fn turn_lost(&self, id: u32) {
        self.0.input(Input::TurnLost { id: TurnId(id) });
    }

    /// A tab is gone.
    pub fn gone(&self, tab: u32) {
        self.0.input(Input::Gone { tab: TabId(tab) });
    }

    /// The page is about to go.
    pub fn leaving(&self, cached: bool) {
        self.0.input(Input::Leaving { cached });
    }

    /// The page is back, perhaps from the back/forward cache.
    pub fn returned(&self, persisted: bool) {
        self.0.input(Input::Returned {
            persisted,
            record: self.0.record(),
        });
    }

    /// Something happened that says nothing but that time has passed.
    pub fn tick(&self) {
        self.0.tick();
    }

    /// Drops everything and settles every call.
    pub fn dispose(&self) {
        self.0.input(Input::Dispose);
    }
}
