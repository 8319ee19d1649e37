//! What a server grants: an access token and how long it lives (RFC 6749 section 5.1).

use crate::clock::ServerClock;
use crate::config::Config;
use crate::time::{Monotonic, Now, NumericDate, ServerTime, Span};
use crate::token::{AccessToken, Identity, ReadToken, TokenDates, TokenError};

/// A token answer as it was found: nothing is checked yet.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "recording", derive(serde::Serialize, serde::Deserialize))]
pub struct TokenAnswer {
    /// The access token, or what is wrong with it.
    pub token: Option<Result<ReadToken, TokenError>>,
    /// `expires_in`, in seconds.
    #[cfg_attr(
        feature = "recording",
        serde(with = "crate::recording::number", default)
    )]
    pub expires_in: Option<f64>,
    /// The expiry as an absolute date, in seconds since the Unix epoch on the server's clock.
    #[cfg_attr(
        feature = "recording",
        serde(with = "crate::recording::number", default)
    )]
    pub expires_at: Option<f64>,
    /// `session_expires_in`, in seconds.
    #[cfg_attr(
        feature = "recording",
        serde(with = "crate::recording::number", default)
    )]
    pub session_expires_in: Option<f64>,
}

/// Why an answer grants nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum AnswerError {
    /// It has no token and no expiry, or an expiry that is none.
    Malformed,
    /// Its token cannot be used.
    Token(TokenError),
}

/// A token answer that makes sense.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Grant {
    /// The access token; none where it is a cookie too.
    pub token: Option<AccessToken>,
    /// Whose session it belongs to, where the token says so.
    pub identity: Option<Box<Identity>>,
    dates: Option<TokenDates>,
    expires_in: Option<Span>,
    expires_at: Option<NumericDate>,
    session_expires_in: Option<Span>,
}

/// When a grant was asked for, and when it came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Timing {
    /// When it was asked for, with sleep.
    pub(crate) sent: Monotonic,
    /// When the answer came, with sleep.
    pub(crate) received: Monotonic,
    /// When the answer came, as the device's clocks were read.
    pub(crate) read: Now,
}

/// When a grant ends, as far as can be known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Terms {
    /// The token is good until then, at least.
    pub expiry: Monotonic,
    /// How long it was good for when it was sent for.
    pub lifetime: Span,
    /// The whole session ends then, at the latest.
    pub session_end: Option<Monotonic>,
}

/// The longest lifetime that is believed, in seconds: a hundred years.
const LONGEST_LIFETIME: f64 = 3_155_760_000.0;

fn lifetime(seconds: f64) -> Result<Span, AnswerError> {
    let sensible = seconds > 0.0 && seconds <= LONGEST_LIFETIME;
    if sensible {
        Ok(Span::from_secs(1).share(seconds))
    } else {
        Err(AnswerError::Malformed)
    }
}

impl Grant {
    /// What another tab was granted, whose terms it tells.
    pub(crate) fn of_tab(token: Option<ReadToken>) -> Grant {
        let (token, dates, identity) = match token {
            Some(read) => (Some(read.token), read.dates, read.identity),
            None => (None, None, None),
        };
        Grant {
            token,
            identity,
            dates,
            expires_in: None,
            expires_at: None,
            session_expires_in: None,
        }
    }

    /// Judges an answer; `tokenless` says that the session has no token that scripts can read.
    pub(crate) fn from_answer(
        answer: TokenAnswer,
        tokenless: bool,
        config: &Config,
    ) -> Result<Grant, AnswerError> {
        let token = answer.token.transpose().map_err(AnswerError::Token)?;
        let (token, dates, identity) = match token {
            Some(read) => (Some(read.token), read.dates, read.identity),
            None if tokenless => (None, None, None),
            None => return Err(AnswerError::Malformed),
        };
        if token.is_some() && dates.is_none() && !config.opaque_tokens {
            return Err(AnswerError::Token(TokenError::Opaque));
        }
        let expires_at = match answer.expires_at.map(NumericDate::from_secs) {
            None => None,
            Some(Some(date)) => Some(date),
            Some(None) => return Err(AnswerError::Malformed),
        };
        let dated = dates.is_some() || expires_at.is_some();
        let expires_in = match answer.expires_in {
            Some(seconds) => Some(lifetime(seconds)?),
            None if dated => None,
            None => config.lifetime,
        };
        let grant = Grant {
            token,
            identity,
            dates,
            expires_in,
            expires_at,
            session_expires_in: answer.session_expires_in.map(lifetime).transpose()?,
        };
        if dated || grant.expires_in.is_some() {
            Ok(grant)
        } else {
            Err(AnswerError::Malformed)
        }
    }

