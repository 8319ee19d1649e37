use super::*;
use crate::token::AccessToken;

const AT: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn generation() -> Generation {
    Generation {
        started: AT,
        asked: AT,
        tab: TabId(u32::MAX),
    }
}

fn token() -> ReadToken {
    ReadToken {
        identity: None,
        token: AccessToken::new("token".to_owned()),
        dates: None,
    }
}

fn grant() -> SharedGrant {
    SharedGrant {
        generation: generation(),
        token: Some(token()),
        is_shared: true,
        sent: AT,
        expiry: AT + Span::from_secs(60),
        lifetime: Span::from_secs(60),
        due: AT + Span::from_secs(30),
        session_end: Some(AT + Span::from_hours(1)),
        clock: Some((
            Span::from_millis(-20),
            Span::from_millis(980),
            ClockSource::Date,
        )),
    }
}

fn messages() -> Vec<Message> {
    let started = Some(AT);
    vec![
        Message::Hello {
            started,
            asks: true,
        },
        Message::Hello {
            started: None,
            asks: false,
        },
        Message::Granted(grant()),
        Message::Granted(SharedGrant {
            token: None,
            is_shared: false,
            session_end: None,
            clock: None,
            ..grant()
        }),
        Message::Ended {
            started: AT,
            reason: EndReason::InvalidToken,
            untold: true,
        },
        Message::Ended {
            started: AT,
            reason: EndReason::Revoked,
            untold: false,
        },
        Message::Pending(RenewalKey(0x0123_4567_89ab_cdef << 60), AT),
        Message::Failed {
            failures: 3,
            until: AT,
        },
        Message::Bye,
        Message::Active(Activity { at: AT, seen: None }),
        Message::Active(Activity {
            at: AT,
            seen: Some(AT + Span::from_secs(1)),
        }),
    ]
}

#[test]
fn what_was_written_is_read() {
    for message in messages() {
        let sent = PeerMessage {
            from: TabId(9),
            message,
        };
        let token = sent.token().map(|_| token());
        assert_eq!(PeerMessage::read(&sent.write(), token), Some(sent.clone()));
    }
    for standing in [
        Standing {
            generation: None,
            failures: 0,
            until: None,
            sent: None,
        },
        Standing {
            generation: Some(generation()),
            failures: 2,
            until: Some(AT),
            sent: Some(AT),
        },
    ] {
        assert_eq!(Standing::read(&standing.write()), Some(standing));
    }
}

#[test]
fn nothing_else_is_read() {
    for message in messages() {
        let written = PeerMessage {
            from: TabId(9),
            message,
        }
        .write();
        for place in 0..written.len() {
            for nonsense in [-1.0, 0.5, f64::NAN, f64::INFINITY, 1e300] {
                let mut numbers = written.clone();
                if let Some(number) = numbers.get_mut(place) {
                    *number = nonsense;
                }
                let read = PeerMessage::read(&numbers, None);
                // A span may be negative; nothing else may be anything of this.
                let spans = read.is_none_or(|_| nonsense == -1.0 && [13, 14].contains(&place));
                assert!(spans, "{numbers:?}");
            }
        }
        let mut longer = written.clone();
        longer.push(0.0);
        assert_eq!(PeerMessage::read(&longer, None), None, "{longer:?}");
        let shorter = written.get(..written.len() - 1).unwrap_or_default();
        assert_eq!(PeerMessage::read(shorter, None), None, "{shorter:?}");
    }
    let bye = PeerMessage {
        from: TabId(9),
        message: Message::Bye,
    };
    assert_eq!(PeerMessage::read(&bye.write(), Some(token())), None);
    assert_eq!(Standing::read(&[2.0, 0.0, 0.0, 0.0, 0.0, 0.0]), None);
    assert_eq!(Standing::read(&[1.0, 0.0, 0.0, 0.0, 0.0]), None);
}

#[test]
fn a_later_sign_in_beats_any_renewal_and_a_later_renewal_any_tab() {
    let later = Generation {
        started: AT + Span::from_millis(1),
        asked: AT,
        tab: TabId(0),
    };
    let renewed = Generation {
        asked: AT + Span::from_millis(1),
        tab: TabId(0),
        ..generation()
    };
    assert!(later > renewed && renewed > generation());
}
