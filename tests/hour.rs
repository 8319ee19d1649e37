//! An hour of many tabs: how often they renew, all together.
//!
//! ```sh
//! cargo test --test hour -- --nocapture
//! ```
//!
//! prints the table. Messages are slower than locks, as they are in browsers, so that most turns come
//! before the message that makes them needless.

#![cfg(not(target_arch = "wasm32"))]

#[path = "support/mod.rs"]
mod support;

#[path = "hour/world.rs"]
mod world;

use world::World;

const HOUR_S: i64 = 3600;

#[test]
fn many_tabs_renew_no_more_than_one() {
    println!("lifetime renewals an hour of 1 to 20 tabs");
    for lifetime_s in [60, 300, 900] {
        let renewals: Vec<usize> = (1..=20)
            .map(|tabs| {
                let mut world = World::new(tabs, lifetime_s, tabs as u64);
                world.run(HOUR_S * 1000);
                world.renewals()
            })
            .collect();
        println!("{lifetime_s:>6} s {renewals:?}");
        let alone = renewals[0];
        assert!(alone > 3);
        assert!(
            renewals.iter().all(|many| *many <= alone + 1),
            "{lifetime_s}"
        );
    }
}

#[test]
fn tabs_that_cannot_take_turns_still_share_what_they_get() {
    for tabs in [2, 5, 20] {
        let mut world = World::without_locks(tabs, 900, 3);
        world.run(HOUR_S * 1000);
        let renewals = world.renewals();
        println!("without locks, {tabs} tabs: {renewals} renewals an hour of 900 s tokens");
        assert!(renewals < 2 * tabs + 4, "{renewals}");
    }
}
