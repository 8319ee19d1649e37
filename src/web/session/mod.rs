//! The main module of the npm package: a session, its one timer and its requests.

#![allow(
    unreachable_pub,
    reason = "wasm-bindgen exports public items only, and what they take has to be public too"
)]

mod driven;
mod host;
mod keeper;
mod platform;
mod reading;
mod requests;
mod settings;
mod shell;
mod written;

pub use host::Host;
pub use keeper::Keeper;
