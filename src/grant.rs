//! What a server grants: an access token and how long it lives (RFC 6749 section 5.1).

use crate::clock::ServerClock;
use crate::config::Config;
use crate::time::{Monotonic, Now, NumericDate, Span};
use crate::token::{AccessToken, ReadToken, TokenDates, TokenError};

/// A token answer as it was found: nothing is checked yet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TokenAnswer {
    /// The access token, or what is wrong with it.
    pub token: Option<Result<ReadToken, TokenError>>,
    /// `expires_in`, in seconds.
    pub expires_in: Option<f64>,
    /// The expiry as an absolute date, in seconds since the Unix epoch on the server's clock.
    pub expires_at: Option<f64>,
    /// `session_expires_in`, in seconds.
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
    /// Judges an answer; `tokenless` says that the session has no token that scripts can read.
    pub(crate) fn from_answer(
        answer: TokenAnswer,
        tokenless: bool,
        config: &Config,
    ) -> Result<Grant, AnswerError> {
        let token = answer.token.transpose().map_err(AnswerError::Token)?;
        let (token, dates) = match token {
            Some(read) => (Some(read.token), read.dates),
            None if tokenless => (None, None),
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

    /// Whether the token was made for the answer that brought it, and not handed out from a cache.
    pub(crate) fn is_fresh(&self) -> bool {
        let granted = self
            .dates
            .and_then(|dates| Some(dates.expires - dates.issued?));
        match (granted, self.expires_in) {
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
    /// can be had, `exp - iat` counts from the sending, and where that cannot be had either, the
    /// device's clock is believed.
    pub(crate) fn terms(&self, timing: Timing, clock: &ServerClock) -> Terms {
        let Timing {
            sent,
            received,
            read,
        } = timing;
        let dated = self.expiry_date().map(NumericDate::to_server_time);
        let on_server_clock =
            dated.and_then(|expires| Some(received + (expires - clock.latest(read)?)));
        let relative = self.expires_in.map(|span| {
            // The second is due to rounding; a token that lives for a few seconds keeps most of them.
            sent + (span - Span::from_secs(1).min(span.share(0.25)))
        });
        let granted = self
            .dates
            .and_then(|dates| Some(dates.expires - dates.issued?));
        let expiry = on_server_clock
            .max(relative)
            .unwrap_or_else(|| match (granted, dated) {
                (Some(granted), _) => sent + granted,
                (None, Some(expires)) => {
                    let span = expires.as_millis().saturating_sub(read.wall.as_millis());
                    received + Span::from_millis(span)
                }
                (None, None) => received,
            });
        // The second that the expiry was taken earlier makes the token's life no shorter.
        let lifetime = (expiry - sent).max(self.expires_in.unwrap_or(Span::ZERO));
        let session_end = self.session_expires_in.map(|span| received + span);
        Terms {
            expiry,
            lifetime,
            session_end,
        }
    }
}