    /// The issuing date of the token.
    pub(crate) fn issued(&self) -> Option<NumericDate> {
        self.dates.and_then(|dates| dates.issued)
    }

    /// When the user signed in, as the token says.
    pub(crate) fn authenticated(&self) -> Option<ServerTime> {
        let signed_in = self.dates.and_then(|dates| dates.authenticated);
        signed_in.map(NumericDate::to_server_time)
    }

    /// How long the token lives, as it says itself.
    pub(crate) fn granted(&self) -> Option<Span> {
        let dates = self.dates?;
        Some(dates.expires - dates.issued?)
    }

    /// Whether the token was made for the answer that brought it, and not handed out from a cache.
    pub(crate) fn is_fresh(&self) -> bool {
        match (self.granted(), self.expires_in) {
            (Some(granted), Some(expires_in)) => {
                let difference = granted - expires_in;
                difference <= Span::from_secs(1) && difference >= Span::from_secs(-1)
            }
            _ => false,
        }
    }

    fn expiry_date(&self) -> Option<NumericDate> {
        self.dates.map(|dates| dates.expires).or(self.expires_at)
    }

    /// Whether the token is of no use yet: its `nbf` is in the future by more than the leeway.
    pub(crate) fn is_premature(&self, clock: &ServerClock, now: Now, leeway: Span) -> bool {
        let not_before = self.dates.and_then(|dates| dates.not_before);
        match (not_before, clock.latest(now)) {
            (Some(not_before), Some(latest)) => not_before.to_server_time() > latest + leeway,
            _ => false,
        }
    }

