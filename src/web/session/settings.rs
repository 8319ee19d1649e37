//! The application's choices, as `js/choices.js` hands them over.

use crate::config::{Config, Hidden};
use crate::time::Span;

pub(super) fn span(millis: f64) -> Span {
    Span::from_millis(millis as i64)
}

/// Reads the choices, in the order of `js/choices.js`: milliseconds, shares, and 1 or 0 for yes or
/// no. What is absent, or not a number, is left to the core.
pub(super) fn config(choices: &[f64], rejected_statuses: Option<Vec<u16>>) -> Config {
    let mut choices = choices.iter();
    let mut next = || choices.next().copied().filter(|choice| !choice.is_nan());
    let mut config = Config::default();
    let choose = |target: &mut Span, choice: Option<f64>| {
        if let Some(millis) = choice {
            *target = span(millis);
        }
    };
    config.renewal.lead = next().map(span);
    config.renewal.jitter = next().unwrap_or(config.renewal.jitter);
    choose(&mut config.renewal.min_interval, next());
    choose(&mut config.renewal.attempt_limit, next());
    if next() == Some(1.0) {
        config.renewal.hidden = Hidden::Defer;
    }
    choose(&mut config.retry.backoff.base, next());
    choose(&mut config.retry.backoff.max, next());
    choose(&mut config.retry.give_up_after, next());
    config.lifetime = next().map(span);
    choose(&mut config.leeway, next());
    config.opaque_tokens = next() != Some(0.0);
    config.verify = next() == Some(1.0);
    choose(&mut config.wait, next());
    choose(&mut config.warn_above, next());
    config.ask_time = next() == Some(1.0);
    config.logout = next() == Some(1.0);
    if let Some(statuses) = rejected_statuses {
        config.retry.rejected_statuses = statuses;
    }
    config
}
