//! The tabs of one browser, checked as a model: the core itself, in every order in which pages, locks,
//! messages, requests and answers can come.
//!
//! By default two tabs suffer each trouble once. More of it is a command, with the number of tabs, how
//! many troubles there may be, and which (`All`, or some of [`bounds::Trouble`]):
//!
//! ```sh
//! TABS="2 2 Kill Lose" cargo test --release --test tabs chosen -- --nocapture
//! TABS="3 1 Kill" SECS=600 cargo test --release --test tabs chosen -- --nocapture
//! ```
//!
//! Times are those of [`bounds`]: above all, a request reaches the server in 15 s, or never. One that
//! comes later than that, after the next rotation, looks like theft to any server.

#![cfg(not(target_arch = "wasm32"))]

#[path = "tabs/bounds.rs"]
mod bounds;
#[path = "tabs/locks.rs"]
mod locks;
#[path = "tabs/model.rs"]
mod model;
#[path = "tabs/server.rs"]
mod server;
#[path = "tabs/tab.rs"]
mod tab;
#[path = "tabs/world.rs"]
mod world;

use std::time::Duration;

use bounds::{ALL, Bounds, Fault, Trouble};
use model::Browser;
use stateright::{Checker, HasDiscoveries, Model};

/// Explores a world; tells which properties are broken, and shows how.
fn broken(name: &str, bounds: Bounds, limit: Option<Duration>) -> Vec<&'static str> {
    let mut builder = Browser(bounds)
        .checker()
        .threads(2)
        .finish_when(HasDiscoveries::AnyFailures);
    if let Some(limit) = limit {
        builder = builder.timeout(limit);
    }
    let checker = builder.spawn_bfs().join();
    println!(
        "{name}: {} states, {} steps, depth {}",
        checker.unique_state_count(),
        checker.state_count(),
        checker.max_depth(),
    );
    let discoveries = checker.discoveries();
    for (property, path) in &discoveries {
        println!("broken: {property}");
        for (state, step) in path.clone().into_vec() {
            println!("      {state:?}");
            if let Some(step) = step {
                println!("  {step:?}");
            }
        }
    }
    discoveries.into_keys().collect()
}

#[test]
fn two_tabs_and_any_one_trouble() {
    for trouble in ALL {
        let bounds = Bounds::new(2, 1, core::slice::from_ref(trouble));
        let broken = broken(&format!("two tabs, {trouble:?}"), bounds, None);
        assert!(broken.is_empty(), "{trouble:?}: {broken:?}");
    }
}

/// One for both when they are opened, and one every 40 s until the world ends.
const NEEDED: u32 = 4;

#[test]
fn tabs_that_are_opened_at_once_make_one_request() {
    let mut bounds = Bounds::new(2, 0, &[]);
    bounds.most_renewals = NEEDED;
    assert_eq!(broken("two tabs", bounds, None), [""; 0]);
    // Where no tab sees another, a turn that comes before the message leads to a needless request.
    bounds.fault = Some(Fault::EmptyLook);
    let broken = broken("two tabs that see nobody", bounds, None);
    assert!(!broken.is_empty(), "the model would not notice");
}

#[test]
fn a_key_that_only_one_tab_knows_would_be_taken_for_a_theft() {
    let mut bounds = Bounds::new(2, 1, &[Trouble::Unanswered]);
    bounds.fault = Some(Fault::ForgottenKey);
    let broken = broken("two tabs that keep their keys", bounds, None);
    assert!(!broken.is_empty(), "the model would not notice");
}

#[test]
fn chosen() {
    let Ok(text) = std::env::var("TABS") else {
        return;
    };
    let mut words = text.split_whitespace();
    let mut number = || words.next().and_then(|word| word.parse().ok());
    let (tabs, troubles) = (number().unwrap_or(2), number().unwrap_or(1));
    let wanted: Vec<&str> = words.collect();
    let kinds: Vec<Trouble> = ALL
        .iter()
        .copied()
        .filter(|trouble| wanted.contains(&"All") || wanted.contains(&&*format!("{trouble:?}")))
        .collect();
    let limit = std::env::var("SECS")
        .ok()
        .and_then(|secs| secs.parse().ok());
    let bounds = Bounds::new(tabs, troubles as u8, kinds.leak());
    let broken = broken(&text, bounds, limit.map(Duration::from_secs));
    assert!(broken.is_empty(), "{broken:?}");
}
