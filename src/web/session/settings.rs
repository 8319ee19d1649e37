//! The application's choices, as `js/choices.js` hands them over.

use crate::config::{Config, Hidden};
use crate::idle::IdleConfig;
use crate::input::Policy;
use crate::time::Span;

pub(super) fn span(millis: f64) -> Span {
    Span::from_millis(millis as i64)
}

/// Choices that are read one after the other.
struct Choices<'a>(core::slice::Iter<'a, f64>);

impl Choices<'_> {
    /// The next choice, where the application has made it.
    fn next(&mut self) -> Option<f64> {
        self.0.next().copied().filter(|choice| !choice.is_nan())
    }

    /// Puts the next choice, a span, in the place of the default.
    #[inline(never)]
    fn span(&mut self, target: &mut Span) {
        if let Some(millis) = self.next() {
            *target = span(millis);
        }
    }

    /// The next choice, of yes or no.
    fn yes(&mut self) -> bool {
        self.next() == Some(1.0)
    }
}

/// Reads the numbers of a policy, in the order of `js/policy.js`: milliseconds, but for the third.
pub(super) fn policy(numbers: &[f64]) -> Policy {
    let mut numbers = Choices(numbers.iter());
    let mut next = || numbers.next();
    let (timeout, warning, confirm) = (next(), next(), next());
    let mut next = || next().map(span);
    Policy {
        idle: timeout.zip(warning).map(|(timeout, warning)| IdleConfig {
            timeout: span(timeout),
            warning: span(warning),
            confirm: confirm == Some(1.0),
        }),
        max_age: next(),
        lifetime: (next(), next()),
        lead: next(),
    }
}

/// Reads the choices, in the order of `js/choices.js`: milliseconds, shares, and 1 or 0 for yes or
/// no. What is absent, or not a number, is left to the core.
pub(super) fn config(choices: &[f64], rejected_statuses: Option<Vec<u16>>) -> Config {
    let mut choices = Choices(choices.iter());
    let mut config = Config::default();
    config.renewal.jitter = choices.next().unwrap_or(config.renewal.jitter);
    choices.span(&mut config.renewal.min_interval);
    choices.span(&mut config.renewal.attempt_limit);
    if choices.yes() {
        config.renewal.hidden = Hidden::Defer;
    }
    choices.span(&mut config.retry.backoff.base);
    choices.span(&mut config.retry.backoff.max);
    choices.span(&mut config.retry.give_up_after);
    config.lifetime = choices.next().map(span);
    choices.span(&mut config.leeway);
    config.opaque_tokens = choices.next() != Some(0.0);
    config.verify = choices.yes();
    choices.span(&mut config.wait);
    choices.span(&mut config.warn_above);
    config.ask_time = choices.yes();
    config.logout = choices.yes();
    config.tabs.locks = choices.yes();
    config.tabs.channel = choices.yes();
    config.tabs.share_token = choices.yes();
    if let Some(statuses) = rejected_statuses {
        config.retry.rejected_statuses = statuses;
    }
    config
}
