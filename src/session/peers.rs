//! The tabs that keep the session together: who is there, who has the newest token, who renews.

use crate::effect::{Effect, RenewalKey, TurnId};
use crate::record::Record;
use crate::state::EndReason;
use crate::tabs::{Generation, Message, Standing, TabId};
use crate::time::{Span, Timestamp};

use super::{Phase, Session};

/// An attempt of another tab of which no answer is known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pending {
    pub(super) tab: TabId,
    pub(super) key: RenewalKey,
    pub(super) sent: Timestamp,
}

/// What is known of the other tabs.
#[derive(Clone, Default, Debug)]
pub(super) struct Peers {
    pub(super) siblings: Vec<TabId>,
    /// Whether this tab has put everything down, to take it up again when its page is back.
    left: bool,
    /// The token that is held.
    pub(super) held: Option<Generation>,
    /// The newest token that any tab has.
    newest: Option<Generation>,
    /// Whoever has this one did not answer.
    silent: Option<Generation>,
    /// When the session was begun, where a record or another tab tells it.
    pub(super) started: Option<Timestamp>,
    /// The last session that is over: when it was begun, and why it ended.
    pub(super) over: Option<(Timestamp, EndReason)>,
    /// The last attempt that was told of and not answered.
    pub(super) pending: Option<Pending>,
    /// When the last attempt was sent that a tab is seen to have without an answer.
    pub(super) sent: Option<Timestamp>,
}

impl Peers {
    pub(super) fn is_over(&self, started: Timestamp) -> bool {
        self.over.is_some_and(|(over, _)| started <= over)
    }

    pub(super) fn hold(&mut self, generation: Generation) {
        self.held = Some(generation);
        self.started = Some(generation.started);
        self.pending = None;
        self.has_seen(generation);
    }

    pub(super) fn has_seen(&mut self, generation: Generation) {
        if !self.is_over(generation.started) {
            self.newest = self.newest.max(Some(generation));
        }
    }

    /// Whether another tab has a token that this one lacks.
    fn is_missing(&self) -> bool {
        self.newest > self.silent && self.newest.is_some_and(|newest| self.is_news(newest))
    }

    /// Whether a token of this tab is news, and no later session is known of.
    pub(super) fn is_newest(&self, generation: Generation) -> bool {
        let later = |newest: Generation| newest.started > generation.started;
        self.is_news(generation) && !self.newest.is_some_and(later)
    }

    /// Whether a token is newer than what this tab has, and its session the same or a later one.
    pub(super) fn is_news(&self, generation: Generation) -> bool {
        let started = generation.started;
        Some(generation) > self.held && Some(started) >= self.started && !self.is_over(started)
    }
}

impl Session {
    /// Takes part, from the first use of the session on.
    pub(super) fn join(&mut self) {
        let tabs = self.cx.config.tabs;
        if self.cx.joined || !(tabs.locks || tabs.channel) {
            return;
        }
        self.cx.joined = true;
        let tab = self.cx.tab;
        self.cx.effects.push_back(Effect::Join { tab });
        self.stand();
    }

    /// The others can see this tab: a tab that is heard of but cannot be seen would count as gone.
    pub(super) fn joined(&mut self) {
        self.hello(true);
        if self.is_live() {
            self.tell_grant();
        }
        if self.cx.joined && self.cx.config.tabs.locks {
            self.cx.effects.push_back(Effect::LookAround);
        }
    }

    pub(super) fn hello(&mut self, asks: bool) {
        let started = self.session_started();
        self.cx.post(Message::Hello { started, asks });
    }

    /// When the session was begun that this tab knows of.
    pub(super) fn session_started(&self) -> Option<Timestamp> {
        self.peers
            .held
            .map(|held| held.started)
            .or(self.peers.started)
    }

    /// The number of the token of a sign-in now: newer than any that is known.
    pub(super) fn begun_now(&self) -> Generation {
        let Peers { newest, over, .. } = self.peers;
        let last = newest.max(self.peers.held).map(|newest| newest.started);
        let started = self.later_than(last.max(over.map(|(started, _)| started)));
        Generation {
            started,
            asked: started,
            tab: self.cx.tab,
        }
    }

