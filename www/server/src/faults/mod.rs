//! Misbehaviour on demand, for people and for tests: with `--faults` the server takes orders at
//! `/faults` to refuse, to be late, to garble its answers, or to lose them.
//!
//! Nothing else of the server knows of it: [`inject`] stands before the routes and lets every
//! request through that no armed fault is for.

mod answer;
mod armed;
mod connection;
mod endpoint;
mod fault;
mod issued;
mod layer;
mod order;

pub(crate) use armed::Faults;
pub(crate) use connection::{Connection, connections};
pub(crate) use endpoint::routes;
pub(crate) use layer::inject;
