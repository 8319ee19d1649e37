//! How a session starts and goes on.

use crate::effect::{Effect, RenewalKey, Settlement, Ticket};
use crate::event::Event;
use crate::grant::{Grant, Terms};
use crate::record::{Ending, Note, Record};
use crate::renewal::Completed;
use crate::schedule::{Before, renewal_due};
use crate::state::{By, EndReason};
use crate::tabs::Generation;
use crate::time::Monotonic;
use crate::timer::Timer;
use crate::waiters::Wish;

use super::{Held, Phase, Session};

impl Session {
    pub(super) fn restore(&mut self, ticket: Ticket, fresh: bool, record: &Record) {
        self.join();
        match self.phase {
            Phase::Live { .. } if fresh => {
                // Perhaps as somebody else.
                let started = self.begun_now().started;
                self.note(Note::Begun(started));
                self.replaced(started);
                self.wait_for(ticket, Wish::Start);
                self.look_anew();
            }
            Phase::Live { .. }
            | Phase::Starting {
                degraded: Some(_), ..
            } => {
                self.reply(ticket, Settlement::Done);
            }
            Phase::Starting { degraded: None, .. } => self.wait_for(ticket, Wish::Start),
            Phase::SignedOut { .. } if record.ending.is_some() && !fresh => {
                // A tab that has not heard of the end has nothing to hand over.
                self.over(self.cx.read().wall, EndReason::SignedOut);
                if self.cx.config.logout && record.ending == Some(Ending::Untold) {
                    self.farewell.start(&mut self.cx);
                }
                self.reply(ticket, Settlement::Done);
            }
            Phase::SignedOut { .. } => {
                self.farewell.cancel(&mut self.cx);
                self.peers.started = record.started;
                if fresh {
                    let started = self.begun_now().started;
                    self.peers.started = Some(started);
                    self.note(Note::Begun(started));
                }
                self.phase = Phase::Starting {
                    degraded: None,
                    resumed: false,
                };
                if fresh {
                    self.watch_idle(self.cx.at());
                } else {
                    self.recall_use(record);
                }
                if let Some(started) = self.peers.started {
                    self.date_from(started);
                    self.plan_age();
                }
                if let Some(reason) = self.outlived() {
                    self.end(reason);
                    self.reply(ticket, Settlement::Done);
                    return;
                }
                self.wait_for(ticket, Wish::Start);
                self.renewal.start(&mut self.cx);
            }
        }
    }

    pub(super) fn note(&mut self, note: Note) {
        self.cx.effects.push_back(Effect::Note(note));
    }

    /// A key for the renewal was drawn, unless the session has ended in another tab.
    pub(super) fn key_drawn(&mut self, key: RenewalKey, record: &Record) {
        if !self.renewal.is_drawing() {
            return;
        }
        if record.ending.is_some() {
            self.end_elsewhere(EndReason::SignedOut);
            return;
        }
        if record.started > self.session_started() {
            // The cookie is that of another session than the token.
            self.replaced_by(record);
        }
        self.hear_record(record);
        if self.is_locked() {
            self.renewal.hold(&mut self.cx);
            return;
        }
        self.renewal.check_key(record);
        // A record that knows of the attempt knows as well whether it was answered.
        let heard = self.peers.pending;
        let heard = heard.filter(|pending| record.sent < Some(pending.sent));
        let pending = record.key.or(heard.map(|pending| pending.key));
        // It was answered already: this would be the next renewal, whatever its key.
        let repeats = pending.is_some() && !record.answered;
        if self
            .renewal
            .yields(repeats, self.peers.sent, record, &mut self.cx)
        {
            return;
        }
        self.peers.pending = None;
        self.renewal.key_drawn(key, pending, record, &mut self.cx);
    }

    pub(super) fn replaced_by(&mut self, record: &Record) {
        if let Some(started) = record.started {
            self.replaced(started);
            self.recall_use(record);
        }
    }

    /// What was held is not believed any longer: the other tabs or the server are asked.
    pub(super) fn look_anew(&mut self) {
        self.renewal.abandon(&mut self.cx);
        self.forget();
        self.renewal.start(&mut self.cx);
    }

    /// What was held is of no use any longer.
    pub(super) fn forget(&mut self) {
        for timer in [
            Timer::Renew,
            Timer::Lapse,
            Timer::GiveUp,
            Timer::SessionEnd,
            Timer::SessionEnding,
        ] {
            self.cx.timers.stop(timer);
        }
        self.hard = None;
        self.deferred = false;
        let resumed = match self.phase {
            Phase::Starting { resumed, .. } => resumed,
            _ => true,
        };
        self.phase = Phase::Starting {
            degraded: None,
            resumed,
        };
    }

    /// A grant makes a session: by a sign-in, or because the cookie stood for one.
    pub(super) fn establish(
        &mut self,
        grant: Grant,
        terms: Terms,
        sent: Monotonic,
        generation: Generation,
        restored: bool,
    ) {
        let due = self.due(terms, sent, None);
        let degraded = self.degraded();
        self.adopt(grant, terms, sent, due, false);
        self.settle_in(generation);
        self.hold(generation);
        self.cx.emit(Event::Started { restored });
        self.recovered(degraded);
        self.serve_all();
    }

