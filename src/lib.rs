//! Keeps a browser session: renews the access token in time, whatever the clock and the network do.
//!
//! The core is [`Session`], a machine without input or output: it is told what happened
//! ([`Input`]) and when ([`Now`]), and says what to do ([`Effect`]) and when to come back
//! ([`Deadline`]). Compiled to WebAssembly, the crate brings the browser's side along and is the
//! npm package `sessionkeeper`.
//!
//! ```
//! use sessionkeeper::{
//!     Config, Effect, Input, Monotonic, Now, Record, Session, Ticket, Timestamp,
//! };
//!
//! let at = |millis| Now {
//!     wall: Timestamp::from_millis(1_700_000_000_000 + millis),
//!     monotonic: Monotonic::from_millis(millis),
//! };
//! let mut session = Session::new(Config::default(), 7, at(0));
//! let restore = Input::Restore {
//!     ticket: Ticket(1),
//!     fresh: false,
//!     record: Record::default(),
//! };
//! session.handle_input(restore, at(0));
//! assert_eq!(session.poll_effect(), Some(Effect::DrawKey));
//! ```

#![cfg_attr(not(target_arch = "wasm32"), forbid(unsafe_code))]
#![cfg_attr(
    not(test),
    warn(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects
    )
)]

mod backoff;
mod base64url;
pub mod challenge;
mod clock;
mod config;
mod context;
mod device;
mod effect;
mod error;
mod event;
mod farewell;
mod grant;
pub mod http_date;
mod idle;
mod input;
mod record;
#[cfg(feature = "recording")]
pub mod recording;
mod renewal;
pub mod retry_after;
mod rng;
mod schedule;
mod session;
mod state;
mod tabs;
mod time;
mod timer;
mod token;
mod turn;
#[cfg(feature = "verify")]
pub mod verify;
mod waiters;
#[cfg(target_arch = "wasm32")]
mod web;

pub use backoff::Backoff;
pub use clock::{ClockEstimate, ClockSource, Exchange, ServerClock};
pub use config::{Config, Hidden, RenewalConfig, RetryConfig, TabsConfig};
pub use device::JumpKind;
pub use effect::{
    AttemptId, CheckId, Effect, LogoutId, ProbeId, Remark, RenewalKey, Settlement, Ticket, TurnId,
};
pub use error::SessionError;
pub use event::{Event, RenewalFailure};
pub use grant::TokenAnswer;
pub use idle::{Activity, IdleConfig};
pub use input::{Input, Outcome, Policy, Reply, Verdict};
pub use record::{Ending, Note, Record};
pub use rng::Rng;
pub use session::Session;
pub use state::{By, EndReason, SessionState, Snapshot};
pub use tabs::{Generation, Message, PeerMessage, STANDING_LENGTH, SharedGrant, Standing, TabId};
pub use time::{Monotonic, Now, NumericDate, ServerTime, Span, Timestamp};
pub use timer::{Deadline, Timer};
pub use token::{
    AccessToken, MAX_TOKEN_BYTES, Members, ReadToken, TokenDates, TokenError, claims_part,
};
/// What the JavaScript side drives, for the tests in browsers.
#[cfg(all(target_arch = "wasm32", feature = "session"))]
#[doc(hidden)]
pub use web::{Host, Keeper};
