//! That a session cannot loop: however long its tokens live, whatever they say and the clocks do.
//!
//! `SEED=… cargo test --test bound` replays one world.

#[path = "bound/world.rs"]
mod world;

use world::World;

/// So many inputs are taken in all.
const INPUTS: u64 = 10_000_000;
/// So many by each session.
const EACH: u64 = 5_000;

/// Renewals that a session starts of its own accord, over any span:
///
/// > no more than 2 + Σ 2·dt / L(t)
///
/// - `L(t)` is the lifetime of the token that was asked for last before `t`: how long it had left
///   when the server answered, and a second where that is less. A token that is handed out again
///   counts with what it has left then, and not with what it had when it was made.
/// - `dt` is the time that passes, sleep included, and whatever a wall clock that was set forward
///   shows as passed while the server does not tell otherwise; three seconds more for each sleep.
///   Where clocks jump, half a renewal more is borne, since nobody knows exactly how far they went.
/// - A renewal counts once, when its first attempt is sent, however many attempts it takes. What the
///   application asks for does not count: a session that is restored, a renewal by `renew()`.
///
/// Half of the worlds have tokens of at most 60 s.
#[test]
fn no_span_has_more_renewals_than_two_and_two_for_each_lifetime() {
    if let Ok(seed) = std::env::var("SEED") {
        let mut world = World::new(seed.parse().expect("a number in SEED"));
        println!("{world:#?}");
        world.run(EACH);
        println!("{} renewals", world.renewals());
        return;
    }
    let (mut seed, mut inputs, mut renewals) = (0, 0, 0);
    while inputs < INPUTS {
        let mut world = World::new(seed);
        inputs += world.run(EACH);
        renewals += world.renewals();
        seed += 1;
    }
    // What never renews keeps every bound.
    assert!(renewals > INPUTS / 50, "{renewals} renewals");
}
