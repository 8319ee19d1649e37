//! That the server's clock is where the estimate says, whatever the network and the clocks do.
//!
//! `SEED=… cargo test --test clock` replays one world.

#[path = "clock/world.rs"]
mod world;

use sessionkeeper::{ClockSource, Rng, ServerClock, Span};

use world::{Network, World};

const WORLDS: u64 = 400;
const EXCHANGES: u64 = 25;

/// The seeds to run: those from 0, or the one that the environment names.
fn seeds() -> Vec<u64> {
    match std::env::var("SEED") {
        Ok(seed) => vec![seed.parse().expect("a number in SEED")],
        Err(_) => (0..WORLDS).collect(),
    }
}

#[test]
fn the_truth_lies_within_the_estimate_after_every_one_of_ten_thousand_exchanges() {
    let (mut exchanges, mut useful) = (0, 0);
    for seed in seeds() {
        let mut world = World::new(seed, Network::Any);
        for _ in 0..EXCHANGES {
            world.pause();
            useful += u32::from(world.exchange());
            exchanges += 1;
        }
    }
    if std::env::var("SEED").is_err() {
        assert_eq!(exchanges, 10_000);
        // Half of the flights are undisturbed.
        assert!(useful > 5_000, "{useful} exchanges were of use");
    }
}

#[test]
fn twenty_answers_over_an_ordinary_network_tell_the_time_within_half_a_second() {
    let mut found = Vec::new();
    for seed in seeds() {
        let mut world = World::new(seed, Network::Ordinary);
        for _ in 0..20 {
            world.pause();
            world.exchange();
        }
        found.push(world.estimate().uncertainty);
    }
    found.sort();
    let median = found[found.len() / 2];
    assert!(median < Span::from_millis(500), "{median:?}");
}

#[test]
fn a_server_whose_clock_was_set_is_believed_again_with_the_next_answer() {
    let mut rng = Rng::seeded(11);
    for seed in seeds() {
        let mut world = World::new(seed, Network::Ordinary);
        for round in 0..10 {
            for _ in 0..round {
                world.pause();
                world.exchange();
            }
            // From more than the estimate and an answer are wide together, up to three years.
            let far = 5_000.0 * 10_f64.powf(rng.share() * 7.3);
            let far = Span::from_millis(far as i64);
            let step = if rng.share() < 0.5 {
                far
            } else {
                Span::ZERO - far
            };
            world.set_server(step);
            world.wait(Span::from_secs(60));
            world.exchange();
        }
    }
}

#[test]
fn answers_in_quick_succession_do_not_outrun_the_drift() {
    for ppm in [-500, 500] {
        let mut world = World::new(3, Network::Ordinary);
        world.set_drift(ppm);
        for _ in 0..5_000 {
            world.wait(Span::from_millis(300));
            world.exchange();
        }
    }
}

#[test]
fn the_clocks_drift_while_an_answer_is_on_its_way_too() {
    // Only the last milliseconds of the server's second show it.
    for seed in 0..5_000 {
        let mut world = World::new(seed, Network::Slow);
        world.set_drift(500);
        world.exchange();
    }
}

#[test]
fn an_old_answer_takes_nothing_back() {
    let mut world = World::new(5, Network::Ordinary);
    for _ in 0..20 {
        world.wait(Span::from_secs(30));
        world.exchange();
    }
    let before = world.estimate();
    world.cached_answer(Span::from_hours(3));
    let after = world.estimate();
    assert_eq!(after.source, ClockSource::Date);
    assert!(after.uncertainty <= before.uncertainty + Span::from_millis(1));
}

#[test]
fn nothing_is_known_without_an_answer_and_only_a_bound_by_an_old_one() {
    let mut world = World::new(6, Network::Ordinary);
    assert_eq!(ServerClock::unknown().latest(world.now()), None);
    world.cached_answer(Span::from_mins(1));
    assert_eq!(world.estimate().uncertainty, Span::MAX);
    world.exchange();
    assert!(world.estimate().uncertainty < Span::from_secs(2));
}