    /// When the grant ends: the latest of the sound lower bounds.
    ///
    /// `exp` is taken on the server's clock at its latest possible reading; `expires_in` counts
    /// from the sending of the request and, being in whole seconds, a second less. Where neither
    /// can be had, or the reading is too vague to tell whether the grant lives, `exp - iat` counts
    /// in place of `expires_in`, and where that cannot be had either, the device's clock is believed.
    pub(crate) fn terms(&self, timing: Timing, clock: &ServerClock) -> Terms {
        let Timing {
            sent,
            received,
            read,
        } = timing;
        let dated = self.expiry_date().map(NumericDate::to_server_time);
        let granted = self.granted();
        let on_server_clock = dated.and_then(|expires| {
            let (earliest, latest) = (clock.earliest(read)?, clock.latest(read)?);
            // After a gap that nobody could explain, the server's clock may show almost anything.
            let vague = granted.is_some_and(|granted| latest - earliest >= granted);
            (!vague || latest < expires).then_some(received + (expires - latest))
        });
        let told = self
            .expires_in
            .or(granted.filter(|_| on_server_clock.is_none()));
        let relative = told.map(|span| {
            // The second is due to rounding; a token that lives for a few seconds keeps most of them.
            sent + (span - Span::from_secs(1).min(span.share(0.25)))
        });
        let expiry = on_server_clock
            .max(relative)
            .unwrap_or_else(|| match dated {
                Some(expires) => {
                    let span = expires.as_millis().saturating_sub(read.wall.as_millis());
                    received + Span::from_millis(span)
                }
                None => received,
            });
        // The second that the expiry was taken earlier makes the token's life no shorter.
        let lifetime = (expiry - sent).max(told.unwrap_or(Span::ZERO));
        let session_end = self.session_expires_in.map(|span| received + span);
        Terms {
            expiry,
            lifetime,
            session_end,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{ClockSource, Exchange};
    use crate::time::{ServerTime, Timestamp};

    const ISSUED: i64 = 1_700_000_000;

    fn at(millis: i64) -> Now {
        Now {
            wall: Timestamp::from_millis(ISSUED * 1000 + millis),
            monotonic: Monotonic::from_millis(millis),
        }
    }

    /// Sent at 0, answered after 200 ms.
    fn timing() -> Timing {
        let read = at(200);
        Timing {
            sent: Monotonic::from_millis(0),
            received: read.monotonic,
            read,
        }
    }

    fn answer(lifetime: Option<i64>, expires_in: Option<f64>) -> TokenAnswer {
        let date = |secs: i64| NumericDate::from_secs(secs as f64);
        let dates = lifetime.map(|lifetime| TokenDates {
            expires: date(ISSUED + lifetime).unwrap(),
            issued: date(ISSUED),
            not_before: None,
            authenticated: None,
        });
        TokenAnswer {
            token: Some(Ok(ReadToken {
                token: AccessToken::new("token".to_owned()),
                dates,
                identity: None,
            })),
            expires_in,
            ..TokenAnswer::default()
        }
    }

    fn grant(answer: TokenAnswer) -> Result<Grant, AnswerError> {
        Grant::from_answer(answer, false, &Config::default())
    }

    fn expiry(answer: TokenAnswer, clock: &ServerClock) -> Span {
        let terms = grant(answer).unwrap().terms(timing(), clock);
        terms.expiry - timing().sent
    }

    /// The server's time is known: it is ahead of the device's by so much.
    fn clock(ahead: Span) -> ServerClock {
        let mut clock = ServerClock::unknown();
        let date = ServerTime::from_millis(ISSUED * 1000) + ahead;
        let (sent, received) = (at(0), at(200));
        clock.sample(date, ClockSource::Date, Exchange { sent, received });
        clock
    }

    #[test]
    fn the_latest_sound_bound_is_the_expiry() {
        let unknown = ServerClock::unknown();
        let minute = Span::from_secs(60);
        // Counted from the sending, less a second that may be due to rounding.
        let relative = minute - Span::from_secs(1);
        assert_eq!(expiry(answer(None, Some(60.0)), &unknown), relative);
        // The wall clock has no say while the token tells its lifetime, in whole seconds too.
        assert_eq!(expiry(answer(Some(60), None), &unknown), relative);
        let dated = expiry(answer(Some(60), None), &clock(Span::ZERO));
        assert!(
            minute - Span::from_millis(1250) <= dated && dated <= minute,
            "{dated:?}"
        );
        // A token from a cache: what is left of it on the server's clock.
        let old = clock(Span::from_secs(20));
        let left = expiry(answer(Some(60), None), &old);
        assert!(left <= Span::from_secs(40), "{left:?}");
        assert_eq!(expiry(answer(Some(60), Some(60.0)), &old), relative);
    }

    #[test]
    fn the_shortest_lifetimes_keep_most_of_them() {
        let unknown = ServerClock::unknown();
        for (secs, millis) in [(1.0, 750), (2.0, 1500), (4.0, 3000), (5.0, 4000)] {
            let expected = Span::from_millis(millis);
            assert_eq!(expiry(answer(None, Some(secs)), &unknown), expected);
        }
    }

    #[test]
    fn an_answer_without_a_sensible_expiry_grants_nothing() {
        for nonsense in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e12] {
            let refused = grant(answer(Some(60), Some(nonsense)));
            assert_eq!(refused, Err(AnswerError::Malformed), "{nonsense}");
            let ends = TokenAnswer {
                session_expires_in: Some(nonsense),
                ..answer(Some(60), None)
            };
            assert_eq!(grant(ends), Err(AnswerError::Malformed), "{nonsense}");
        }
        assert_eq!(grant(answer(None, None)), Err(AnswerError::Malformed));
        let absolute = TokenAnswer {
            expires_at: Some(1.7e12),
            ..answer(None, None)
        };
        assert_eq!(grant(absolute), Err(AnswerError::Malformed), "milliseconds");
    }

    #[test]
    fn opaque_tokens_can_be_refused() {
        let config = Config {
            opaque_tokens: false,
            ..Config::default()
        };
        let refused = Grant::from_answer(answer(None, Some(60.0)), false, &config);
        assert_eq!(refused, Err(AnswerError::Token(TokenError::Opaque)));
        let cookie_only = TokenAnswer {
            token: None,
            ..answer(None, Some(60.0))
        };
        assert!(Grant::from_answer(cookie_only.clone(), true, &config).is_ok());
        assert!(Grant::from_answer(cookie_only, false, &config).is_err());
    }

    #[test]
    fn a_token_is_fresh_where_both_lifetimes_agree_within_a_second() {
        for (expires_in, fresh) in [
            (Some(60.0), true),
            (Some(59.0), true),
            (Some(58.0), false),
            (Some(61.0), true),
            (Some(62.0), false),
            (None, false),
        ] {
            let grant = grant(answer(Some(60), expires_in)).unwrap();
            assert_eq!(grant.is_fresh(), fresh, "{expires_in:?}");
        }
    }
}
