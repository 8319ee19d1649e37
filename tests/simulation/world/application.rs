//! An application that calls whatever it likes.

use super::*;

impl World {
    pub(super) fn application(&mut self) {
        let wait = Some(self.config.wait);
        let patience = self
            .config
            .wait
            .max(self.config.renewal.attempt_limit + Span::from_secs(1));
        let signed_out = self.session.state() == SessionState::SignedOut;
        let (fresh, record) = (false, self.record);
        match self.dice.between(0, 99) {
            _ if self.signing_in => {}
            0..=49 if signed_out => self.sign_in(),
            50..=79 if signed_out => {
                self.believed = self.cookie.map(|cookie| cookie.session);
                self.call(Cause::Asked, Some(patience), |ticket| Input::Restore {
                    ticket,
                    fresh,
                    record,
                });
            }
            0..=59 => {
                self.needed = true;
                self.call(Cause::Own, wait, |ticket| Input::NeedToken {
                    ticket,
                    min_validity: None,
                });
            }
            60..=74 => {
                self.needed = true;
                let secs = Span::from_secs(self.dice.spread(1, self.server.lifetime));
                self.call(Cause::Own, wait, |ticket| Input::NeedToken {
                    ticket,
                    min_validity: Some(secs),
                });
            }
            75..=88 => {
                self.call(Cause::Asked, Some(patience), |ticket| Input::Renew {
                    ticket,
                });
            }
            89..=94 => {
                self.call(Cause::Asked, Some(patience), |ticket| Input::Restore {
                    ticket,
                    fresh,
                    record,
                });
            }
            95 | 96 if self.dice.chance(30) => {
                let logout = self.dice.chance(70);
                self.leave();
                self.call(Cause::Own, Some(Span::from_secs(5)), |ticket| {
                    Input::SignOut { ticket, logout }
                });
            }
            97 if self.dice.chance(30) => self.sign_in(),
            // The session ends at the server.
            98 if self.dice.chance(30) => self.server.end(self.cookie),
            _ => {}
        }
        let busy = self.dice.chance(60);
        let pause = match busy {
            true => self.dice.spread(1, 20_000),
            false => self.dice.spread(1000, 2 * self.server.lifetime * 1000),
        };
        self.later(pause, Next::Application);
    }

    pub(super) fn sign_in(&mut self) {
        self.signing_in = true;
        let there = self.dice.between(5, 2000);
        self.later(there, Next::SignInArrives);
    }

    pub(super) fn call(
        &mut self,
        cause: Cause,
        limit: Option<Span>,
        input: impl FnOnce(Ticket) -> Input,
    ) {
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        self.watch.called(ticket, limit, self.reading());
        self.input(cause, input(ticket));
    }

    pub(super) fn leave(&mut self) {
        self.left.extend(self.believed.take());
    }
}
