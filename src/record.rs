//! What a browser remembers of a session between two loads of a page: no token and no claim.

use crate::effect::RenewalKey;
use crate::idle::Activity;
use crate::time::Timestamp;

/// The version of the written form; a record of another one is no record.
const VERSION: f64 = 1.0;
/// Seen as dates, greater numbers are beyond what a browser knows.
const LAST_INSTANT: f64 = 8.64e15;

/// How a session ended in this browser.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Ending {
    /// The server is still to be told.
    Untold,
    /// The server is not to be told.
    Local,
}

/// The record of a session, shared by the tabs of its name.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub struct Record {
    /// When the user signed in, or the session was first seen.
    pub started: Option<Timestamp>,
    /// How the session ended, where it did and nothing has begun since.
    pub ending: Option<Ending>,
    /// The key of a renewal of which no answer is known.
    pub key: Option<RenewalKey>,
    /// The newest activity, where that is of interest.
    pub activity: Option<Activity>,
}

/// What is noted in the record.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Note {
    /// The user has signed in.
    Begun(Timestamp),
    /// There is a session, begun no later than this.
    Seen(Timestamp),
    /// A renewal is about to be sent with this key.
    Pending(RenewalKey),
    /// The server has answered the renewal with this key.
    Answered(RenewalKey),
    /// Somebody has used the session.
    Active {
        /// The newest activity that the tab knows of.
        activity: Activity,
        /// When it notes that: what is later is of a clock that was set back since.
        now: Timestamp,
    },
    /// The session has ended in this browser.
    Ended(Ending),
    /// The server knows of the end.
    Told,
    /// The server says that there is no session.
    Over,
}

impl Record {
    /// The record with a note added.
    ///
    /// A session that has ended stays so, whatever another tab notes, until somebody signs in or the
    /// server has been told.
    #[must_use]
    pub fn noted(self, note: Note) -> Record {
        match note {
            Note::Begun(at) => Record {
                started: Some(at),
                ..Record::default()
            },
            Note::Ended(ending) => Record {
                ending: Some(ending),
                ..Record::default()
            },
            Note::Told => match self.ending {
                Some(_) => Record::default(),
                None => self,
            },
            _ if self.ending.is_some() => self,
            Note::Seen(at) => Record {
                started: self.started.or(Some(at)),
                ..self
            },
            Note::Pending(key) => Record {
                key: Some(key),
                ..self
            },
            Note::Answered(key) => Record {
                key: self.key.filter(|pending| *pending != key),
                ..self
            },
            Note::Active { activity, now } => {
                let kept = self.activity.filter(|kept| kept.at <= now);
                Record {
                    activity: Some(kept.map_or(activity, |kept| kept.joined(activity))),
                    ..self
                }
            }
            Note::Over => Record::default(),
        }
    }

    /// Reads the written form; nothing for anything else.
    pub fn read(numbers: &[f64]) -> Option<Record> {
        let &[version, started, ending, ref rest @ ..] = numbers else {
            return None;
        };
        if version != VERSION {
            return None;
        }
        // The key has four numbers, an activity two.
        let (activity, key) = rest.split_at(rest.len() & 2);
        Some(Record {
            started: match started {
                0.0 => None,
                _ => Some(instant(started)?),
            },
            ending: match ending {
                0.0 => None,
                1.0 => Some(Ending::Untold),
                2.0 => Some(Ending::Local),
                _ => return None,
            },
            key: match key {
                [] => None,
                _ => Some(RenewalKey::from_words(key)?),
            },
            activity: match *activity {
                [at, seen] => Some(Activity {
                    at: instant(at)?,
                    seen: match seen {
                        0.0 => None,
                        _ => Some(instant(seen)?),
                    },
                }),
                _ => None,
            },
        })
    }

