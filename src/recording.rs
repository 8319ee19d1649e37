//! A recording of a session: everything that it heard, with the time, and everything that came of it.
//!
//! The same seed, configuration and inputs give the same effects. So a recording that was made in a
//! browser can be run again, with [`Replay`], where there is a debugger.
//!
//! A recording is lines of JSON. The first is its head: the format and its version, the package's version, the seed,
//! the configuration and the time. Then there are two for each step, one written before it, so that the input that
//! broke a session is the last of its recording, and one after it:
//!
//! ```json
//! {"now":[1700000000000,1200],"input":{"renew":{"ticket":3}}}
//! {"deadline":{"at":11200,"timer":"wait-limit"},"effects":["draw-key"]}
//! ```
//!
//! `now` is the wall clock and the monotonic one, in milliseconds; without an `input`, what was due was done.
//! `deadline` is when the session wanted to be called again. `effects` are those that it was asked for, in their
//! order; with `"more":true`, the next input came before it was asked for all of them. A last line `{"full":true}`
//! says that there was no room for what followed.
//!
//! A recording has no secret: tokens, keys of renewals, subjects and sessions are replaced by stand-ins that are
//! equal where those were equal, and addresses are cut off before their query.

mod forms;
mod replay;
mod veil;

use std::ops::Deref;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::config::Config;
use crate::effect::Effect;
use crate::input::Input;
use crate::session::Session;
use crate::time::Now;
use crate::timer::Deadline;

pub(crate) use forms::number;
pub use replay::{Fault, Replay, Step};
use veil::Veil;

/// What the head of a recording says that it is.
pub const FORMAT: &str = "sessionkeeper-recording";
/// The version of the format; a recording of another one is not read.
pub const VERSION: u32 = 1;

/// The first line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    format: String,
    version: u32,
    /// The version of the package.
    package: String,
    #[serde(with = "forms::hex")]
    seed: u64,
    config: Config,
    now: Now,
}

/// What a session was told.
#[derive(Serialize)]
struct Heard<'a> {
    now: Now,
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<&'a Input>,
}

/// What came of it.
#[derive(Serialize)]
struct Came {
    deadline: Option<Deadline>,
    effects: Vec<Effect>,
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    more: bool,
}

/// Any line but the first, as it is read: effects and deadlines are compared in the written form.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    now: Option<Now>,
    input: Option<Input>,
    deadline: Option<Value>,
    effects: Option<Vec<Value>>,
    #[serde(default)]
    more: bool,
    #[serde(default)]
    full: bool,
}

/// A session that is recorded: whoever drives it does as with any other, and each line is handed over as soon as it
/// is known.
pub struct Recorded {
    session: Session,
    veil: Veil,
    write: Box<dyn FnMut(&str)>,
    came: Option<Came>,
}

impl Recorded {
    /// As [`Session::new`], with what takes the lines, and a number that nobody can guess: without it, nobody can
    /// tell what a stand-in stands for, or find it in another recording.
    pub fn new(
        config: Config,
        seed: u64,
        now: Now,
        secret: u128,
        write: impl FnMut(&str) + 'static,
    ) -> Recorded {
        let head = Head {
            format: FORMAT.to_owned(),
            version: VERSION,
            package: env!("CARGO_PKG_VERSION").to_owned(),
            seed,
            config: config.clone(),
            now,
        };
        let mut recorded = Recorded {
            session: Session::new(config, seed, now),
            veil: Veil::new(secret),
            write: Box::new(write),
            came: None,
        };
        recorded.line(&head);
        recorded
    }

    /// As [`Session::handle_input`].
    pub fn handle_input(&mut self, input: Input, now: Now) {
        let mut told = input.clone();
        self.veil.input(&mut told);
        self.heard(now, Some(&told));
        self.session.handle_input(input, now);
        self.comes();
    }

    /// As [`Session::handle_timeout`].
    pub fn handle_timeout(&mut self, now: Now) {
        self.heard(now, None);
        self.session.handle_timeout(now);
        self.comes();
    }

    /// As [`Session::poll_effect`].
    pub fn poll_effect(&mut self) -> Option<Effect> {
        let effect = self.session.poll_effect();
        match &effect {
            Some(effect) => {
                let mut told = effect.clone();
                self.veil.effect(&mut told);
                if let Some(came) = &mut self.came {
                    came.effects.push(told);
                }
            }
            None => self.came(false),
        }
        effect
    }

    fn heard(&mut self, now: Now, input: Option<&Input>) {
        self.came(true);
        self.line(&Heard { now, input });
    }

    fn comes(&mut self) {
        self.came = Some(Came {
            deadline: self.session.poll_timeout(),
            effects: Vec::new(),
            more: false,
        });
    }

    fn came(&mut self, more: bool) {
        if let Some(came) = self.came.take() {
            self.line(&Came { more, ..came });
        }
    }

    fn line(&mut self, line: &impl Serialize) {
        // Nothing of it can fail to be written.
        if let Ok(text) = serde_json::to_string(line) {
            (self.write)(&text);
        }
    }
}

impl Deref for Recorded {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.session
    }
}
