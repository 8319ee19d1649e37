//! What is asserted after every step.

use super::*;

impl World {
    pub(super) fn told(&mut self, event: Event) {
        self.watch.event(&event, self.now);
        if matches!(event, Event::Started { .. } | Event::Renewed { .. }) {
            self.granted = self.offered;
            let sent = self.granted.map(|grant| grant.sent);
            self.credulous = self.credulous.filter(|jumped| sent <= Some(*jumped));
            self.jumped = self.jumped.filter(|jumped| sent <= Some(*jumped));
            if self.probing {
                // What was sent before the clocks came apart is taken to be old.
                self.jumped = Some(self.now);
            }
            self.needed = false;
            self.believed = self.cookie.map(|cookie| cookie.session);
        }
        let Event::Ended { reason, .. } = event else {
            return;
        };
        let over = self.believed.is_none_or(|session| {
            self.left.contains(&session) || self.server.is_over(session, self.now)
        });
        match reason {
            EndReason::Rejected => assert!(over, "rejected without a reason"),
            EndReason::Expired => {
                let end = self
                    .believed
                    .and_then(|session| self.server.session_end(session));
                let end = end.expect("an end that was told");
                // Whole seconds, and the drift.
                let early = end - self.now;
                let length = end - START;
                assert!(
                    self.jumped.is_some() || early <= 1000 + length / 1000,
                    "{early} ms too early"
                );
            }
            EndReason::SignedOut => assert_eq!(self.believed, None),
            EndReason::Unreachable | EndReason::InvalidToken => {}
            EndReason::IdleTimeout | EndReason::MaxAge | EndReason::Revoked => {
                panic!("none is configured")
            }
        }
        assert_ne!(reason, EndReason::InvalidToken);
        self.leave();
    }

    /// Nobody gets a token that has lapsed.
    pub(super) fn check_token(&self) {
        assert!(self.session.usable_token().is_some());
        let expiry = self.granted.expect("a grant").expiry;
        // A sleep of less than two seconds is not noticed, and hardly longer ones not told apart
        // from a clock that was set.
        assert!(
            self.now < expiry + 6000,
            "lapsed {} ms ago",
            self.now - expiry
        );
    }

    /// The server never takes a living session for stolen.
    pub(super) fn check_theft(&self) {
        let Some(session) = self.believed else { return };
        // Where the wall clock had to be believed, a good answer can seem to be too old.
        let excused = self.credulous.is_some() || self.left.contains(&session);
        let stolen = self.server.alarms.contains(&session);
        assert!(excused || !stolen, "taken for a theft");
    }

    /// Of its own accord a session renews no token in the first half of its life.
    pub(super) fn check_interval(&self, cause: Cause) {
        let (Cause::Own, Some(grant), None) = (cause, self.granted, self.jumped) else {
            return;
        };
        let Grant { sent, lifetime, .. } = grant;
        let half = lifetime / 2;
        let least = if self.needed { half.min(5000) } else { half };
        let passed = self.now - sent;
        // Where only `exp` tells the expiry, a wall clock that was set forward may mean sleep.
        if self.server.says_expires_in {
            let slack = 1000 + lifetime / 1000;
            assert!(
                passed >= least - slack,
                "renewed after {passed} of {lifetime} ms"
            );
        }
        // A second, on a clock that may be slow.
        assert!(passed >= 998, "renewed after {passed} ms");
    }

    /// The truth lies inside the interval that is reported.
    pub(super) fn check_clock(&self) {
        let clock = self.session.snapshot().clock;
        if clock.uncertainty == Span::MAX {
            return;
        }
        let truth = self.now - self.wall.div_euclid(NANOS);
        let off = (truth - clock.skew.as_millis()).abs();
        // A second of each is not worth a change.
        let most = clock.uncertainty.as_millis() + 2000;
        assert!(off <= most, "{truth} ms ahead, reported {clock:?}");
    }
}
