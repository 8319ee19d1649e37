//! The browser's side: carries out what the core asks for, and decides nothing.

#[cfg(not(target_feature = "atomics"))]
mod allocator;
#[cfg(feature = "session")]
mod session;
#[cfg(feature = "verify")]
mod verify;

#[cfg(feature = "session")]
pub use session::{Host, Keeper};
