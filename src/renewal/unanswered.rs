//! Attempts without an answer: none is ever aborted, for its answer may bring the next cookie.

use crate::effect::{AttemptId, RenewalKey};
use crate::tabs::Generation;
use crate::time::{Monotonic, Span, Timestamp};

/// When an attempt was sent, with which key, and which token it brings.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Sent {
    pub(crate) at: Monotonic,
    /// As the record and the other tabs know it.
    pub(crate) noted: Timestamp,
    pub(crate) key: RenewalKey,
    pub(crate) generation: Generation,
}

#[derive(Clone, Default, Debug)]
pub(super) struct Unanswered(Vec<(AttemptId, Sent)>);

impl Unanswered {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The one that was sent last.
    pub(super) fn last(&self) -> Option<Sent> {
        let last = self.0.iter().max_by_key(|(_, sent)| sent.at);
        last.map(|(_, sent)| *sent)
    }

    pub(super) fn add(&mut self, id: AttemptId, sent: Sent) {
        self.0.push((id, sent));
    }

    /// Takes one out that was answered: nothing counts twice.
    pub(super) fn take(&mut self, id: AttemptId) -> Option<Sent> {
        let place = self.0.iter().position(|(attempt, _)| *attempt == id)?;
        Some(self.0.swap_remove(place).1)
    }

    /// A sleep is known of only now: attempts from this number on were sent after it.
    pub(super) fn add_sleep(&mut self, slept: Span, since: AttemptId) {
        for (id, sent) in &mut self.0 {
            if *id >= since {
                sent.at += slept;
            }
        }
    }
}
