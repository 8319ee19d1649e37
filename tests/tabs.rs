//! The tabs of one browser, checked as a model: the core itself, in every order in which pages, locks,
//! messages, requests and answers can come.
//!
//! By default two tabs suffer each trouble once from their opening on, and three that are open suffer most
//! of them. More is a command, with the number of tabs, how many troubles there may be, and which (`All`, or
//! some of [`bounds::Trouble`]; `settled` for tabs that are open when it begins,
//! `own` for tokens that are not shared):
//!
//! ```sh
//! TABS="2 2 Kill Lose" cargo test --profile crowd --test tabs chosen -- --nocapture
//! TABS="3 1 Leave settled" SECS=600 cargo test --profile crowd --test tabs chosen -- --nocapture
//! ```
//!
//! Times are those of [`bounds`]: above all, a request reaches the server in 15 s, or never. What comes
//! later than the core waits for, after the next rotation, looks like theft to any server. So does a slow
//! request where a page that is gone has taken the answer to an earlier one with it: the troubles `Slow` and
//! one of `Kill`, `Leave` and `Freeze` are more than any client can bear.

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

use std::time::{Duration, Instant};

use bounds::{ALL, Bounds, Fault, Trouble};
use model::{ALL_AGREE, Browser, LEFT, NEVER_BACK, NO_ALARM, NOT_FOR_EVER, ONE_AT_A_TIME};
use stateright::{Checker, HasDiscoveries, Model};

/// Explores a world; tells which properties are broken, and shows how.
#[expect(clippy::disallowed_methods, reason = "how long it takes is printed")]
fn broken(name: &str, bounds: Bounds, limit: Option<Duration>) -> Vec<&'static str> {
    let mut builder = Browser(bounds)
        .checker()
        .threads(2)
        .finish_when(HasDiscoveries::AnyFailures);
    if let Some(limit) = limit {
        builder = builder.timeout(limit);
    }
    let started = Instant::now();
    let checker = builder.spawn_bfs().join();
    println!(
        "{name}: {} states, {} steps, depth {}, {:.1} s",
        checker.unique_state_count(),
        checker.state_count(),
        checker.max_depth(),
        started.elapsed().as_secs_f64(),
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

/// Exploring what freezes, and what goes away and comes back, takes minutes with three tabs.
fn quick() -> impl Iterator<Item = &'static Trouble> {
    let slow = [Trouble::Freeze, Trouble::Leave];
    ALL.iter().filter(move |trouble| !slow.contains(trouble))
}

#[test]
fn three_tabs_and_any_one_trouble() {
    for trouble in quick() {
        let bounds = Bounds::settled(3, 1, core::slice::from_ref(trouble));
        let broken = broken(&format!("three tabs, {trouble:?}"), bounds, None);
        assert!(broken.is_empty(), "{trouble:?}: {broken:?}");
    }
}

#[test]
fn tabs_that_do_not_share_their_tokens() {
    for trouble in quick() {
        let mut bounds = Bounds::settled(2, 1, core::slice::from_ref(trouble));
        bounds.sharing.share_token = false;
        let broken = broken(&format!("own tokens, {trouble:?}"), bounds, None);
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
}

/// A model that cannot fail says nothing: each fault breaks the property that is there to notice it.
#[test]
fn every_property_can_be_broken() {
    let breaks = |fault, bounds: Bounds, property| {
        let bounds = Bounds {
            fault: Some(fault),
            ..bounds
        };
        let broken = broken(&format!("{fault:?}"), bounds, None);
        assert!(broken.contains(&property), "{fault:?}: {broken:?}");
    };
    let two = |kinds| Bounds::settled(2, 1, kinds);
    breaks(Fault::EverybodysTurn, Bounds::new(2, 0, &[]), ONE_AT_A_TIME);
    breaks(
        Fault::ForgottenKey,
        Bounds::new(2, 1, &[Trouble::Unanswered]),
        NO_ALARM,
    );
    breaks(Fault::Mute, two(&[Trouble::Renew]), ALL_AGREE);
    // Where no tab sees another, a turn that comes before the message leads to a needless request.
    let thrifty = Bounds {
        most_renewals: NEEDED,
        ..Bounds::new(2, 0, &[])
    };
    breaks(Fault::EmptyLook, thrifty, NOT_FOR_EVER);
    breaks(Fault::SilentEnd, two(&[Trouble::SignOut]), LEFT);
    breaks(Fault::LateIsNew, two(&[Trouble::SignIn]), NEVER_BACK);
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
    let mut bounds = Bounds::new(tabs, troubles as u8, kinds.leak());
    bounds.settled = wanted.contains(&"settled");
    bounds.sharing.share_token = !wanted.contains(&"own");
    let broken = broken(&text, bounds, limit.map(Duration::from_secs));
    assert!(broken.is_empty(), "{broken:?}");
}
