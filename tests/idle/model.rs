//! When a session ends that nobody uses: told once more, in true time and without tabs.
//!
//! A tab that is killed may take what its user did last with it, and one that has just woken may not know
//! yet that it counts. So there are two ends: the session ends between them.

/// The timers of a page that is shown are so late.
pub(crate) const LATE: i64 = 50;
/// The record is written so often.
const NOTED: i64 = 15_000 + 200;
/// A page that has woken asks the others before it warns.
const WARNS_WITHIN: i64 = 1000 + 2 * LATE;

/// What the application has chosen, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Choice {
    pub(crate) timeout: i64,
    pub(crate) warning: i64,
    pub(crate) confirm: bool,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Bound {
    choice: Choice,
    pub(crate) active: i64,
    /// When a page was first shown within the warning.
    seen: Option<i64>,
    /// The same of a page that must have warned.
    warned: Option<i64>,
    /// Tabs may be so wrong on how late it is.
    vague: i64,
}

impl Bound {
    fn new(choice: Choice, active: i64) -> Bound {
        Bound {
            choice,
            active,
            seen: None,
            warned: None,
            vague: 0,
        }
    }

    pub(crate) fn deadline(&self) -> i64 {
        self.active + self.choice.timeout
    }

    pub(crate) fn warns_at(&self) -> i64 {
        self.deadline() - self.choice.warning
    }

    pub(crate) fn end(&self) -> i64 {
        let answer = self.choice.warning.min(20_000);
        self.deadline()
            .max(self.seen.map_or(i64::MIN, |seen| seen + answer))
    }

    /// Whether something that the user does counts.
    fn takes(&self, stays: bool, at: i64) -> bool {
        match stays || !self.choice.confirm {
            true => at < self.end(),
            false => at < self.warns_at(),
        }
    }

    fn used(&mut self, at: i64) {
        if at > self.active {
            *self = Bound::new(self.choice, at);
        }
    }

    /// A page has been shown from then to now: it counts at once, as soon as it can count.
    fn may_be_seen(&mut self, from: i64, to: i64) {
        let first = from.max(self.warns_at() - self.vague);
        if first <= to && first + LATE < self.deadline() - self.vague {
            self.seen = Some(self.seen.map_or(first, |seen| seen.min(first)));
        }
    }

    /// It counts when it must have given the warning. As long as none must have, the last that may have counts.
    fn must_be_seen(&mut self, from: i64, to: i64) {
        let first = from.max(self.warns_at() + self.vague);
        let warned = first + WARNS_WITHIN;
        if warned <= to && warned < self.deadline() - self.vague {
            self.seen = Some(self.warned.map_or(warned, |seen| seen.min(warned)));
            self.warned = self.seen;
        } else if self.warned.is_none()
            && self.warns_at() - self.vague <= to
            && from < self.deadline() + self.vague
        {
            self.seen = self
                .seen
                .max(Some(from.max(self.warns_at()) + WARNS_WITHIN + self.vague));
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Model {
    choice: Choice,
    /// Not before its end.
    pub(crate) low: Bound,
    /// Not after its end.
    pub(crate) high: Bound,
    /// The newest activity of which the record must know.
    sure: i64,
}

impl Model {
    pub(crate) fn new(choice: Choice, at: i64) -> Model {
        let bound = Bound::new(choice, at);
        Model {
            choice,
            low: bound,
            high: bound,
            sure: at,
        }
    }

    /// The clocks have come apart: each tab finds out by itself how late it is, more or less.
    pub(crate) fn parted(&mut self, vague: i64) {
        self.low.vague = vague;
        self.high.vague = vague;
    }

    /// A page has been shown from then to now, and could do something.
    pub(crate) fn shown(&mut self, from: i64, to: i64) {
        self.low.may_be_seen(from, to);
        self.high.must_be_seen(from, to);
    }

    /// The user has done something, which the tab takes at once where it is composed, and otherwise within so
    /// long; its time may be wrong by so much, and its end come so much later. Tells whether it counts for certain.
    pub(crate) fn used(
        &mut self,
        stays: bool,
        at: i64,
        within: Option<i64>,
        wrong: i64,
        later: i64,
    ) -> bool {
        let certain = within.is_none() && self.low.takes(stays, at + wrong);
        if self.high.takes(stays, at - wrong - later) {
            self.high.used(at + within.unwrap_or(0));
        }
        if certain {
            self.low.used(at);
            if stays {
                self.sure = self.sure.max(at);
            }
        }
        certain
    }

    /// A tab has told what it knows.
    pub(crate) fn told(&mut self, acted: i64) {
        self.sure = self.sure.max(acted);
    }

    /// A tab is no more, perhaps without having told what its user did last; `others` is the newest activity
    /// in the tabs that are left.
    pub(crate) fn lost(&mut self, acted: i64, others: i64) {
        let known = others.max(self.sure).max(acted - NOTED);
        if known < self.low.active {
            self.low = Bound::new(self.choice, known);
            // Perhaps a page was shown within that warning already.
            self.low.seen = Some(known);
        }
    }
}
