//! What a session hears.

use crate::challenge::BearerChallenge;
use crate::clock::Exchange;
use crate::effect::{AttemptId, CheckId, LogoutId, ProbeId, RenewalKey, Ticket, TurnId};
use crate::grant::TokenAnswer;
use crate::idle::IdleConfig;
use crate::record::Record;
use crate::retry_after::RetryAfter;
use crate::tabs::{PeerMessage, Standing, TabId};
use crate::time::{ServerTime, Span};

/// An answer of the server, as far as it matters.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "recording", derive(serde::Serialize, serde::Deserialize))]
pub struct Reply {
    /// The status; [`Reply::REDIRECTED`] for a redirect, which is never followed.
    pub status: u16,
    /// The header field `Date`.
    pub date: Option<ServerTime>,
    /// Whether a cache says that it had the answer: the header field `Age`.
    pub aged: bool,
    /// The header field `Retry-After`.
    pub retry_after: Option<RetryAfter>,
    /// What the body says, where the status is a success; nothing when it is no token answer.
    pub answer: Option<TokenAnswer>,
}

impl Reply {
    /// Stands in for the status of a redirect, which browsers do not show.
    pub const REDIRECTED: u16 = 0;

    pub(crate) fn is_success(&self) -> bool {
        (200..=299).contains(&self.status)
    }

    /// Whether the server says that it cannot answer now.
    pub(crate) fn is_passing(&self) -> bool {
        matches!(self.status, 408 | 409 | 425 | 429 | 500..)
    }
}

/// What became of a request.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(
    feature = "recording",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "kebab-case")
)]
pub enum Outcome {
    /// The server answered.
    Answered(Reply),
    /// It could not be reached, or the connection broke.
    Unreachable,
}

/// What the verification module says of a token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(
    feature = "recording",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "kebab-case")
)]
pub enum Verdict {
    /// It passes.
    Passed,
    /// It is refused.
    Refused,
    /// The module could not be asked.
    Unknown,
}

/// How a session is kept, where that depends on the kind of application or on who has signed in.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
#[cfg_attr(feature = "recording", derive(serde::Serialize, serde::Deserialize))]
pub struct Policy {
    /// How long before the expiry a token is renewed.
    pub lead: Option<Span>,
    /// When a session ends that nobody uses.
    pub idle: Option<IdleConfig>,
    /// When any session ends.
    pub max_age: Option<Span>,
    /// How long access tokens should live: at least and at most.
    pub lifetime: (Option<Span>, Option<Span>),
}

/// What happened.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(
    feature = "recording",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "kebab-case")
)]
pub enum Input {
    /// The application has the answer to a sign-in.
    Begin {
        /// The call to settle.
        ticket: Ticket,
        /// The answer.
        answer: TokenAnswer,
    },
    /// The application asks for the session of the cookie.
    Restore {
        /// The call to settle.
        ticket: Ticket,
        /// Whether the user has just signed in.
        fresh: bool,
        /// What the browser remembers.
        record: Record,
    },
    /// The application asks for a renewal now.
    Renew {
        /// The call to settle.
        ticket: Ticket,
    },
    /// Somebody needs a usable access token.
    NeedToken {
        /// The call to settle.
        ticket: Ticket,
        /// How long the token must be good for, where the caller insists on it.
        min_validity: Option<Span>,
    },
    /// An API has refused a request (401).
    Challenged {
        /// The call to settle: done when the request may be sent again, once.
        ticket: Ticket,
        /// The [`Snapshot::generation`](crate::Snapshot::generation) of the token that it was sent with.
        generation: u32,
        /// What the API says of it.
        challenge: BearerChallenge,
        /// The address of the request.
        url: String,
    },
    /// A caller does not wait any longer.
    Forget {
        /// The call, which is not settled.
        ticket: Ticket,
    },
    /// The user signs out.
    SignOut {
        /// The call to settle.
        ticket: Ticket,
        /// Whether the server is told.
        logout: bool,
    },
    /// The server tells of the end of a session, on a stream that was opened since the one began that is held.
    Revoked {
        /// The claim `sid` of the session, where the server names it.
        session: Option<String>,
    },
    /// A key was drawn.
    KeyDrawn {
        /// The key.
        key: RenewalKey,
        /// What the browser remembers.
        record: Record,
    },
    /// The record was read.
    RecordRead(Record),
    /// An attempt to renew has come to an end.
    RenewalSettled {
        /// The attempt.
        id: AttemptId,
        /// Its times.
        exchange: Exchange,
        /// Its end.
        outcome: Outcome,
    },
    /// A token was verified.
    Verified {
        /// The check.
        id: CheckId,
        /// What it found.
        verdict: Verdict,
    },
    /// The server was asked for its time.
    TimeProbed {
        /// The question.
        id: ProbeId,
        /// Its times.
        exchange: Exchange,
        /// The header field `Date` of an answer that no cache can have given.
        date: Option<ServerTime>,
    },
    /// The request that tells the server of the end was answered, or failed.
    LogoutSettled {
        /// The request.
        id: LogoutId,
        /// Its end.
        outcome: Outcome,
    },
    /// The browser believes that it is online, or that it is not.
    Connectivity {
        /// Which of both.
        online: bool,
    },
    /// The user has done something.
    Activity,
    /// The user wants to stay signed in.
    Extend,
    /// The policy: at the start, and for each token that is new.
    Policy(Policy),
    /// The page is shown, or hidden.
    Visibility {
        /// Which of both.
        visible: bool,
    },
    /// This tab is present: every other one can see it.
    Joined,
    /// Another tab tells something.
    Peer(PeerMessage),
    /// Who is there, and where they stand.
    Around {
        /// Every tab that is present.
        tabs: Vec<TabId>,
        /// Where they stand.
        standings: Vec<Standing>,
    },
    /// Nobody but the holder is before this tab.
    TurnNear {
        /// The wish for it.
        id: TurnId,
    },
    /// It is this tab's turn to renew; it has looked around since.
    TurnCame {
        /// The wish for it.
        id: TurnId,
    },
    /// Another tab has taken the turn from this one.
    TurnLost {
        /// The wish for it.
        id: TurnId,
    },
    /// A tab is gone.
    Gone {
        /// The tab.
        tab: TabId,
    },
    /// The page is about to go.
    Leaving {
        /// Whether it goes into the back/forward cache, as far as is known.
        cached: bool,
    },
    /// The page is back, or has not gone after all.
    Returned {
        /// Whether it was in the back/forward cache.
        persisted: bool,
        /// What the browser remembers.
        record: Record,
    },
    /// The application has no more use for the session object.
    Dispose,
}
