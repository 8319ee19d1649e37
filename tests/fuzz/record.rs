//! The record, as it comes back from a place that anybody on the page's origin can write to.

use bolero::check;
use sessionkeeper::{Activity, Ending, Record, RenewalKey, Timestamp};

/// Nothing is a record that was not written as one.
fn assert_sound(numbers: &[f64]) {
    if let Some(record) = Record::read(numbers) {
        let nothing = record == Record::default();
        let written = record.write();
        assert_eq!(written, if nothing { &[] } else { numbers });
        assert_eq!(Record::read(&written).unwrap_or_default(), record);
    }
}

#[test]
fn any_numbers() {
    check!()
        .with_type::<Vec<f64>>()
        .with_iterations(20_000)
        .for_each(|numbers| assert_sound(numbers));
}

#[test]
fn numbers_like_those_of_a_record() {
    let number = bolero::one_value_of([
        0.0,
        1.0,
        2.0,
        3.0,
        -1.0,
        0.5,
        1.5,
        -0.0,
        1.7e12,
        4294967295.0,
        4294967296.0,
        8.64e15,
        8.640000000000001e15,
        f64::NAN,
        f64::INFINITY,
        f64::MIN_POSITIVE,
    ]);
    let numbers = bolero::produce::<Vec<f64>>()
        .with()
        .values(number)
        .len(0_usize..15);
    check!()
        .with_generator(numbers)
        .with_iterations(20_000)
        .for_each(|numbers| assert_sound(numbers));
}

#[test]
fn what_is_written_is_read() {
    check!()
        .with_type::<(
            i64,
            u8,
            Option<(u128, bool)>,
            i64,
            i64,
            Option<(i64, Option<i64>)>,
        )>()
        .with_iterations(5_000)
        .for_each(|&(started, ending, key, sent, open, activity)| {
            let shown = |at: i64| Timestamp::from_millis(at.rem_euclid(8_640_000_000_000_000) + 1);
            let instant = |millis: i64| {
                let millis = millis.rem_euclid(8_640_000_000_000_001);
                (millis != 0).then_some(Timestamp::from_millis(millis))
            };
            let record = Record {
                started: instant(started),
                ending: match ending % 3 {
                    0 => None,
                    1 => Some(Ending::Untold),
                    _ => Some(Ending::Local),
                },
                key: key.map(|(key, _)| RenewalKey(key)),
                answered: key.is_some_and(|(_, answered)| answered),
                sent: instant(sent),
                open: [instant(open), None],
                activity: activity.map(|(at, seen)| Activity {
                    at: shown(at),
                    seen: seen.map(shown),
                }),
            };
            assert_eq!(Record::read(&record.write()).unwrap_or_default(), record);
        });
}
