//! Token answers, as a session takes them, whatever numbers they have.

use bolero::TypeGenerator;
use bolero::check;
use bolero::produce;
use sessionkeeper::{
    AccessToken, Config, Input, NumericDate, Outcome, ReadToken, Reply, ServerTime, SessionState,
    Settlement, Span, TokenAnswer, TokenDates, TokenError,
};

use crate::support::Driver;

/// A number of an answer: any at all, or one that comes close.
#[derive(Clone, Debug, TypeGenerator)]
enum Number {
    Any(f64),
    Whole(i32),
    Near(u8, i8),
}

impl Number {
    fn value(&self) -> f64 {
        let near = [
            0.0,
            1.0,
            900.0,
            1.7e9,
            1.7e12,
            3_155_760_000.0,
            1e11,
            4_294_967_296.0,
            9.2e18,
            1e300,
        ];
        match *self {
            Number::Any(number) => number,
            Number::Whole(number) => number.into(),
            Number::Near(index, off) => {
                near[usize::from(index) % near.len()] + f64::from(off) / 8.0
            }
        }
    }
}

#[derive(Clone, Debug, TypeGenerator)]
enum Token {
    Absent,
    Refused,
    Opaque,
    Dated {
        exp: Number,
        iat: Option<Number>,
        nbf: Option<Number>,
        auth_time: Option<Number>,
    },
}

#[derive(Clone, Debug, TypeGenerator)]
struct Answer {
    token: Token,
    expires_in: Option<Number>,
    expires_at: Option<Number>,
    session_expires_in: Option<Number>,
    date: Option<i64>,
    took: u16,
}

impl Answer {
    fn token_answer(&self) -> TokenAnswer {
        let date = |number: &Number| NumericDate::from_secs(number.value());
        let token = |dates| ReadToken {
            identity: None,
            token: AccessToken::new("token".to_owned()),
            dates,
        };
        let value = |number: &Option<Number>| number.as_ref().map(Number::value);
        TokenAnswer {
            token: match &self.token {
                Token::Absent => None,
                Token::Refused => Some(Err(TokenError::Malformed)),
                Token::Opaque => Some(Ok(token(None))),
                // As it was read: what no token can say is never here.
                Token::Dated {
                    exp,
                    iat,
                    nbf,
                    auth_time,
                } => Some(match date(exp) {
                    None => Err(TokenError::Expiry),
                    Some(expires) => Ok(token(Some(TokenDates {
                        expires,
                        issued: iat
                            .as_ref()
                            .and_then(date)
                            .filter(|issued| *issued < expires),
                        not_before: nbf
                            .as_ref()
                            .and_then(date)
                            .filter(|not_before| *not_before <= expires),
                        authenticated: auth_time.as_ref().and_then(date),
                    }))),
                }),
            },
            expires_in: value(&self.expires_in),
            expires_at: value(&self.expires_at),
            session_expires_in: value(&self.session_expires_in),
        }
    }

    /// Whether nobody could start a session with it.
    fn is_nonsense(&self) -> bool {
        let span = |number: &Option<Number>| {
            let sensible = |secs: f64| secs > 0.0 && secs <= 3_155_760_000.0;
            number
                .as_ref()
                .is_none_or(|number| sensible(number.value()))
        };
        let date = |number: &Option<Number>| {
            let sensible = |secs: f64| (0.0..=1e11).contains(&secs);
            number
                .as_ref()
                .is_none_or(|number| sensible(number.value()))
        };
        !span(&self.expires_in) || !span(&self.session_expires_in) || !date(&self.expires_at)
    }
}

/// A page that nobody looks at: nothing is due but for the session's sake.
pub(crate) fn hidden(config: Config) -> Driver {
    let mut driver = Driver::with(config);
    driver.input(Input::Visibility { visible: false });
    driver
}

fn assert_sound(driver: &Driver) {
    let snapshot = driver.session.snapshot();
    if snapshot.state != SessionState::Active {
        return;
    }
    // From the first date that is believed to the last.
    let longest = NumericDate::MAX.to_server_time() - ServerTime::from_millis(0);
    for time in [
        snapshot.token_expires_at,
        snapshot.renews_at,
        snapshot.ends_at,
    ] {
        assert!(time <= Some(driver.now.wall + longest), "{time:?}");
    }
    assert!(snapshot.ends_at.is_none_or(|end| end >= driver.now.wall));
}

/// A date that a header field can say.
fn date(any: i64) -> ServerTime {
    ServerTime::from_millis(any.rem_euclid(253_402_300_800) * 1000)
}

#[test]
fn any_answers() {
    let answers = (
        produce::<Vec<Answer>>().with().len(1_usize..4),
        produce::<Option<u16>>(),
    );
    check!()
        .with_generator(answers)
        .with_iterations(5_000)
        .for_each(|(answers, lifetime)| {
            let lifetime = lifetime.map(|secs| Span::from_secs(i64::from(secs) + 1));
            let mut driver = hidden(Config {
                lifetime,
                ..Config::default()
            });
            let ticket = driver.begin(answers[0].token_answer());
            let begun = driver.settlement(ticket) == Some(Settlement::Done);
            assert_eq!(begun, driver.state() == SessionState::Active);
            assert!(!begun || !answers[0].is_nonsense());
            assert_sound(&driver);
            if !begun {
                driver.restore();
            }
            for answer in answers {
                driver.renew();
                if driver.state() == SessionState::SignedOut {
                    return;
                }
                driver.shift(Span::from_millis(answer.took.into()));
                let before = driver.session.snapshot().generation;
                let reply = Reply {
                    status: 200,
                    date: answer.date.map(date),
                    aged: false,
                    retry_after: None,
                    answer: Some(answer.token_answer()),
                };
                driver.settle(driver.last_attempt(), Outcome::Answered(reply));
                let renewed = driver.session.snapshot().generation != before;
                assert!(!renewed || !answer.is_nonsense());
                assert_sound(&driver);
                driver.pass(Span::from_mins(2));
                assert_sound(&driver);
            }
        });
}
