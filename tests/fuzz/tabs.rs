//! What comes from other tabs: messages of a channel, and standings in the names of locks. Any script of
//! the origin can write both.

use bolero::check;
use sessionkeeper::{AccessToken, PeerMessage, ReadToken, Standing};

/// Nothing is read that was not written as one.
fn assert_sound(numbers: &[f64], with_token: bool) {
    if let Some(standing) = Standing::read(numbers) {
        assert_eq!(Standing::read(&standing.write()), Some(standing));
    }
    let token = || {
        with_token.then(|| ReadToken {
            identity: None,
            token: AccessToken::new("token".to_owned()),
            dates: None,
        })
    };
    if let Some(message) = PeerMessage::read(numbers, token()) {
        assert_eq!(message.token().is_some(), with_token);
        assert_eq!(message.write(), numbers);
        assert_eq!(PeerMessage::read(&message.write(), token()), Some(message));
    }
}

#[test]
fn any_numbers() {
    check!()
        .with_type::<(Vec<f64>, bool)>()
        .with_iterations(20_000)
        .for_each(|(numbers, with_token)| assert_sound(numbers, *with_token));
}

#[test]
fn numbers_like_those_of_a_tab() {
    let number = bolero::one_value_of([
        0.0,
        1.0,
        2.0,
        3.0,
        4.0,
        5.0,
        6.0,
        7.0,
        -1.0,
        0.5,
        1.7e12,
        4294967295.0,
        4294967296.0,
        8.64e15,
        8.640000000000001e15,
        f64::NAN,
        f64::INFINITY,
    ]);
    let numbers = bolero::produce::<Vec<f64>>()
        .with()
        .values(number)
        .len(0_usize..17);
    check!()
        .with_generator((numbers, bolero::produce::<bool>()))
        .with_iterations(50_000)
        .for_each(|(numbers, with_token)| assert_sound(numbers, *with_token));
}