    /// The token is this tab's own: the others hear of it.
    fn hold(&mut self, generation: Generation) {
        self.peers.hold(generation);
        self.tell_grant();
        self.hand_over();
    }

    /// There is a session where there was none, or another one.
    pub(super) fn settle_in(&mut self, generation: Generation) {
        self.date_from(generation.started);
        self.plan_end();
        self.watch_idle(self.cx.off_wall(generation.started));
        self.spread_activity(true);
    }

    pub(super) fn due(
        &mut self,
        terms: Terms,
        sent: Monotonic,
        before: Option<Before>,
    ) -> Monotonic {
        let cx = &mut self.cx;
        renewal_due(terms, sent, before, &cx.config.renewal, &mut cx.rng)
    }

    /// Whether a sign-in's answer is for the session that there is, as after step-up.
    pub(super) fn goes_on_with(&self, grant: &Grant) -> bool {
        let held = self.held().and_then(|held| held.identity.as_ref());
        held.is_some_and(|held| held.subject.is_some()) && held == grant.identity.as_ref()
    }

    /// The session goes on with another token, which no renewal has brought.
    pub(super) fn upgraded(&mut self, grant: Grant, terms: Terms, sent: Monotonic) {
        let generation = self.asked_now();
        self.go_on_with(grant, terms, sent, generation, Completed::default());
    }

    /// A renewal has brought a grant.
    pub(super) fn renewed(
        &mut self,
        grant: Grant,
        terms: Terms,
        sent: Monotonic,
        generation: Generation,
    ) {
        self.renewal.drop_key();
        let completed = self.renewal.complete(&mut self.cx);
        if !self.peers.is_newest(generation) {
            // Another tab has something newer, or there is another session.
            self.hand_over();
            self.go_on(Settlement::Done);
            return;
        }
        self.note(Note::Seen(generation.started));
        self.go_on_with(grant, terms, sent, generation, completed);
    }

    fn go_on_with(
        &mut self,
        grant: Grant,
        terms: Terms,
        sent: Monotonic,
        generation: Generation,
        completed: Completed,
    ) {
        let (before, degraded) = match &self.phase {
            Phase::SignedOut { .. } => return,
            Phase::Starting { .. } => {
                return self.establish(grant, terms, sent, generation, true);
            }
            Phase::Live { held, degraded } => (
                Before {
                    sent: held.sent,
                    expiry: held.terms.expiry,
                },
                *degraded,
            ),
        };
        let due = self.due(terms, sent, Some(before));
        self.adopt(grant, terms, sent, due, true);
        self.hold(generation);
        let token_expires_at = self.cx.instant(terms.expiry);
        let (attempts, took) = (completed.attempts, completed.took);
        self.cx.emit(Event::Renewed {
            by: By::ThisTab,
            token_expires_at,
            attempts,
            took,
        });
        self.recovered(degraded);
        self.serve_all();
    }

    /// A renewal is over without a token of its own.
    pub(super) fn go_on(&mut self, settlement: Settlement) {
        let Some(held) = self.held() else {
            self.renewal.start(&mut self.cx);
            return;
        };
        let (terms, sent) = (held.terms, held.sent);
        if self.cx.timers.get(Timer::Renew).is_none() {
            let due = self.due(terms, sent, None);
            self.cx.timers.set(Timer::Renew, due);
        }
        self.settle(|wish| (wish == Wish::Renewal).then_some(settlement));
        self.serve_tokens();
        self.renew_for_waiters();
    }

    /// Since when the session suffers.
    pub(super) fn degraded(&self) -> Option<Monotonic> {
        match self.phase {
            Phase::SignedOut { .. } => None,
            Phase::Starting { degraded, .. } | Phase::Live { degraded, .. } => degraded,
        }
    }

    pub(super) fn recovered(&mut self, degraded: Option<Monotonic>) {
        if let Some(since) = degraded {
            self.cx.emit(Event::Recovered {
                after: self.cx.at() - since,
            });
        }
    }

    /// Holds a token; `goes_on` says that it is one of the session that there is.
    pub(super) fn adopt(
        &mut self,
        grant: Grant,
        terms: Terms,
        sent: Monotonic,
        due: Monotonic,
        goes_on: bool,
    ) {
        self.date_by(&grant);
        let cx = &mut self.cx;
        cx.timers.stop(Timer::GiveUp);
        cx.timers.set(Timer::Renew, due);
        cx.timers.set(Timer::Lapse, terms.expiry);
        if let Some(end) = terms.session_end {
            cx.timers.set(Timer::SessionEnd, end);
        } else if !goes_on {
            cx.timers.stop(Timer::SessionEnd);
        }
        self.deferred = false;
        self.generation = self.generation.wrapping_add(1);
        if !goes_on {
            self.first_generation = self.generation;
        }
        self.owe(sent, goes_on);
        let held = Held {
            granted: grant.granted(),
            authenticated: grant.authenticated(),
            token: grant.token,
            identity: grant.identity,
            terms,
            sent,
        };
        self.phase = Phase::Live {
            held,
            degraded: None,
        };
        self.plan_end();
    }

    /// There is a new token: everybody who waited gets what can be had.
    pub(super) fn serve_all(&mut self) {
        self.settle(|wish| matches!(wish, Wish::Start | Wish::Renewal).then_some(Settlement::Done));
        self.serve_tokens();
        self.renew_for_waiters();
        self.probe_unless_known();
    }
}
