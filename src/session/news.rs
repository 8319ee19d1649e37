//! What tabs tell each other of the session.

use crate::state::{By, EndReason};
use crate::tabs::{Message, PeerMessage};
use crate::time::Timestamp;

use super::peers::Pending;
use super::{Phase, Session};

impl Session {
    pub(super) fn heard(&mut self, PeerMessage { from, message }: PeerMessage) {
        if from == self.cx.tab || !self.cx.joined {
            return;
        }
        self.meet(from);
        match message {
            Message::Hello { started, asks } => {
                if asks {
                    self.answer_hello(started);
                }
            }
            Message::Granted(grant) => {
                self.peers.pending = self.peers.pending.filter(|pending| pending.tab != from);
                self.heard_grant(grant);
            }
            Message::Ended {
                started,
                reason,
                untold,
            } => self.heard_end(started, reason, untold),
            Message::Active(activity) => self.heard_activity(activity),
            Message::Pending(key, sent) => {
                let tab = from;
                self.peers.pending = Some(Pending { tab, key, sent });
            }
            Message::Failed { failures, until } => {
                let until = self.cx.off_wall(until);
                self.renewal.heard_failure(failures, until, &mut self.cx);
                self.held_back();
            }
            Message::Bye => self.gone(from),
        }
    }

    fn answer_hello(&mut self, theirs: Option<Timestamp>) {
        match self.peers.over {
            Some((started, reason)) if theirs.is_some_and(|theirs| theirs <= started) => {
                self.cx.post(Message::Ended {
                    started,
                    reason,
                    untold: false,
                });
            }
            _ if self.is_live() => {
                self.tell_grant();
                self.post_activity();
            }
            _ => self.hello(false),
        }
    }

    /// The session has ended here: it ends in every tab.
    pub(super) fn tell_end(&mut self, reason: EndReason, untold: bool) {
        let now = self.cx.read().wall;
        let started = self.session_started().unwrap_or(now);
        self.over(started, reason);
        self.cx.post(Message::Ended {
            started,
            reason,
            untold,
        });
    }

    /// Nothing that was begun up to then counts any longer.
    pub(super) fn over(&mut self, started: Timestamp, reason: EndReason) {
        if !self.peers.is_over(started) {
            self.peers.over = Some((started, reason));
        }
        self.peers.held = None;
        self.peers.started = None;
        self.peers.pending = None;
    }

    fn heard_end(&mut self, started: Timestamp, reason: EndReason, untold: bool) {
        if self.session_started().is_some_and(|ours| ours > started) {
            return;
        }
        if !matches!(self.phase, Phase::SignedOut { .. }) {
            // A tab that has come since the end may have its token from here.
            self.cx.post(Message::Ended {
                started,
                reason,
                untold,
            });
        }
        self.over(started, reason);
        self.end_elsewhere(reason);
        if untold && self.cx.config.logout && self.renewal.is_expected() {
            // The other tab tells the server, but this one's cookie may come after that.
            self.farewell.expect();
        }
    }

    /// The session has ended in another tab.
    pub(super) fn end_elsewhere(&mut self, reason: EndReason) {
        if let Some(started) = self.session_started() {
            self.over(started, reason);
        }
        match self.phase {
            Phase::SignedOut { .. } => {}
            Phase::Starting { resumed: false, .. } => {
                self.renewal.abandon(&mut self.cx);
                self.sign_off(None);
                self.stand();
            }
            Phase::Live { .. } | Phase::Starting { .. } => {
                self.finish(reason, By::OtherTab, None);
            }
        }
    }
}