    /// Writes the record down: a few whole numbers, none when there is nothing to remember.
    pub fn write(&self) -> Vec<f64> {
        if *self == Record::default() {
            return Vec::new();
        }
        let ending = match self.ending {
            None => 0.0,
            Some(Ending::Untold) => 1.0,
            Some(Ending::Local) => 2.0,
        };
        let millis = |at: Option<Timestamp>| at.map_or(0, Timestamp::as_millis) as f64;
        let mut numbers = vec![VERSION, millis(self.started), ending];
        if let Some(Activity { at, seen }) = self.activity {
            numbers.extend([millis(Some(at)), millis(seen)]);
        }
        if let Some(key) = self.key {
            numbers.extend(key.to_words());
        }
        numbers
    }
}

/// A whole number of milliseconds after the epoch, as a browser's clock shows it.
fn instant(millis: f64) -> Option<Timestamp> {
    let shown = millis.trunc() == millis && (1.0..=LAST_INSTANT).contains(&millis);
    shown.then_some(Timestamp::from_millis(millis as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Timestamp = Timestamp::from_millis(1_700_000_000_000);
    const LATER: Timestamp = Timestamp::from_millis(1_700_000_100_000);
    const KEY: RenewalKey = RenewalKey(0x0123_4567_89ab_cdef_0000_0000_ffff_ffff);

    fn begun() -> Record {
        Record::default().noted(Note::Begun(AT))
    }

    #[test]
    fn what_was_written_is_read() {
        for record in [
            Record::default(),
            begun(),
            begun().noted(Note::Pending(KEY)),
            Record::default().noted(Note::Pending(KEY)),
            begun().noted(Note::Ended(Ending::Untold)),
            begun().noted(Note::Ended(Ending::Local)),
        ] {
            let read = Record::read(&record.write());
            let expected = (record != Record::default()).then_some(record);
            assert_eq!(read, expected);
        }
    }

    #[test]
    fn what_nobody_wrote_is_no_record() {
        let key = [0.0; 4];
        for (version, started, ending, key) in [
            (2.0, 1.0, 0.0, &key[..]),
            (1.0, -1.0, 0.0, &key),
            (1.0, 1.5, 0.0, &key),
            (1.0, f64::NAN, 0.0, &key),
            (1.0, 1e300, 0.0, &key),
            (1.0, 1.0, 3.0, &key),
            (1.0, 1.0, 0.0, &key[1..]),
            (1.0, 1.0, 0.0, &[0.0, 0.0, 0.0, 4_294_967_296.0]),
            (1.0, 1.0, 0.0, &[0.0, 0.0, 0.0, -1.0]),
            (1.0, 1.0, 0.0, &[0.0, 0.0, 0.0, f64::INFINITY]),
        ] {
            let mut numbers = vec![version, started, ending];
            numbers.extend(key);
            assert_eq!(Record::read(&numbers), None, "{numbers:?}");
        }
        assert_eq!(Record::read(&[]), None);
        assert_eq!(Record::read(&[1.0, 1.0]), None);
    }

    #[test]
    fn an_end_outlives_what_other_tabs_note() {
        let ended = begun().noted(Note::Ended(Ending::Untold));
        for note in [
            Note::Seen(LATER),
            Note::Pending(KEY),
            Note::Answered(KEY),
            Note::Over,
        ] {
            assert_eq!(ended.noted(note), ended);
        }
        assert_eq!(ended.noted(Note::Told), Record::default());
        assert_eq!(ended.noted(Note::Begun(LATER)).started, Some(LATER));
    }

    #[test]
    fn a_server_that_was_told_of_an_older_end_says_nothing_of_a_new_session() {
        assert_eq!(begun().noted(Note::Told), begun());
    }

    #[test]
    fn an_answer_settles_its_own_renewal_only() {
        let pending = begun().noted(Note::Pending(KEY));
        assert_eq!(pending.noted(Note::Answered(RenewalKey(1))), pending);
        assert_eq!(pending.noted(Note::Answered(KEY)), begun());
    }

    #[test]
    fn a_session_keeps_its_start() {
        assert_eq!(begun().noted(Note::Seen(LATER)), begun());
        let seen = Record::default().noted(Note::Seen(LATER));
        assert_eq!(seen.started, Some(LATER));
    }
}
