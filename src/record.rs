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
#[cfg_attr(
    feature = "recording",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "kebab-case")
)]
pub enum Ending {
    /// The server is still to be told.
    Untold,
    /// The server is not to be told.
    Local,
}

/// The record of a session, shared by the tabs of its name.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
#[cfg_attr(feature = "recording", derive(serde::Serialize, serde::Deserialize))]
pub struct Record {
    /// When the user signed in, or the session was first seen.
    pub started: Option<Timestamp>,
    /// How the session ended, where it did and nothing has begun since.
    pub ending: Option<Ending>,
    /// The key of the last attempt, while no answer to it is known.
    pub key: Option<RenewalKey>,
    /// Whether the server has answered another attempt with that key since.
    pub answered: bool,
    /// When the last attempt was sent.
    pub sent: Option<Timestamp>,
    /// When the last two were sent that may still be on their way, whatever their keys; the later first.
    pub open: [Option<Timestamp>; 2],
    /// The newest activity, where that is of interest.
    pub activity: Option<Activity>,
}

/// What is noted in the record.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[cfg_attr(
    feature = "recording",
    derive(serde::Serialize),
    serde(rename_all = "kebab-case")
)]
pub enum Note {
    /// The user has signed in.
    Begun(Timestamp),
    /// There is a session, begun no later than this.
    Seen(Timestamp),
    /// An attempt is about to be sent with this key, at this instant.
    Pending(RenewalKey, Timestamp),
    /// The attempt that was sent then is not on its way any longer.
    Settled(Timestamp),
    /// The server has answered the attempt with this key that was sent then. A later one with the same
    /// key may have found a newer cookie, and have brought the next.
    Answered(RenewalKey, Timestamp),
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
    /// The server says that there is no session any longer that was begun up to then.
    Over(Timestamp),
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
            Note::Pending(key, at) => Record {
                key: Some(key),
                answered: false,
                sent: Some(at),
                open: [Some(at), self.open[0]],
                ..self
            },
            Note::Settled(sent) => Record {
                open: match self.open {
                    [last, before] if last == Some(sent) => [before, None],
                    [last, before] => [last, before.filter(|before| *before != sent)],
                },
                ..self
            },
            Note::Answered(key, sent) if self.key == Some(key) => Record {
                key: self.key.filter(|_| self.sent > Some(sent)),
                answered: self.sent > Some(sent),
                ..self
            },
            Note::Answered(..) => self,
            Note::Active { activity, now } => {
                let kept = self.activity.filter(|kept| kept.at <= now);
                Record {
                    activity: Some(kept.map_or(activity, |kept| kept.joined(activity))),
                    ..self
                }
            }
            Note::Over(started) if self.started > Some(started) => self,
            Note::Over(_) => Record::default(),
        }
    }

    /// Reads the written form; nothing for anything else.
    pub fn read(numbers: &[f64]) -> Option<Record> {
        let &[
            version,
            started,
            ending,
            sent,
            open,
            before,
            answered,
            ref rest @ ..,
        ] = numbers
        else {
            return None;
        };
        if version != VERSION {
            return None;
        }
        // The key has four numbers, an activity two.
        let (activity, key) = rest.split_at(rest.len() & 2);
        Some(Record {
            started: maybe_instant(started)?,
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
            answered: match answered {
                0.0 => false,
                1.0 => true,
                _ => return None,
            },
            sent: maybe_instant(sent)?,
            open: [maybe_instant(open)?, maybe_instant(before)?],
            activity: match *activity {
                [at, seen] => Some(Activity {
                    at: maybe_instant(at)??,
                    seen: maybe_instant(seen)?,
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
        let mut numbers = vec![
            VERSION,
            millis(self.started),
            ending,
            millis(self.sent),
            millis(self.open[0]),
            millis(self.open[1]),
            f64::from(self.answered),
        ];
        if let Some(Activity { at, seen }) = self.activity {
            numbers.extend([millis(Some(at)), millis(seen)]);
        }
        if let Some(key) = self.key {
            numbers.extend(key.to_words());
        }
        numbers
    }
}

/// A whole number of milliseconds after the epoch, as a browser's clock shows it, or 0 for none.
fn maybe_instant(millis: f64) -> Option<Option<Timestamp>> {
    let shown = millis.trunc() == millis && (0.0..=LAST_INSTANT).contains(&millis);
    shown.then_some((millis > 0.0).then_some(Timestamp::from_millis(millis as i64)))
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
            begun().noted(Note::Pending(KEY, LATER)),
            Record::default().noted(Note::Pending(KEY, LATER)),
            begun()
                .noted(Note::Pending(KEY, LATER))
                .noted(Note::Answered(KEY, LATER)),
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
        for (version, started, ending, sent, key) in [
            (2.0, 1.0, 0.0, 1.0, &key[..]),
            (1.0, -1.0, 0.0, 1.0, &key),
            (1.0, 1.5, 0.0, 1.0, &key),
            (1.0, f64::NAN, 0.0, 1.0, &key),
            (1.0, 1e300, 0.0, 1.0, &key),
            (1.0, 1.0, 3.0, 1.0, &key),
            (1.0, 1.0, 0.0, -1.0, &key),
            (1.0, 1.0, 0.0, 0.5, &key),
            (1.0, 1.0, 0.0, 1.0, &key[1..]),
            (1.0, 1.0, 0.0, 1.0, &[0.0, 0.0, 0.0, 4_294_967_296.0]),
            (1.0, 1.0, 0.0, 1.0, &[0.0, 0.0, 0.0, -1.0]),
            (1.0, 1.0, 0.0, 1.0, &[0.0, 0.0, 0.0, f64::INFINITY]),
        ] {
            let mut numbers = vec![version, started, ending, 0.0, sent, 0.0, 0.0];
            numbers.extend(key);
            assert_eq!(Record::read(&numbers), None, "{numbers:?}");
        }
        assert_eq!(Record::read(&[]), None);
        assert_eq!(Record::read(&[1.0, 1.0, 0.0]), None);
    }

    #[test]
    fn an_end_outlives_what_other_tabs_note() {
        let ended = begun().noted(Note::Ended(Ending::Untold));
        for note in [
            Note::Seen(LATER),
            Note::Pending(KEY, LATER),
            Note::Answered(KEY, LATER),
            Note::Over(LATER),
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
    fn the_servers_end_of_a_session_says_nothing_of_a_later_one() {
        assert_eq!(begun().noted(Note::Over(AT)), Record::default());
        let newer = begun().noted(Note::Begun(LATER));
        assert_eq!(newer.noted(Note::Over(AT)), newer);
    }

    #[test]
    fn an_answer_settles_its_own_renewal_only() {
        let pending = begun().noted(Note::Pending(KEY, LATER));
        assert_eq!(pending.noted(Note::Answered(RenewalKey(1), LATER)), pending);
        assert_eq!(pending.noted(Note::Answered(KEY, LATER)).key, None);
        // It was the answer to another attempt with this key.
        let answered = pending.noted(Note::Answered(KEY, AT));
        assert_eq!((answered.key, answered.answered), (Some(KEY), true));
    }

    #[test]
    fn an_attempt_may_be_on_its_way_after_another_was_answered() {
        let pending = begun()
            .noted(Note::Pending(KEY, AT))
            .noted(Note::Pending(KEY, LATER));
        assert_eq!(pending.open, [Some(LATER), Some(AT)]);
        let other = Timestamp::from_millis(7);
        assert_eq!(pending.noted(Note::Settled(other)), pending);
        assert_eq!(pending.noted(Note::Settled(AT)).open, [Some(LATER), None]);
        let answered = pending
            .noted(Note::Answered(KEY, LATER))
            .noted(Note::Settled(LATER));
        assert_eq!(answered.open, [Some(AT), None]);
        let settled = answered.noted(Note::Settled(AT));
        assert_eq!((settled.open, settled.sent), ([None; 2], Some(LATER)));
    }

    #[test]
    fn a_session_keeps_its_start() {
        assert_eq!(begun().noted(Note::Seen(LATER)), begun());
        let seen = Record::default().noted(Note::Seen(LATER));
        assert_eq!(seen.started, Some(LATER));
    }
}
