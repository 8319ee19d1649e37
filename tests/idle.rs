//! Tabs that are opened, shown, hidden, frozen, killed and asleep, and a model that says when their session
//! ends that nobody uses.
//!
//! Every world follows from its seed. One that fails names it:
//!
//! ```sh
//! SEED=42 cargo test --test idle -- --nocapture               # one world, with its trace
//! STEPS=1000000 cargo test --release --test idle -- --nocapture
//! ```

#![cfg(not(target_arch = "wasm32"))]

#[path = "simulation/dice.rs"]
mod dice;
#[path = "idle/model.rs"]
mod model;
#[path = "support/mod.rs"]
mod support;
#[path = "idle/world.rs"]
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use world::{Seen, World};

/// What a user, a browser or a device does, in each world.
const STEPS_OF_A_WORLD: u64 = 500;
const STEPS: u64 = 60_000;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn run(seed: u64, show: bool) -> Seen {
    let mut world = World::new(seed, show);
    let steps = || {
        for _ in 0..STEPS_OF_A_WORLD {
            world.step();
        }
    };
    if let Err(panic) = catch_unwind(AssertUnwindSafe(steps)) {
        eprintln!("{}", world.tail());
        eprintln!("replay with SEED={seed} cargo test --test idle -- --nocapture");
        resume_unwind(panic);
    }
    world.seen
}

#[test]
fn sessions_end_when_the_model_says_so() {
    if let Some(seed) = number("SEED") {
        run(seed, true);
        return;
    }
    let steps = number("STEPS").unwrap_or(STEPS);
    let mut seen = Seen::default();
    for seed in 0..steps.div_ceil(STEPS_OF_A_WORLD) {
        seen.add(run(seed, false));
    }
    println!("{steps} steps: {seen:?}");
    seen.assert_varied();
}
