//! When a token is renewed.

use crate::config::{Config, RenewalConfig};
use crate::grant::Terms;
use crate::rng::Rng;
use crate::time::{Monotonic, Span};

/// The share of the lifetime that the lead takes by default.
const LEAD_SHARE: f64 = 0.1;
const SHORTEST_LEAD: Span = Span::from_secs(30);
const LONGEST_LEAD: Span = Span::from_mins(5);

/// What the renewal before this one had brought.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Before {
    /// When it was sent.
    pub(crate) sent: Monotonic,
    /// The expiry that it had brought.
    pub(crate) expiry: Monotonic,
}

/// When a token is renewed that was asked for at `sent`.
///
/// The expiry less the lead, and the lead up to `jitter` longer by chance, but never more than half
/// of the lifetime. A server that hands out the same token again, or one that hardly lasts longer,
/// is asked at half of what remains, and once more when it lapses. Nothing comes sooner than the
/// least interval.
pub(crate) fn renewal_due(
    terms: Terms,
    sent: Monotonic,
    before: Option<Before>,
    config: &RenewalConfig,
    rng: &mut Rng,
) -> Monotonic {
    let earliest = earliest_renewal(terms, sent);
    let advanced =
        before.is_none_or(|before| terms.expiry - before.expiry >= (sent - before.sent).half());
    if advanced {
        let lead = config.lead.unwrap_or_else(|| {
            terms
                .lifetime
                .share(LEAD_SHARE)
                .clamp(SHORTEST_LEAD, LONGEST_LEAD)
        });
        let lead = lead + lead.share(config.jitter.clamp(0.0, 1.0) * rng.share());
        return (terms.expiry - lead).max(earliest);
    }
    // The least interval counts in full: what remains is not the lifetime.
    if terms.lifetime.half() >= config.min_interval.max(Config::LEAST_INTERVAL) {
        earliest
    } else {
        terms.expiry.max(earliest)
    }
}

/// Before this nothing is renewed that the application has not asked for: half of the lifetime must
/// be over, and with it the least interval, which is never more than that.
pub(crate) fn earliest_renewal(terms: Terms, sent: Monotonic) -> Monotonic {
    sent + terms.lifetime.half().max(Config::LEAST_INTERVAL)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENT: Monotonic = Monotonic::from_millis(1_000_000);

    fn terms(lifetime: Span) -> Terms {
        Terms {
            expiry: SENT + lifetime,
            lifetime,
            session_end: None,
        }
    }

    fn due(lifetime: Span, before: Option<Before>) -> Span {
        let config = Config::default().renewal;
        renewal_due(terms(lifetime), SENT, before, &config, &mut Rng::seeded(3)) - SENT
    }

    #[test]
    fn the_lead_follows_the_lifetime_and_never_takes_more_than_half_of_it() {
        let day = Span::from_hours(24);
        for (lifetime, least, most) in [
            (Span::from_secs(1), Span::from_secs(1), Span::from_secs(1)),
            (
                Span::from_secs(5),
                Span::from_millis(2500),
                Span::from_millis(2500),
            ),
            (
                Span::from_secs(60),
                Span::from_secs(30),
                Span::from_secs(30),
            ),
            (
                Span::from_secs(299),
                Span::from_secs(263),
                Span::from_secs(269),
            ),
            (
                Span::from_mins(15),
                Span::from_secs(792),
                Span::from_secs(810),
            ),
            (
                Span::from_hours(1),
                Span::from_mins(54),
                Span::from_mins(55),
            ),
            (
                day.share(400.0),
                day.share(400.0) - Span::from_mins(6),
                day.share(400.0) - Span::from_mins(5),
            ),
        ] {
            let due = due(lifetime, None);
            assert!(least <= due && due <= most, "{lifetime:?}: {due:?}");
        }
    }

    #[test]
    fn a_token_that_is_handed_out_again_is_asked_for_at_half_of_what_remains_then_at_its_end() {
        let before = |terms: Terms| {
            Some(Before {
                sent: SENT - Span::from_mins(10),
                expiry: terms.expiry,
            })
        };
        let minutes = Span::from_mins(4);
        assert_eq!(due(minutes, before(terms(minutes))), Span::from_mins(2));
        let seconds = Span::from_millis(1800);
        assert_eq!(due(seconds, before(terms(seconds))), seconds);
    }
}
