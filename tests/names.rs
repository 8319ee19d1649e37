//! The names that `js/names.js` has for the numbers of the module are those of the core, in its order.

use sessionkeeper::{By, ClockSource, EndReason, JumpKind, RenewalFailure, SessionError};
use sessionkeeper::{SessionState, TokenError};

const NAMES: &str = include_str!("../js/names.js");

/// The texts of a list in `js/names.js`.
fn listed(name: &str) -> Vec<&'static str> {
    let (_, rest) = [": [", " = ["]
        .iter()
        .find_map(|mark| NAMES.split_once(&format!("{name}{mark}")))
        .unwrap_or_else(|| panic!("there is no {name}"));
    let (list, _) = rest.split_once(']').expect("a list ends");
    list.split('"').skip(1).step_by(2).collect()
}

/// Each variant of an enumeration with its name; they are matched, so that none is forgotten.
macro_rules! variants {
    ($name:ident, $($variant:ident),+) => {{
        fn _all_are_named(value: $name) {
            match value {
                $($name::$variant => (),)+
            }
        }
        [$($name::$variant),+]
    }};
}

macro_rules! assert_named {
    ($list:literal, $name:ident :: $text:ident, $($variant:ident),+) => {{
        let names = listed($list);
        let all = variants!($name, $($variant),+);
        assert_eq!(names.len(), all.len(), "{}", $list);
        for each in all {
            assert_eq!(names[each as usize], each.$text(), "{}", $list);
        }
    }};
}

#[test]
fn what_has_a_name_has_the_same_on_both_sides() {
    assert_named!(
        "state",
        SessionState::name,
        SignedOut,
        Starting,
        Active,
        Degraded
    );
    assert_named!(
        "reason",
        EndReason::name,
        SignedOut,
        Expired,
        Rejected,
        InvalidToken,
        Unreachable,
        IdleTimeout,
        MaxAge,
        Revoked
    );
    assert_named!("party", By::name, ThisTab, OtherTab, Server);
    assert_named!("source", ClockSource::name, Date, IssuedAt, None);
    assert_named!("kind", JumpKind::name, Sleep, SetForward, SetBack, Unknown);
    assert_named!(
        "cause",
        RenewalFailure::name,
        Network,
        Timeout,
        Offline,
        RateLimited,
        ServerError,
        Rejected,
        MalformedAnswer,
        InvalidToken
    );
    assert_named!(
        "ERRORS",
        SessionError::code,
        SignedOut,
        Unavailable,
        BadAnswer,
        TokenInvalid,
        VerifierMissing,
        Disposed
    );
    assert_named!(
        "REFUSALS",
        TokenError::code,
        TooLarge,
        Malformed,
        Algorithm,
        Expiry,
        IssuedAt,
        NotBefore,
        NotYetValid,
        Expired,
        Opaque,
        Refused
    );
}