    /// The number of the token that an attempt brings which is sent now. It is that of the attempt and
    /// not of its answer: however late that comes, what was asked for later is newer.
    pub(super) fn asked_now(&self) -> Generation {
        let newest = self.peers.newest.max(self.peers.held);
        let over = self.peers.over.map(|(started, _)| started);
        let started = self
            .session_started()
            .max(newest.map(|newest| newest.started));
        let started = match started {
            Some(started) if !self.peers.is_over(started) => started,
            _ => self.later_than(over),
        };
        let same = newest.filter(|newest| newest.started == started);
        Generation {
            started,
            asked: self.later_than(same.map(|newest| newest.asked)),
            tab: self.cx.tab,
        }
    }

    /// Now, or right after an instant of another tab that is later.
    fn later_than(&self, last: Option<Timestamp>) -> Timestamp {
        let now = self.cx.read().wall;
        last.map_or(now, |last| now.max(last + Span::from_millis(1)))
    }

    /// Shows the others where this tab stands.
    pub(super) fn stand(&mut self) {
        if self.cx.joined && self.cx.config.tabs.locks {
            let failing = self.renewal.failing();
            let standing = Standing {
                generation: self.peers.held,
                failures: failing.failures,
                until: failing.until.map(|until| self.cx.on_wall(until)),
                sent: self.renewal.sent(),
            };
            self.cx.effects.push_back(Effect::Stand(standing));
        }
    }

    /// Lets the next tab renew, once it can see what has come of it here.
    pub(super) fn hand_over(&mut self) {
        self.stand();
        self.renewal.turn.end(&mut self.cx);
    }

    pub(super) fn tabs(&self) -> u32 {
        (self.peers.siblings.len() as u32).saturating_add(1)
    }

    pub(super) fn meet(&mut self, tab: TabId) {
        if tab != self.cx.tab && !self.peers.siblings.contains(&tab) {
            self.peers.siblings.push(tab);
            if self.cx.config.tabs.locks {
                self.cx.effects.push_back(Effect::Watch { tab });
            }
        }
    }

    pub(super) fn gone(&mut self, tab: TabId) {
        self.peers.siblings.retain(|sibling| *sibling != tab);
    }

    pub(super) fn around(&mut self, tabs: Vec<TabId>, standings: &[Standing]) {
        for tab in tabs {
            self.meet(tab);
        }
        self.peers.sent = standings.iter().filter_map(|standing| standing.sent).max();
        for standing in standings {
            if let Some(generation) = standing.generation {
                self.peers.has_seen(generation);
            }
            if let Some(until) = standing.until
                && standing.failures > 0
            {
                let until = self.cx.off_wall(until);
                self.renewal.saw(standing.failures, until, &mut self.cx);
            }
        }
    }

    /// It is this tab's turn: if another has renewed meanwhile, its token is as good.
    pub(super) fn turn_came(&mut self, id: TurnId) {
        if !self.renewal.turn.came(id, &mut self.cx) {
            return;
        }
        if self.cx.config.tabs.shares() && self.peers.is_missing() {
            self.renewal.ask_peers(&mut self.cx);
            self.hello(true);
        } else {
            self.renewal.turn_came(&mut self.cx);
            self.held_back();
        }
    }

    /// Whoever has a newer token does not answer: it is frozen, or hung.
    pub(super) fn peer_limit(&mut self) {
        self.peers.silent = self.peers.newest;
        self.renewal.stop_asking(&mut self.cx);
    }

    /// The page is about to go: what is held would keep it out of the back/forward cache.
    /// What goes into that cache is wiped: when it comes back, others may look at it first.
    pub(super) fn leaving(&mut self, cached: bool) {
        self.spread_activity(true);
        if core::mem::take(&mut self.cx.joined) {
            self.peers.siblings.clear();
            self.peers.left = true;
            self.cx.effects.push_back(Effect::Leave);
        }
        self.renewal.set_away(true, &mut self.cx);
        if cached && !matches!(self.phase, Phase::SignedOut { .. }) {
            self.renewal.abandon(&mut self.cx);
            self.forget();
        }
    }

    /// The page is back: nothing can be read before it has looked whether it is still so.
    pub(super) fn returned(&mut self, persisted: bool, record: &Record) {
        self.hear_record(record);
        if record.ending.is_some() {
            self.end_elsewhere(EndReason::SignedOut);
        } else if persisted && !matches!(self.phase, Phase::SignedOut { .. }) {
            let started = record.started.or(self.session_started());
            self.peers = Peers {
                started,
                left: self.peers.left,
                over: self.peers.over,
                ..Peers::default()
            };
            self.look_anew();
        }
        if core::mem::take(&mut self.peers.left) {
            self.join();
        }
        self.renewal.set_away(false, &mut self.cx);
    }
}
