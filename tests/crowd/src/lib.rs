//! What many clients do to their server: real sessions, driven as a shell would drive them.
//!
//! Clients do not know of each other, and what the server answers does not depend on how many ask. So they live
//! through the world one after the other, on every core, and memory does not grow with their number.
//!
//! ```
//! use crowd::{Kind, Traffic, World};
//!
//! let kind = Kind::session();
//! let world = World::outage(kind.between_renewals());
//! let traffic = Traffic::of(kind, &world, 100, 1);
//! assert_eq!(traffic.clients(), 100);
//! ```

mod client;
mod day;
mod page;
mod picture;
mod traffic;
mod world;

pub use client::Kind;
pub use day::Day;
pub use page::{Page, with_idle_end};
pub use picture::draw;
pub use traffic::Traffic;
pub use world::{LIFETIME, OUTAGE, Request, World};
