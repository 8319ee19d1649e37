//! A session in a simulated world: a server that rotates and notices theft, a network that loses,
//! delays and reorders, clocks that are wrong, an application that calls whatever it likes.
//!
//! Every run follows from its seed. A run that fails names it:
//!
//! ```sh
//! SEED=42 cargo test --test simulation           # one run, with its trace
//! SEEDS=100000 cargo test --test simulation      # more runs than by default
//! ```
#![cfg(not(target_arch = "wasm32"))]

mod chaos;
mod dice;
mod server;
#[path = "../support/mod.rs"]
mod support;
mod watch;
mod weather;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use support::replay;
use world::World;

const RUNS: u64 = 250;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Runs a world to its end, and tells what its trace comes to.
fn run(seed: u64, show: bool) -> (u64, World) {
    let mut world = World::new(seed, show);
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| world.run())) {
        eprintln!("{}", world.tail());
        eprintln!("replay with SEED={seed} cargo test --test simulation");
        resume_unwind(panic);
    }
    (world.digest(), world)
}

#[test]
fn sessions_keep_their_promises_in_every_world() {
    if let Some(seed) = number("SEED") {
        run(seed, true);
        return;
    }
    let mut seen = watch::Seen::default();
    for seed in 0..number("SEEDS").unwrap_or(RUNS) {
        let (digest, world) = run(seed, false);
        seen.add(world.seen());
        let steps = replay(&world.recording()).unwrap_or_else(|why| panic!("seed {seed}: {why}"));
        assert!(steps > 1, "the recording of seed {seed} is empty");
        if seed % 4 == 0 {
            let (again, _) = run(seed, false);
            assert_eq!(
                digest, again,
                "seed {seed} went another way the second time"
            );
        }
    }
    // A world in which nothing happens would keep every promise.
    println!("{seen:?}");
    seen.assert_varied();
}
