//! The tabs of one browser, checked as a model: the core itself, in every order in which pages, locks,
//! messages, requests and answers can come.
//!
//! By default two tabs suffer each trouble once from their opening on, and three that are open suffer most
//! of them; with `--ignored` the two that take minutes. More is a command, with the number of tabs, how many
//! troubles there may be, and which (`All`, or some of [`bounds::Trouble`]; `settled` for tabs that are open
//! when it begins, `own` for tokens that are not shared, `shortest` for the shortest way to what is found,
//! which takes more memory):
//!
//! ```sh
//! TABS="2 2 Kill Lose" cargo test --profile crowd --test tabs chosen -- --nocapture
//! TABS="3 1 SignIn" SECS=600 cargo test --profile crowd --test tabs chosen -- --nocapture
//! ```
//!
//! A world is known by a number of 64 bits, and so is a session in one condition. What a session makes of
//! what it is told depends on nothing but that and the time, so it is worked out once ([`kept`]). Steps
//! without an alternative make no state of their own, but are judged all the same ([`model`]).
//!
//! Times are those of [`bounds`]: above all, a request reaches the server in 15 s, or never. What comes
//! later than the core waits for, after the next rotation, looks like theft to any server. So does a slow
//! request where a page that is gone has taken the answer to an earlier one with it: the troubles `Slow` and
//! one of `Kill`, `Leave` and `Freeze` are more than any client can bear.

#![cfg(not(target_arch = "wasm32"))]

#[path = "tabs/bounds.rs"]
mod bounds;
#[path = "tabs/kept.rs"]
mod kept;
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

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use bounds::{ALL, Bounds, Fault, Trouble};
use model::{ALL_AGREE, Browser, LEFT, NEVER_BACK, NO_ALARM, NOT_FOR_EVER, ONE_AT_A_TIME, Step};
use stateright::{Checker, HasDiscoveries, Model, StateRecorder};
use world::World;

/// In which order a world is explored.
#[derive(Clone, Copy)]
enum Search {
    /// What it finds is the shortest way there.
    Breadth,
    /// It keeps the worlds along one path only, and a number of 64 bits for every other.
    Depth,
}

/// Explores a world to its end; tells which properties are broken, and shows the shortest way there.
fn broken(name: &str, bounds: Bounds) -> Vec<&'static str> {
    explore(name, bounds, Search::Breadth, None)
}

/// Explores a world, for so long at most; tells which properties are broken, and shows how.
#[expect(clippy::disallowed_methods, reason = "how long it takes is printed")]
fn explore(
    name: &str,
    bounds: Bounds,
    search: Search,
    limit: Option<Duration>,
) -> Vec<&'static str> {
    let mut builder = Browser(bounds)
        .checker()
        .threads(2)
        .finish_when(HasDiscoveries::AnyFailures);
    if let Some(limit) = limit {
        builder = builder.timeout(limit);
    }
    let started = Instant::now();
    let discoveries = match search {
        Search::Breadth => found(name, builder.spawn_bfs().join()),
        Search::Depth => found(name, builder.spawn_dfs().join()),
    };
    let took = started.elapsed();
    let cut = if limit.is_some_and(|limit| took >= limit) {
        ", NOT to the end"
    } else {
        ""
    };
    println!("  {:.1} s{cut}", took.as_secs_f64());
    for (property, steps) in &discoveries {
        println!("broken: {property}");
        let mut show = |step, world: &World| println!("  {step:?}\n      {world:?}");
        let mut world = Browser(bounds).init_states().remove(0);
        println!("      {world:?}");
        for step in steps {
            world.advance(&bounds, *step, &mut show);
        }
    }
    discoveries.into_keys().collect()
}

/// Prints how much was explored; returns the steps to each property that is broken.
fn found(name: &str, checker: impl Checker<Browser>) -> BTreeMap<&'static str, Vec<Step>> {
    let (states, steps) = (checker.unique_state_count(), checker.state_count());
    println!(
        "{name}: {states} states, {steps} steps, depth {}",
        checker.max_depth()
    );
    let discoveries = checker.discoveries().into_iter();
    discoveries
        .map(|(property, path)| (property, path.into_actions()))
        .collect()
}

