//! What the tests of the core share: tokens as servers make them, and a driver for a session.
#![allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    reason = "each test binary uses a part of it"
)]

mod driver;
#[cfg(not(target_arch = "wasm32"))]
mod replay;
mod tokens;

pub use driver::Driver;
#[cfg(not(target_arch = "wasm32"))]
pub use replay::replay;
pub use tokens::{read, token_text};
