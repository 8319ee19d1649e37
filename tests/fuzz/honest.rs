//! Token answers that do not lie, on a clock of their own, and what a session makes of them.

use bolero::TypeGenerator;
use bolero::check;
use bolero::produce;
use sessionkeeper::{
    AccessToken, Config, NumericDate, Outcome, ReadToken, Reply, ServerTime, SessionState, Span,
    TokenAnswer, TokenDates,
};

use crate::answer::hidden;
use crate::support::Driver;

/// What a server says that does not lie, of a token that may have been made for somebody before.
#[derive(Clone, Debug, TypeGenerator)]
struct Honest {
    lifetime: u32,
    scale: u8,
    age: u16,
    out: u16,
    back: u16,
    pause: u16,
    tells_expires_in: bool,
    tells_expires_at: bool,
    is_jwt: bool,
    has_iat: bool,
    tells_date: bool,
}

/// What an honest answer tells, and the truth in milliseconds of the server's clock.
struct Told {
    answer: TokenAnswer,
    lapses: i64,
    lifetime: i64,
    age: i64,
}

impl Honest {
    /// What a server says at an instant of its clock.
    fn told(&self, server_millis: i64) -> Option<Told> {
        let lifetime = i64::from(self.lifetime >> (self.scale % 32)) % (400 * 86_400) + 1;
        let age = i64::from(self.age) % lifetime;
        let now = server_millis.div_euclid(1000);
        let (issued, expires) = (now - age, now - age + lifetime);
        let date = |secs: i64| NumericDate::from_secs(secs as f64);
        let dates = self.is_jwt.then_some(TokenDates {
            expires: date(expires)?,
            issued: if self.has_iat { date(issued) } else { None },
            not_before: None,
            authenticated: None,
        });
        let token = ReadToken {
            identity: None,
            token: AccessToken::new("token".to_owned()),
            dates,
        };
        let answer = TokenAnswer {
            token: Some(Ok(token)),
            expires_in: self.tells_expires_in.then_some((expires - now) as f64),
            expires_at: self.tells_expires_at.then_some(expires as f64),
            session_expires_in: None,
        };
        Some(Told {
            answer,
            lapses: expires * 1000,
            lifetime: lifetime * 1000,
            age,
        })
    }

    /// A renewal that is answered so: the answer, and how long it took in milliseconds. So many
    /// attempts have been answered.
    fn renew(&self, driver: &mut Driver, answered: &mut usize) -> Option<(Told, i64)> {
        if driver.attempts.len() == *answered {
            driver.renew();
        }
        if driver.attempts.len() == *answered {
            driver.pass_until_attempt();
        }
        *answered = driver.attempts.len();
        let attempt = driver.last_attempt();
        driver.shift(Span::from_millis((self.out % 4_900).into()));
        let made = driver.server_time().as_millis();
        let told = self.told(made)?;
        driver.shift(Span::from_millis((self.back % 4_900).into()));
        let date = ServerTime::from_millis(made.div_euclid(1000) * 1000);
        let reply = Reply {
            status: 200,
            date: self.tells_date.then_some(date),
            aged: false,
            retry_after: None,
            answer: Some(told.answer.clone()),
        };
        driver.settle(attempt, Outcome::Answered(reply));
        let flight = driver.now.monotonic - attempt.sent.monotonic;
        Some((told, flight.as_millis()))
    }
}

/// How exactly a session can know when a token lapses.
#[derive(Default)]
struct Knowledge {
    /// The server's clock, once it is known: to so many milliseconds.
    clock: Option<i64>,
    dated: bool,
    /// Whether a token that was a second old was taken for a new one: `iat` is rounded, and so is
    /// `expires_in`, and both agree within a second. What comes later may contradict it.
    misled: bool,
}

impl Knowledge {
    fn add(&mut self, honest: &Honest, told: &Told, flight: i64) {
        // Where no header field has told the time, a token that is new does.
        self.dated |= honest.tells_date;
        let agrees = honest.is_jwt && honest.has_iat && honest.tells_expires_in && told.age <= 1;
        let issued = agrees && !self.dated;
        self.misled |= issued && told.age == 1;
        if honest.tells_date || issued {
            let width = flight + 1_100;
            self.clock = Some(self.clock.map_or(width, |known| known.min(width)));
        }
    }

    /// Whether an answer can be placed in time.
    fn places(&self, honest: &Honest, told: &Told) -> bool {
        let dated = honest.is_jwt || honest.tells_expires_at;
        // The clock says little of tokens that live for no longer than it is exact.
        let clear = self.clock.is_some_and(|width| told.lifetime > width + 100) && !self.misled;
        let fresh = honest.is_jwt && honest.has_iat && told.age == 0;
        honest.tells_expires_in || (dated && clear) || fresh
    }

    /// Holds the session to what it can know.
    fn judge(&self, honest: &Honest, told: &Told, flight: i64, driver: &Driver) {
        let inexact = flight.max(self.clock.unwrap_or(0)) + 3_200;
        let expiry = driver
            .session
            .snapshot()
            .token_expires_at
            .expect("an expiry");
        let early = told.lapses - (expiry + driver.skew).as_millis();
        // A second of rounding is not taken off tokens that live for hardly longer.
        let lifetime = told
            .answer
            .expires_in
            .map_or(told.lifetime, |secs| secs as i64 * 1_000);
        let rounding = (1_000 - lifetime / 4).max(0) + 1 + 1_000 * i64::from(self.misled);
        if self.places(honest, told) {
            assert!((-rounding..=inexact).contains(&early), "{early} ms early");
        }
    }

    /// What is thrown away had lapsed, or was about to, or nobody could tell.
    fn judge_thrown_away(&self, honest: &Honest, told: &Told, flight: i64, driver: &Driver) {
        let inexact = flight.max(self.clock.unwrap_or(0)) + 3_200;
        let left = told.lapses - driver.server_time().as_millis();
        assert!(
            left <= inexact || !self.places(honest, told),
            "{left} ms were left"
        );
    }
}

/// An honest answer's token is held for no longer than it is good, and not for much less.
#[test]
fn honest_answers() {
    const TWENTY_YEARS: i64 = 20 * 365 * 86_400_000;
    let answers = (
        produce::<i64>(),
        produce::<Vec<Honest>>().with().len(1_usize..5),
    );
    check!()
        .with_generator(answers)
        .with_iterations(3_000)
        .for_each(|(skew, answers)| {
            let mut driver = hidden(Config::default());
            driver.skew = Span::from_millis(skew % TWENTY_YEARS);
            driver.restore();
            let (mut answered, mut knowledge) = (0, Knowledge::default());
            for honest in answers {
                let before = driver.session.snapshot().generation;
                let Some((told, flight)) = honest.renew(&mut driver, &mut answered) else {
                    return;
                };
                knowledge.add(honest, &told, flight);
                if driver.session.snapshot().generation == before {
                    knowledge.judge_thrown_away(honest, &told, flight, &driver);
                } else {
                    knowledge.judge(honest, &told, flight, &driver);
                }
                if driver.state() == SessionState::SignedOut {
                    return;
                }
                // Nothing is sent that is not answered.
                driver.freeze(Span::from_millis((honest.pause % 20_000).into()));
            }
        });
}
