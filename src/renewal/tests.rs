use std::collections::VecDeque;

use super::failing::GOVERNED;
use super::*;
use crate::config::Config;
use crate::device::{DeviceClock, WallAnchor};
use crate::event::{Event, RenewalFailure};
use crate::input::Outcome;
use crate::rng::Rng;
use crate::time::{Now, Timestamp};
use crate::timer::TimerTable;

const KEY: RenewalKey = RenewalKey(7);

fn now(millis: i64) -> Now {
    Now {
        wall: Timestamp::from_millis(millis),
        monotonic: Monotonic::from_millis(millis),
    }
}

fn context() -> Context {
    Context {
        device: DeviceClock::new(now(0)),
        wall: WallAnchor::new(now(0)),
        config: Config::default(),
        timers: TimerTable::default(),
        effects: VecDeque::new(),
        tab: crate::tabs::TabId(1),
        joined: false,
        rng: Rng::seeded(1),
    }
}

fn sent(cx: &mut Context) -> Option<AttemptId> {
    cx.effects.drain(..).rev().find_map(|effect| match effect {
        Effect::SendRenewal { id, .. } => Some(id),
        _ => None,
    })
}

fn started(cx: &mut Context) -> (Renewal, AttemptId) {
    let mut renewal = Renewal::new();
    renewal.start(cx);
    renewal.key_drawn(KEY, None, &Record::default(), cx);
    let id = sent(cx).expect("an attempt");
    (renewal, id)
}

#[test]
fn an_attempt_is_awaited_then_late_then_foreign() {
    let mut cx = context();
    let (mut renewal, id) = started(&mut cx);
    assert_eq!(renewal.place(id), Place::Awaited);
    renewal.failed(RenewalFailure::Timeout, None, &mut cx);
    assert_eq!(renewal.place(id), Place::Late);
    renewal.complete(&mut cx);
    assert_eq!(renewal.place(id), Place::Foreign);
}

#[test]
fn the_eleventh_failure_in_a_minute_has_to_wait() {
    let mut cx = context();
    let (mut renewal, mut id) = started(&mut cx);
    for second in 1..=10 {
        cx.device.observe(now(second * 1000));
        renewal.answered(id, &Outcome::Unreachable, &mut cx);
        renewal.failed(RenewalFailure::ServerError, None, &mut cx);
        let told = cx.effects.iter().rev().find_map(|effect| match effect {
            Effect::Emit(Event::RenewalFailed { retry_at, .. }) => Some(*retry_at),
            _ => None,
        });
        if second == 10 {
            let due = Timestamp::from_millis(1000) + GOVERNED;
            assert_eq!(told, Some(Some(due)), "the event tells when it is");
        }
        renewal.urge(&mut cx);
        renewal.key_drawn(KEY, None, &Record::default(), &mut cx);
        let Some(next) = sent(&mut cx) else {
            assert_eq!(second, 10);
            let first = Monotonic::from_millis(1000);
            assert_eq!(cx.timers.get(Timer::Retry), Some(first + GOVERNED));
            return;
        };
        id = next;
    }
    panic!("an eleventh attempt");
}

#[test]
fn a_key_that_nobody_asked_for_is_ignored() {
    let mut cx = context();
    let (mut renewal, _) = started(&mut cx);
    renewal.key_drawn(RenewalKey(8), None, &Record::default(), &mut cx);
    renewal.failed(RenewalFailure::Network, None, &mut cx);
    renewal.urge(&mut cx);
    renewal.key_drawn(RenewalKey(9), None, &Record::default(), &mut cx);
    let key = cx.effects.iter().find_map(|effect| match effect {
        Effect::SendRenewal { key, .. } => Some(*key),
        _ => None,
    });
    assert_eq!(key, Some(KEY));
}
