//! The sample page's backend: a *token-mediating backend* in the terms of "OAuth 2.0 for
//! Browser-Based Apps". It hands out short-lived access tokens, keeps the rotating refresh
//! token in an `HttpOnly` cookie, and writes down everything that happened in an audit table.
//!
//! [`App`] is the whole server without a socket, so that tests drive its [`App::router`] in
//! process and move its [`Clock`] by hand; [`cli::run`] puts it on a port.

#![forbid(unsafe_code)]

mod access_token;
mod activity;
mod alerts;
mod app;
pub mod cli;
mod client_entries;
mod clock;
mod config;
mod cookie;
mod crypto;
mod deception;
mod device_description;
mod faults;
mod http;
mod observer;
mod one_time_code;
mod operator;
mod operator_token;
mod password;
mod place;
mod private_file;
mod proof;
pub mod report;
mod role;
mod serve;
mod signing_key;
mod span;
mod store;
mod upkeep;

pub use alerts::{AlertChange, AlertConfig, Bound, Measure, Rule, Standing, State};
pub use app::{App, StartError};
pub use clock::{Clock, SystemClock, Timestamp};
pub use config::{Config, PasswordCost};
pub use crypto::CryptoError;
pub use observer::Observer;
pub use operator::Operator;
pub use operator_token::OperatorTokenError;
pub use role::{Lifetimes, Role};
pub use store::{
    AuditEntry, AuditFilter, AuditKind, ClientEntry, Cohort, CohortError, EndedSession,
    KeyRotation, SAMPLE_USERS, SampleUser, StoreError,
};
