//! Who takes what happens.

use crate::input::Input;
use crate::state::EndReason;
use crate::timer::Timer;

use super::Session;

impl Session {
    pub(super) fn dispatch(&mut self, input: Input) {
        match input {
            Input::Begin { ticket, answer } => self.begin(ticket, answer),
            Input::Restore {
                ticket,
                fresh,
                record,
            } => self.restore(ticket, fresh, &record),
            Input::Renew { ticket } => self.renew(ticket),
            Input::NeedToken {
                ticket,
                min_validity,
            } => self.need_token(ticket, min_validity),
            Input::Challenged {
                ticket,
                generation,
                challenge,
                url,
            } => self.challenged(ticket, generation, challenge, url),
            Input::Forget { ticket } => self.waiters.forget(ticket),
            Input::SignOut { ticket, logout } => self.sign_out(ticket, logout),
            Input::Revoked { session } => self.revoked(session.as_deref()),
            Input::KeyDrawn { key, record } => self.key_drawn(key, &record),
            Input::RecordRead(record) => self.record_read(&record),
            Input::RenewalSettled {
                id,
                exchange,
                outcome,
            } => {
                self.renewal_settled(id, exchange, outcome);
            }
            Input::Verified { id, verdict } => self.verified(id, verdict),
            Input::LogoutSettled { id, outcome } => self.logout_settled(id, outcome),
            Input::Connectivity { online } => {
                if online && !self.online {
                    self.renewal.online(&mut self.cx);
                    self.farewell.online(&mut self.cx);
                }
                self.online = online;
            }
            Input::Activity => self.used(false),
            Input::Extend => self.used(true),
            Input::Policy(policy) => self.govern(policy),
            Input::TimeProbed { id, exchange, date } => self.time_probed(id, exchange, date),
            Input::Visibility { visible } => self.visibility(visible),
            Input::Joined => self.joined(),
            Input::Peer(message) => self.heard(message),
            Input::Around { tabs, standings } => self.around(tabs, &standings),
            Input::TurnNear { id } => self.renewal.turn.near(id, &mut self.cx),
            Input::TurnCame { id } => self.turn_came(id),
            Input::TurnLost { id } => self.renewal.turn_lost(id, &mut self.cx),
            Input::Gone { tab } => self.gone(tab),
            Input::Leaving { cached } => self.leaving(cached),
            Input::Returned { persisted, record } => self.returned(persisted, &record),
            Input::Dispose => self.dispose(),
        }
    }

    pub(super) fn timer_passed(&mut self, timer: Timer) {
        match timer {
            Timer::Renew => self.renewal_due(),
            Timer::Retry => self.renewal.attempt(&mut self.cx),
            Timer::AttemptLimit => self.attempt_limit(),
            Timer::Lapse => {
                self.lapse();
                self.renewal.resume(&mut self.cx);
            }
            Timer::GiveUp => self.give_up(),
            Timer::SessionEnd => self.end(EndReason::Expired),
            Timer::MaxAge => self.end(EndReason::MaxAge),
            Timer::SessionEnding => self.announce_end(),
            Timer::Idle => self.idle_due(),
            Timer::WaitLimit => self.wait_limit(),
            Timer::ProbeLimit => self.believe_the_wall(),
            Timer::Look => {}
            Timer::TurnLimit => self.renewal.turn.pass_by(&mut self.cx),
            Timer::PeerLimit => self.peer_limit(),
            Timer::Farewell => self.farewell.time_passed(&mut self.cx),
        }
    }
}
