//! Recordings: what is in them, what never is, and that they can be run again.

#![cfg(not(target_arch = "wasm32"))]

mod support;

use std::cell::RefCell;
use std::rc::Rc;

use serde_json::{Value, json};
use sessionkeeper::challenge::BearerChallenge;
use sessionkeeper::recording::{Fault, Recorded, Replay, Step};
use sessionkeeper::*;

use support::{read, replay, token_text};

/// Stands in every text that must not be recorded.
const SECRET: &str = "hush-a1b2";
const KEY: RenewalKey = RenewalKey(0x5ec2_e75e_c2e7_5ec2_e75e_c2e7_5ec2_e75e);

fn now(millis: i64) -> Now {
    Now {
        wall: Timestamp::from_millis(1_700_000_000_000 + millis),
        monotonic: Monotonic::from_millis(millis),
    }
}

fn config() -> Config {
    let mut config = Config {
        verify: true,
        logout: true,
        idle: Some(IdleConfig {
            timeout: Span::MAX,
            warning: Span::from_secs(60),
            confirm: false,
        }),
        ..Config::default()
    };
    config.tabs.channel = true;
    config.tabs.share_token = true;
    config
}

struct Tape {
    session: Recorded,
    lines: Rc<RefCell<Vec<String>>>,
}

impl Tape {
    fn new(config: Config, secret: u128) -> Tape {
        let lines = Rc::new(RefCell::new(Vec::new()));
        let kept = lines.clone();
        let keep = move |line: &str| kept.borrow_mut().push(line.to_owned());
        let session = Recorded::new(config, u64::MAX - 7, now(0), secret, keep);
        Tape { session, lines }
    }

    fn input(&mut self, at: i64, input: Input) -> Vec<Effect> {
        self.session.handle_input(input, now(at));
        std::iter::from_fn(|| self.session.poll_effect()).collect()
    }

    fn lines(&self) -> Vec<String> {
        self.lines.borrow().clone()
    }
}

fn granted(subject: &str) -> TokenAnswer {
    let claims = json!({
        "iat": 1_700_000_000, "exp": 1_700_000_900, "auth_time": 1_700_000_000,
        "sub": format!("{SECRET}-{subject}"), "sid": format!("{SECRET}-sid"), "name": SECRET,
    });
    TokenAnswer {
        token: Some(read(token_text(&claims))),
        expires_in: Some(900.1),
        expires_at: None,
        session_expires_in: Some(36_000.7),
    }
}

/// One whose numbers JSON has no form for.
fn unusable() -> TokenAnswer {
    TokenAnswer {
        expires_in: Some(f64::NAN),
        expires_at: Some(f64::NEG_INFINITY),
        session_expires_in: Some(f64::INFINITY),
        ..granted("ada")
    }
}

fn id_of_check(effects: &[Effect]) -> CheckId {
    let check = |effect: &Effect| match effect {
        Effect::Verify { id, .. } => Some(*id),
        _ => None,
    };
    effects.iter().find_map(check).expect("a check")
}

/// A sign-in, a renewal, a step-up as the same user, a refusal, a message of each kind with something to hide.
fn eventful(secret: u128) -> Vec<String> {
    let mut tape = Tape::new(config(), secret);
    let (ticket, answer) = (Ticket(0), unusable());
    tape.input(5, Input::Begin { ticket, answer });
    let ticket = Ticket(1);
    let begun = tape.input(
        10,
        Input::Begin {
            ticket,
            answer: granted("ada"),
        },
    );
    let (id, verdict) = (id_of_check(&begun), Verdict::Passed);
    tape.input(20, Input::Verified { id, verdict });
    tape.input(25, Input::Joined);
    tape.input(30, Input::Renew { ticket: Ticket(2) });
    let record = Record {
        key: Some(KEY),
        ..Record::default()
    };
    let drawn = tape.input(31, Input::KeyDrawn { key: KEY, record });
    let sent = drawn.iter().find_map(|effect| match effect {
        Effect::SendRenewal { id, key } => Some((*id, *key)),
        _ => None,
    });
    let (id, key) = sent.expect("an attempt");
    assert_eq!(key, KEY, "the session itself is told the truth");
    let exchange = Exchange {
        sent: now(31),
        received: now(80),
    };
    let outcome = Outcome::Answered(Reply {
        status: 200,
        date: Some(ServerTime::from_millis(1_700_000_000_000)),
        aged: false,
        retry_after: None,
        answer: Some(granted("ada")),
    });
    let settled = tape.input(
        80,
        Input::RenewalSettled {
            id,
            exchange,
            outcome,
        },
    );
    let verify = Input::Verified {
        id: id_of_check(&settled),
        verdict,
    };
    tape.input(90, verify);
    let challenge = format!(
        r#"Bearer error="insufficient_user_authentication", acr_values="mfa", scope="{SECRET}""#
    );
    let challenged = Input::Challenged {
        ticket: Ticket(3),
        generation: 1,
        challenge: BearerChallenge::parse(&challenge).expect("a challenge"),
        url: format!("https://api.test/pay?card={SECRET}#{SECRET}"),
    };
    tape.input(100, challenged);
    let again = tape.input(
        110,
        Input::Begin {
            ticket: Ticket(4),
            answer: granted("ada"),
        },
    );
    let verify = Input::Verified {
        id: id_of_check(&again),
        verdict,
    };
    let upgraded = tape.input(120, verify);
    let started = |effect: &Effect| matches!(effect, Effect::Emit(Event::Started { .. }));
    assert!(!upgraded.iter().any(started), "the same user goes on");
    let pending = Message::Pending(KEY, now(130).wall);
    tape.input(
        130,
        Input::Peer(PeerMessage {
            from: TabId(9),
            message: pending,
        }),
    );
    tape.input(140, Input::RecordRead(record));
    tape.input(
        150,
        Input::SignOut {
            ticket: Ticket(5),
            logout: true,
        },
    );
    tape.lines()
}

