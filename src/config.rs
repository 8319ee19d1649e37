//! What an application chooses.

use crate::backoff::Backoff;
use crate::idle::IdleConfig;
use crate::time::Span;

/// What a hidden page does when a renewal is due.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(
    feature = "recording",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "kebab-case")
)]
pub enum Hidden {
    /// It renews in the background.
    Renew,
    /// It waits until it is shown, or until a token is needed.
    Defer,
}

/// When the access token is renewed.
#[derive(Clone, Copy, PartialEq, Debug)]
#[cfg_attr(feature = "recording", derive(serde::Serialize, serde::Deserialize))]
pub struct RenewalConfig {
    /// How long before the expiry; by default a tenth of the lifetime, from 30 s to 5 min.
    pub lead: Option<Span>,
    /// The share of the lead by which a renewal may start earlier, from 0 to 1.
    pub jitter: f64,
    /// Least time between two renewals, but those that the application asks for.
    pub min_interval: Span,
    /// How long the answer to an attempt is waited for.
    pub attempt_limit: Span,
    /// What a hidden page does when a renewal is due.
    pub hidden: Hidden,
}

/// How failed renewals are attempted again.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "recording", derive(serde::Serialize, serde::Deserialize))]
pub struct RetryConfig {
    /// The waits between attempts.
    pub backoff: Backoff,
    /// How long a session may stay degraded.
    pub give_up_after: Span,
    /// The statuses with which a server refuses a renewal.
    pub rejected_statuses: Vec<u16>,
}

/// How the tabs of an application keep one session.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
#[cfg_attr(feature = "recording", derive(serde::Serialize, serde::Deserialize))]
pub struct TabsConfig {
    /// Whether they take turns to renew.
    pub locks: bool,
    /// Whether they can tell each other anything.
    pub channel: bool,
    /// Whether they share the access token.
    pub share_token: bool,
}

impl TabsConfig {
    /// Whether one tab's renewal serves another.
    pub(crate) fn shares(self) -> bool {
        self.channel && self.share_token
    }
}

/// The choices that the core acts by, with their defaults.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "recording", derive(serde::Serialize, serde::Deserialize))]
pub struct Config {
    /// When the access token is renewed.
    pub renewal: RenewalConfig,
    /// How failed renewals are attempted again.
    pub retry: RetryConfig,
    /// The access token's lifetime, where no answer tells it.
    pub lifetime: Option<Span>,
    /// Whether tokens that are not JWTs are accepted.
    pub opaque_tokens: bool,
    /// Whether a token is adopted only after the verification module has passed it.
    pub verify: bool,
    /// Slack for a token's `nbf` when it is adopted.
    pub leeway: Span,
    /// The device's clock is reported when it is further off than this.
    pub warn_above: Span,
    /// Whether there is an address that is asked for the time where no answer tells it.
    pub ask_time: bool,
    /// Whether the server is told of the session's end.
    pub logout: bool,
    /// How long a call waits for a usable token.
    pub wait: Span,
    /// When a session ends that nobody uses; by default never.
    pub idle: Option<IdleConfig>,
    /// The longest age of a session; by default there is none.
    pub max_age: Option<Span>,
    /// How the tabs of an application keep one session; by default each is for itself.
    pub tabs: TabsConfig,
}

impl Config {
    /// The shortest [`RenewalConfig::min_interval`] that is obeyed.
    pub const LEAST_INTERVAL: Span = Span::from_secs(1);
}

impl Default for Config {
    fn default() -> Config {
        Config {
            renewal: RenewalConfig {
                lead: None,
                jitter: 0.2,
                min_interval: Span::from_secs(5),
                attempt_limit: Span::from_secs(10),
                hidden: Hidden::Renew,
            },
            retry: RetryConfig {
                backoff: Backoff {
                    base: Span::from_secs(1),
                    max: Span::from_secs(30),
                },
                give_up_after: Span::from_hours(24),
                rejected_statuses: vec![400, 401, 403],
            },
            lifetime: None,
            opaque_tokens: true,
            verify: false,
            leeway: Span::from_secs(30),
            warn_above: Span::from_secs(30),
            ask_time: false,
            logout: false,
            wait: Span::from_secs(10),
            idle: None,
            max_age: None,
            tabs: TabsConfig::default(),
        }
    }
}
