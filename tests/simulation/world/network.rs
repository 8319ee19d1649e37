//! Requests on their way, and what becomes of them.

use super::*;

impl World {
    pub(super) fn send(&mut self, id: AttemptId, key: RenewalKey) {
        assert!(self.sent.len() < 2, "a third without an answer");
        self.sent.insert(id, (self.clocks(), self.now));
        // What hangs for longer than the token lives can always look like theft.
        let most = if self.server.caches { 9000 } else { 300_000 };
        let patience = (self.server.lifetime * 500).min(most);
        let fate = self.weather.fate(&mut self.dice, patience);
        match fate.there {
            Some(there) => self.later(there, Next::Arrives(id, key, self.cookie, fate)),
            None => self.later(fate.broken, Next::Settles(id, Outcome::Unreachable, None)),
        }
    }

    pub(super) fn arrives(
        &mut self,
        id: AttemptId,
        key: RenewalKey,
        cookie: Option<Cookie>,
        fate: Fate,
    ) {
        let mut reply = Reply {
            status: 503,
            date: Some(server_date(self.now)),
            aged: false,
            retry_after: None,
            answer: None,
        };
        let mut set = None;
        if !fate.fails || self.dice.chance(30) {
            // What fails behind the server may have been done all the same.
            match self.server.renew(cookie, key, self.now, &mut self.dice) {
                Answer::Granted(next, answer) => {
                    let left = self.server.left(next.session, self.now);
                    let grant = Grant {
                        sent: self.sent[&id].1,
                        lifetime: left,
                        expiry: self.now + left,
                    };
                    self.grants.insert(id, grant);
                    set = Some(next);
                    reply.status = 200;
                    reply.answer = Some(answer);
                }
                Answer::Refused => reply.status = self.dice.pick(&[400, 401, 403, 0]),
            }
        }
        if fate.fails {
            reply.status = self.dice.pick(&[200, 204, 404, 429, 500, 502, 503]);
            reply.answer = None;
            set = set.filter(|_| self.dice.chance(50));
            reply.retry_after = match self.dice.between(0, 5) {
                0 => Some(RetryAfter::Delay(Span::from_secs(self.dice.spread(1, 300)))),
                1 => {
                    let at = self.now + 1000 * self.dice.spread(1, 300);
                    Some(RetryAfter::Date(ServerTime::from_millis(at)))
                }
                _ => None,
            };
        }
        match fate.back {
            Some(back) => {
                let outcome = Outcome::Answered(reply);
                self.later(back, Next::Settles(id, outcome, set));
            }
            None => self.later(fate.broken, Next::Settles(id, Outcome::Unreachable, None)),
        }
    }

    pub(super) fn settles(&mut self, id: AttemptId, outcome: Outcome, cookie: Option<Cookie>) {
        // The cookie of an older session than the browser has would lose it the newer one; that a
        // sign-in waits for what is on its way is not the session's business.
        let current = self.cookie.map_or(0, |cookie| cookie.session);
        let cookie = cookie.filter(|cookie| cookie.session >= current);
        let (sent, _) = self.sent.remove(&id).expect("an attempt that was sent");
        let grants = matches!(&outcome, Outcome::Answered(reply) if reply.answer.is_some());
        // A cookie without its grant is presented by the next attempt; no client can know that it
        // must not, while an earlier request is still on its way.
        if cookie.is_some() && (grants || self.sent.is_empty()) {
            self.cookie = cookie;
        }
        let starting = self.session.state() == SessionState::Starting;
        self.offered = self.grants.get(&id).copied();
        let refused = matches!(&outcome, Outcome::Answered(reply)
            if [0, 400, 401, 403].contains(&reply.status));
        let took = self.clocks().monotonic - sent.monotonic;
        if took > self.config.renewal.attempt_limit && matches!(outcome, Outcome::Answered(_)) {
            self.watch.seen.late += 1;
        }
        let exchange = Exchange {
            sent,
            received: self.clocks(),
        };
        let input = Input::RenewalSettled {
            id,
            exchange,
            outcome,
        };
        self.input(Cause::Answer, input);
        if starting && refused && self.session.state() == SessionState::SignedOut {
            self.watch.failed(self.now);
        }
    }

    pub(super) fn change_weather(&mut self) {
        self.weather = Weather::next(&mut self.dice);
        let down = self.weather == Weather::NetworkDown;
        if down || self.dice.chance(90) {
            let online = !down || self.dice.chance(30);
            self.input(Cause::Own, Input::Connectivity { online });
        }
        let most = if self.dice.chance(5) { 20 } else { 1 };
        let lasts = self.dice.spread(1000, most * 3_600_000);
        self.later(lasts, Next::Weather);
    }
}
