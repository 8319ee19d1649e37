//! What a world may do: how many tabs, which troubles and how many, for how long.

use sessionkeeper::{Backoff, Config, Hidden, Span, TabsConfig};

/// How long an access token lives, in milliseconds.
pub(crate) const LIFETIME: i64 = 60_000;
/// How long the answer to an attempt is waited for.
pub(crate) const ATTEMPT_LIMIT: i64 = 10_000;
/// An answer that is not slow takes no longer.
pub(crate) const PROMPT: i64 = 2_000;
/// A request reaches the server in this time, or never.
pub(crate) const REACH: i64 = 15_000;
/// An answer comes in this time, or never: a lapsed token is not renewed anew before.
pub(crate) const FLIGHT: i64 = 2 * ATTEMPT_LIMIT - 1;

/// What the environment does to the tabs; each time counts as one of the troubles of a world.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Trouble {
    /// A tab is killed.
    Kill,
    /// A tab freezes, until it is resumed.
    Freeze,
    /// A page goes into the back/forward cache, until it returns.
    Leave,
    /// A page is opened in place of one that was killed.
    Open,
    /// A message is lost.
    Lose,
    /// The messages from one tab to another are held up.
    Delay,
    /// A request never reaches the server.
    Unsent,
    /// An answer is lost after the server has done what was asked.
    Unanswered,
    /// A request or its answer takes longer than the time limit of an attempt.
    Slow,
    /// The server says that it is busy.
    Busy,
    /// The user signs out.
    SignOut,
    /// The user signs in.
    SignIn,
    /// The application asks for a renewal.
    Renew,
}

/// Every trouble there is.
pub(crate) const ALL: &[Trouble] = &[
    Trouble::Kill,
    Trouble::Freeze,
    Trouble::Leave,
    Trouble::Open,
    Trouble::Lose,
    Trouble::Delay,
    Trouble::Unsent,
    Trouble::Unanswered,
    Trouble::Slow,
    Trouble::Busy,
    Trouble::SignOut,
    Trouble::SignIn,
    Trouble::Renew,
];

/// A fault of the shell or of the environment, which the properties must notice.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Fault {
    /// A look around shows nobody.
    EmptyLook,
    /// Nobody knows the key of a renewal but the tab that makes it.
    ForgottenKey,
    /// It is everybody's turn at once.
    EverybodysTurn,
    /// Nobody hears of the end of a session.
    SilentEnd,
    /// Nobody hears of another's token.
    Mute,
    /// What comes late is taken for new.
    LateIsNew,
}

/// The bounds of a world.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) tabs: usize,
    pub(crate) sharing: TabsConfig,
    /// How many troubles there may be in all, and which.
    pub(crate) troubles: u8,
    pub(crate) kinds: &'static [Trouble],
    /// Whether the tabs are open and share a token when the world begins.
    pub(crate) settled: bool,
    /// From then on there are no troubles, in milliseconds.
    pub(crate) calm: i64,
    /// The world ends.
    pub(crate) end: i64,
    pub(crate) fault: Option<Fault>,
    /// More renewals than this are too many.
    pub(crate) most_renewals: u32,
    /// Whether every step is a state of its own, and the core works out everything anew.
    pub(crate) plain: bool,
}

impl Bounds {
    pub(crate) const fn new(tabs: usize, troubles: u8, kinds: &'static [Trouble]) -> Bounds {
        Bounds {
            tabs,
            sharing: TabsConfig {
                locks: true,
                channel: true,
                share_token: true,
            },
            troubles,
            kinds,
            settled: false,
            calm: 65_000,
            end: 125_000,
            fault: None,
            most_renewals: 12,
            plain: false,
        }
    }

    /// Tabs that are open and share a token when the world begins.
    pub(crate) const fn settled(tabs: usize, troubles: u8, kinds: &'static [Trouble]) -> Bounds {
        Bounds {
            settled: true,
            ..Bounds::new(tabs, troubles, kinds)
        }
    }

    /// Whether one tab's renewal serves the others.
    pub(crate) fn shares(&self) -> bool {
        self.sharing.channel && self.sharing.share_token
    }

    pub(crate) fn allows(&self, trouble: Trouble) -> bool {
        self.kinds.contains(&trouble)
    }

    /// A token is renewed 20 s before its end.
    pub(crate) fn config(&self) -> Config {
        let mut config = Config {
            logout: true,
            tabs: self.sharing,
            ..Config::default()
        };
        config.renewal.lead = Some(Span::from_secs(20));
        config.renewal.jitter = 0.0;
        config.renewal.attempt_limit = Span::from_millis(ATTEMPT_LIMIT);
        config.renewal.hidden = Hidden::Renew;
        config.retry.backoff = Backoff {
            base: Span::from_secs(2),
            max: Span::from_secs(2),
        };
        config
    }
}
