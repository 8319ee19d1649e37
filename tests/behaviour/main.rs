//! How a session behaves: one test for each rule.

mod ages;
mod calls;
mod challenges;
mod clocks;
mod ending;
mod failing;
mod gaps;
mod idling;
mod lifetimes;
mod policies;
mod refusals;
mod remembering;
mod renewing;
mod revoking;
mod secrets;
mod starting;
#[path = "../support/mod.rs"]
mod support;
mod tabs;
mod verifying;
