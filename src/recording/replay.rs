//! Runs a recording again.

use core::fmt;

use serde::Deserialize;
use serde_json::Value;

use crate::input::Input;
use crate::session::Session;
use crate::time::Now;
use crate::timer::Deadline;

use super::{FORMAT, Head, Line, VERSION};

/// What a line told.
#[derive(Clone, Debug)]
pub enum Step {
    /// The session was told something, or that time has passed, and was told so again.
    Heard {
        /// When.
        now: Now,
        /// What; nothing where only time had passed.
        input: Option<Box<Input>>,
    },
    /// That is what came of it, also this time: these effects, as they are written.
    Came(Vec<Value>),
    /// There was no room for what followed.
    Full,
}

/// Why a recording cannot be run on.
#[derive(Clone, PartialEq, Debug)]
pub enum Fault {
    /// The first line is none of a recording that this version reads; says what it is.
    Foreign(String),
    /// The line ends too early, as the last one does where its page went away.
    CutOff,
    /// The line is none of a recording; says where and why.
    Malformed(String),
    /// Something else came of it this time, as both are written; nothing where there was none.
    Differs {
        /// What came of it when it was recorded.
        recorded: Option<String>,
        /// What comes of it now.
        replayed: Option<String>,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |side: &Option<String>| side.clone().unwrap_or("nothing".to_owned());
        match self {
            Fault::Foreign(what) => write!(f, "not a recording that can be replayed: {what}"),
            Fault::CutOff => f.write_str("the line is cut off"),
            Fault::Malformed(why) => write!(f, "not a line of a recording: {why}"),
            Fault::Differs { recorded, replayed } => write!(
                f,
                "something else came of it\n  recorded  {}\n  replayed  {}",
                text(recorded),
                text(replayed)
            ),
        }
    }
}

impl core::error::Error for Fault {}

impl Fault {
    fn of(error: serde_json::Error) -> Fault {
        match error.is_eof() {
            true => Fault::CutOff,
            false => Fault::Malformed(error.to_string()),
        }
    }
}

/// A session that hears what one heard that was recorded, line by line.
pub struct Replay {
    session: Session,
    package: String,
    started: Now,
    /// What comes of the last input, where it has not been compared yet: its deadline.
    comes: Option<Option<Deadline>>,
}

impl Replay {
    /// Reads the first line.
    ///
    /// # Errors
    ///
    /// [`Fault::Foreign`] where it is not the head of a recording in this [`VERSION`] of the format.
    pub fn begin(line: &str) -> Result<Replay, Fault> {
        #[derive(Deserialize)]
        struct Opening {
            format: String,
            version: u64,
        }
        let foreign = |error: serde_json::Error| Fault::Foreign(error.to_string());
        let Opening { format, version } = serde_json::from_str(line).map_err(foreign)?;
        if format != FORMAT {
            return Err(Fault::Foreign(format!("its format is {format:?}")));
        }
        if version != u64::from(VERSION) {
            let why = format!("it is in version {version} of the format, and this reads {VERSION}");
            return Err(Fault::Foreign(why));
        }
        let head: Head = serde_json::from_str(line).map_err(foreign)?;
        Ok(Replay {
            session: Session::new(head.config, head.seed, head.now),
            package: head.package,
            started: head.now,
            comes: None,
        })
    }

    /// Reads the next line, and does again what it tells.
    ///
    /// # Errors
    ///
    /// Any [`Fault`] but [`Fault::Foreign`]; nothing is done after one.
    pub fn step(&mut self, line: &str) -> Result<Step, Fault> {
        let line: Line = serde_json::from_str(line).map_err(Fault::of)?;
        match (line, self.comes) {
            (
                Line {
                    now: Some(now),
                    input,
                    deadline: None,
                    effects: None,
                    more: false,
                    full: false,
                },
                None,
            ) => {
                let told = input.clone().map(Box::new);
                match input {
                    Some(input) => self.session.handle_input(input, now),
                    None => self.session.handle_timeout(now),
                }
                self.comes = Some(self.session.poll_timeout());
                Ok(Step::Heard { now, input: told })
            }
            (
                Line {
                    now: None,
                    input: None,
                    deadline,
                    effects: Some(effects),
                    more,
                    full: false,
                },
                Some(comes),
            ) => {
                self.comes = None;
                compare(deadline.as_ref(), comes.as_ref())?;
                for effect in &effects {
                    compare(Some(effect), self.session.poll_effect().as_ref())?;
                }
                if !more {
                    compare(None, self.session.poll_effect().as_ref())?;
                }
                Ok(Step::Came(effects))
            }
            (
                Line {
                    now: None,
                    input: None,
                    deadline: None,
                    effects: None,
                    more: false,
                    full: true,
                },
                _,
            ) => Ok(Step::Full),
            _ => Err(Fault::Malformed("it is not the one that is due".to_owned())),
        }
    }

    /// The session as it is now.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The version of the package that was recorded.
    pub fn package(&self) -> &str {
        &self.package
    }

    /// When the session was made.
    pub fn started(&self) -> Now {
        self.started
    }
}

fn compare<T: serde::Serialize>(recorded: Option<&Value>, comes: Option<&T>) -> Result<(), Fault> {
    // Nothing of it can fail to be written.
    let replayed = comes.and_then(|comes| serde_json::to_value(comes).ok());
    if recorded == replayed.as_ref() {
        return Ok(());
    }
    Err(Fault::Differs {
        recorded: recorded.map(Value::to_string),
        replayed: replayed.map(|replayed| replayed.to_string()),
    })
}
