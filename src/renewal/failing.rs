//! What keeps renewals from succeeding, in this tab or another, and how much of it a server may bear.

use crate::retry_after;
use crate::time::{Monotonic, Span};

/// So many attempts may fail within [`GOVERNED`].
const MOST_FAILURES: usize = 10;
pub(super) const GOVERNED: Span = Span::from_secs(60);
/// A tab hears of what it has told itself, a little rounded.
const ROUNDING: Span = Span::from_millis(50);

#[derive(Clone, Default, Debug)]
pub(crate) struct Failing {
    /// Attempts in a row.
    pub(crate) failures: u32,
    /// When the next one is due.
    pub(crate) until: Option<Monotonic>,
    /// No attempt before this instant, whoever wants it: the server has asked for that.
    floor: Option<Monotonic>,
    /// When the last attempts failed, whatever they were for; the newest last.
    failed: [Option<Monotonic>; MOST_FAILURES],
}

impl Failing {
    /// Before this instant no attempt is made; one that is urged does not wait for its time.
    pub(super) fn earliest(&self, urged: bool) -> Option<Monotonic> {
        let [oldest, ..] = self.failed;
        let governed = oldest.map(|failed| failed + GOVERNED);
        let planned = self.until.filter(|_| !urged);
        governed.max(self.floor).max(planned)
    }

    /// Takes note of a failed attempt.
    pub(super) fn note(&mut self, now: Monotonic) {
        self.failed.copy_within(1.., 0);
        let [.., newest] = &mut self.failed;
        *newest = Some(now);
    }

    /// One more attempt has failed.
    pub(super) fn count(&mut self, now: Monotonic) {
        self.failures = self.failures.saturating_add(1);
        self.note(now);
    }

    /// Plans the next attempt, not before what the server has asked for and may bear; tells when it is
    /// due.
    pub(super) fn plan(&mut self, at: Monotonic, floor: Option<Monotonic>) -> Monotonic {
        self.floor = self.floor.max(floor);
        self.until = Some(at);
        self.until = self.earliest(false);
        self.until.unwrap_or(at)
    }

    /// Another tab waits until then, where no backoff is longer than `longest`; tells whether that is
    /// news.
    pub(super) fn hear(
        &mut self,
        failures: u32,
        until: Monotonic,
        longest: Span,
        now: Monotonic,
    ) -> bool {
        let wait = until - now;
        let sensible = wait > Span::ZERO && wait <= retry_after::LONGEST + longest;
        let known = |known: Monotonic| until - known < ROUNDING;
        if !sensible || self.until.is_some_and(known) {
            return false;
        }
        self.failures = self.failures.max(failures);
        self.until = Some(until);
        if wait > longest {
            self.floor = self.floor.max(self.until);
        }
        true
    }

    /// There is a reason to try again by then.
    pub(super) fn hope(&mut self, at: Monotonic) {
        self.until = self.until.min(Some(at));
    }

    /// A renewal has succeeded, or is of no interest any longer.
    pub(super) fn clear(&mut self) {
        (self.failures, self.until, self.floor) = (0, None, None);
    }
}