#[test]
fn a_recording_can_be_run_again() {
    assert_eq!(replay(&eventful(1)), Ok(14));
}

#[test]
fn nothing_secret_is_recorded() {
    let token = granted("ada")
        .token
        .expect("one")
        .expect("a good one")
        .token;
    let key = KEY.to_text();
    let lines = eventful(1).join("\n");
    assert!(lines.contains("https://api.test/pay\""), "{lines}");
    let parts = token
        .expose()
        .split('.')
        .chain([SECRET, "card", "c2ln", &key, &key[16..]]);
    for part in parts {
        assert!(!lines.contains(part), "{part} is in\n{lines}");
    }
    assert!(lines.contains("stand-in:"), "{lines}");
}

#[test]
fn two_recordings_of_the_same_cannot_be_linked() {
    let stand_ins = |lines: Vec<String>| -> Vec<String> {
        let text = lines.join("\n");
        let after = text.split("stand-in:").skip(1);
        after.map(|text| text[..16].to_owned()).collect()
    };
    let (one, other) = (stand_ins(eventful(1)), stand_ins(eventful(2)));
    assert_eq!(one, stand_ins(eventful(1)));
    assert!(one.len() > 3 && one.len() == other.len());
    assert!(
        one.iter().all(|each| !other.contains(each)),
        "{one:?} {other:?}"
    );
}

#[test]
fn an_input_between_two_effects_is_recorded_where_it_came() {
    let mut tape = Tape::new(config(), 1);
    let restore = Input::Restore {
        ticket: Ticket(1),
        fresh: false,
        record: Record::default(),
    };
    tape.session.handle_input(restore, now(1));
    let first = tape.session.poll_effect();
    assert!(first.is_some());
    // A sign-out, which makes the rest of no use.
    tape.input(
        2,
        Input::SignOut {
            ticket: Ticket(2),
            logout: true,
        },
    );
    let lines = tape.lines();
    assert_eq!(lines.len(), 5, "{lines:?}");
    let interrupted: Value = serde_json::from_str(&lines[2]).expect("JSON");
    assert_eq!(interrupted["effects"].as_array().map(Vec::len), Some(1));
    assert_eq!(interrupted["more"], true);
    assert_eq!(replay(&lines), Ok(2));
}

#[test]
fn an_input_is_recorded_before_it_does_anything() {
    let mut tape = Tape::new(config(), 1);
    tape.session.handle_input(Input::Activity, now(1));
    assert_eq!(tape.lines().len(), 2);
    assert_eq!(replay(&tape.lines()), Ok(1));
}

#[test]
fn the_first_difference_is_told() {
    let mut lines = eventful(1);
    let place = lines.iter().position(|line| line.contains("send-renewal"));
    let line = &mut lines[place.expect("an attempt")];
    let sent = r#"{"send-renewal":{"id":0,"#;
    assert!(line.contains(sent), "{line}");
    *line = line.replace(sent, r#"{"send-renewal":{"id":1,"#);
    let mut run = Replay::begin(&lines[0]).expect("a head");
    let fault = lines[1..].iter().find_map(|line| run.step(line).err());
    let Some(Fault::Differs {
        recorded: Some(recorded),
        replayed: Some(replayed),
    }) = fault
    else {
        panic!("{fault:?}");
    };
    assert!(recorded.contains(r#""id":1"#) && replayed.contains(r#""id":0"#));
}

#[test]
fn an_effect_that_does_not_come_again_is_a_difference_and_so_is_one_more() {
    for (from, to) in [
        ("\"effects\":[", "\"effects\":[\"leave\","),
        ("[\"draw-key\"", "["),
    ] {
        let mut lines = eventful(1);
        let line = lines
            .iter_mut()
            .find(|line| line.contains(from))
            .expect("such a line");
        *line = line.replace(from, to).replace("[,", "[");
        let why = replay(&lines).expect_err("a difference");
        assert!(why.contains("something else came of it"), "{why}");
    }
}

#[test]
fn what_is_no_recording_is_refused_with_the_reason() {
    let lines = eventful(1);
    let begin = |line: &str| match Replay::begin(line) {
        Err(Fault::Foreign(why)) => why,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("{line} is taken"),
    };
    let version = lines[0].replace("\"version\":1", "\"version\":2");
    assert!(begin(&version).contains("version 2"));
    assert!(begin(&lines[0].replace("-recording", "-log")).contains("-log"));
    for line in [
        "",
        "{}",
        "[]",
        "null",
        "{\"format\":",
        &lines[1],
        &lines[0][..90],
    ] {
        begin(line);
    }
    for (line, expected) in [
        (&lines[2][..], "not the one that is due"),
        ("{}", "not the one that is due"),
        ("{\"now\":[1,2],\"input\":\"nonsense\"}", "unknown variant"),
        ("{\"now\":[1e300,2]}", "invalid type"),
        ("{\"now\":[1,2,3]}", "trailing"),
        ("{\"now\":[1,2],\"full\":true}", "not the one that is due"),
        ("{\"later\":1}", "unknown field"),
        ("{\"now\":[1,2],\"in", "cut off"),
    ] {
        let mut run = Replay::begin(&lines[0]).expect("a head");
        let why = run.step(line).expect_err(line).to_string();
        assert!(why.contains(expected), "{line}: {why}");
    }
}

#[test]
fn a_recording_that_is_full_says_so() {
    let mut run = Replay::begin(&eventful(1)[0]).expect("a head");
    assert!(matches!(run.step("{\"full\":true}"), Ok(Step::Full)));
}