#[test]
fn two_tabs_and_any_one_trouble() {
    for trouble in ALL {
        let bounds = Bounds::new(2, 1, core::slice::from_ref(trouble));
        let broken = broken(&format!("two tabs, {trouble:?}"), bounds);
        assert!(broken.is_empty(), "{trouble:?}: {broken:?}");
    }
}

/// Exploring what freezes, and what goes away and comes back, takes minutes with three tabs.
const LONG: &[Trouble] = &[Trouble::Freeze, Trouble::Leave];

fn three_tabs(troubles: impl Iterator<Item = &'static Trouble>) {
    for trouble in troubles {
        let bounds = Bounds::settled(3, 1, core::slice::from_ref(trouble));
        let name = format!("three tabs, {trouble:?}");
        let broken = explore(&name, bounds, Search::Depth, None);
        assert!(broken.is_empty(), "{trouble:?}: {broken:?}");
    }
}

#[test]
fn three_tabs_and_any_one_trouble() {
    three_tabs(ALL.iter().filter(|trouble| !LONG.contains(trouble)));
}

#[test]
#[ignore = "minutes, and with the profile `crowd`"]
fn three_tabs_of_which_one_freezes_or_goes_away_and_comes_back() {
    three_tabs(LONG.iter());
}

#[test]
fn tabs_that_do_not_share_their_tokens() {
    for trouble in ALL {
        let mut bounds = Bounds::settled(2, 1, core::slice::from_ref(trouble));
        bounds.sharing.share_token = false;
        let broken = broken(&format!("own tokens, {trouble:?}"), bounds);
        assert!(broken.is_empty(), "{trouble:?}: {broken:?}");
    }
}

/// One for both when they are opened, and one every 40 s until the world ends.
const NEEDED: u32 = 4;

#[test]
fn tabs_that_are_opened_at_once_make_one_request() {
    let mut bounds = Bounds::new(2, 0, &[]);
    bounds.most_renewals = NEEDED;
    assert_eq!(broken("two tabs", bounds), [""; 0]);
}

/// A model that cannot fail says nothing: each fault breaks the property that is there to notice it.
#[test]
fn every_property_can_be_broken() {
    let breaks = |fault, bounds: Bounds, property| {
        for plain in [false, true] {
            let bounds = Bounds {
                fault: Some(fault),
                plain,
                ..bounds
            };
            let broken = broken(&format!("{fault:?}"), bounds);
            assert!(broken.contains(&property), "{fault:?}: {broken:?}");
        }
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

/// What is left out must not matter: whether every step is a state and the core works everything out, or
/// not, a world ends in the same ways.
#[test]
fn a_world_ends_in_the_same_ways_when_every_step_is_explored() {
    let ends = |bounds: Bounds, plain| -> BTreeSet<u64> {
        let (recorder, worlds) = StateRecorder::new_with_accessor();
        let model = Browser(Bounds { plain, ..bounds });
        let checker = model.checker().visitor(recorder).spawn_dfs().join();
        println!("{} states", checker.unique_state_count());
        let over = |world: &World| world.over.then(|| world.digest());
        worlds().iter().filter_map(over).collect()
    };
    for trouble in ALL.iter().filter(|trouble| **trouble != Trouble::Freeze) {
        let mut bounds = Bounds::settled(2, 1, core::slice::from_ref(trouble));
        bounds.sharing.share_token = *trouble != Trouble::SignIn;
        let some = ends(bounds, false);
        assert!(!some.is_empty(), "{trouble:?}");
        assert_eq!(some, ends(bounds, true), "{trouble:?}");
    }
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
    let search = match wanted.contains(&"shortest") {
        true => Search::Breadth,
        false => Search::Depth,
    };
    let broken = explore(&text, bounds, search, limit.map(Duration::from_secs));
    assert!(broken.is_empty(), "{broken:?}");
}
