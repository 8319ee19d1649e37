//! `WWW-Authenticate`: beside the crate `http-auth`, and read as it was written.

mod written;

use bolero::check;
use bolero::produce;
use sessionkeeper::Span;
use sessionkeeper::challenge::{BearerChallenge, BearerError, MAX_CHALLENGE_BYTES};

use crate::corpus::{Mangled, lines};
use written::Written;

const CORPUS: &str = include_str!("corpus/www-authenticate.txt");
const PIECES: &[&str] = &[
    ",",
    "\"",
    "\\",
    "=",
    " ",
    "\t",
    " = ",
    ", ",
    "\\\"",
    "Bearer",
    "bearer ",
    "Bearer error=\"invalid_token\"",
    "error=\"invalid_token\"",
    "error=",
    "error=insufficient_scope",
    "acr_values=\"a b\"",
    "max_age=\"5\"",
    "max_age=5",
    "scope=\"x\"",
    "realm=\"a, b\"",
    "Basic",
    "Negotiate YQ==",
    "DPoP",
    "\u{7f}",
    "é",
];

/// A challenge as the standards see it: its scheme, and its parameters in order.
pub(crate) type Challenge = (String, Vec<(String, String)>);

/// What challenges say of a bearer token, told once more and slowly.
fn model(challenges: &[Challenge]) -> Option<BearerChallenge> {
    let bearers: Vec<BearerChallenge> = challenges
        .iter()
        .filter(|(scheme, _)| scheme.to_lowercase() == "bearer")
        .map(|(_, parameters)| {
            let first = |wanted: &str| {
                let mut values = parameters
                    .iter()
                    .filter(|(name, _)| name.to_lowercase() == wanted)
                    .map(|(_, value)| value.clone());
                let readable = |value: &String| {
                    !value.is_empty() && value.chars().all(|c| (' '..='~').contains(&c))
                };
                values.find(readable)
            };
            let age = first("max_age").filter(|age| age.chars().all(|c| c.is_ascii_digit()));
            BearerChallenge {
                error: first("error").map(|code| match code.as_str() {
                    "invalid_request" => BearerError::InvalidRequest,
                    "invalid_token" => BearerError::InvalidToken,
                    "insufficient_scope" => BearerError::InsufficientScope,
                    "insufficient_user_authentication" => {
                        BearerError::InsufficientUserAuthentication
                    }
                    _ => BearerError::Other,
                }),
                scope: first("scope"),
                acr_values: first("acr_values"),
                max_age: age.map(|age| Span::from_secs(age.parse().unwrap_or(i64::MAX))),
            }
        })
        .collect();
    let with_error = bearers.iter().find(|challenge| challenge.error.is_some());
    with_error.or(bearers.last()).cloned()
}

/// What the other crate reads, if the field follows the grammar. It knows no token68.
fn theirs(field: &str) -> Option<Vec<Challenge>> {
    let challenges = http_auth::parse_challenges(field).ok()?;
    let owned = |challenge: http_auth::ChallengeRef<'_>| {
        let parameters = challenge.params.iter();
        let parameters = parameters.map(|(name, value)| ((*name).to_owned(), value.to_unescaped()));
        (challenge.scheme.to_owned(), parameters.collect())
    };
    Some(challenges.into_iter().map(owned).collect())
}

/// A challenge that says this, in its plainest form.
fn plain(challenge: &BearerChallenge) -> String {
    let quoted = |text: &str| text.replace('\\', r"\\").replace('"', r#"\""#);
    let mut parameters = Vec::new();
    if let Some(error) = challenge.error {
        let code = match error {
            BearerError::InvalidRequest => "invalid_request",
            BearerError::InvalidToken => "invalid_token",
            BearerError::InsufficientScope => "insufficient_scope",
            BearerError::InsufficientUserAuthentication => "insufficient_user_authentication",
            BearerError::Other => "other",
        };
        parameters.push(format!("error={code}"));
    }
    parameters.extend(
        challenge
            .scope
            .iter()
            .map(|scope| format!("scope=\"{}\"", quoted(scope))),
    );
    parameters.extend(
        challenge
            .acr_values
            .iter()
            .map(|values| format!("acr_values=\"{}\"", quoted(values))),
    );
    parameters.extend(
        challenge
            .max_age
            .map(|age| format!("max_age={}", age.as_millis() / 1000)),
    );
    format!("Bearer {}", parameters.join(", "))
}

fn assert_sound(field: &str) {
    let read = BearerChallenge::parse(field);
    if field.len() > MAX_CHALLENGE_BYTES {
        assert_eq!(read, None);
        return;
    }
    if let Some(challenges) = theirs(field) {
        assert_eq!(read, model(&challenges), "{field:?}");
    }
    if let Some(challenge) = read {
        assert!(field.to_ascii_lowercase().contains("bearer"), "{field:?}");
        for text in [&challenge.scope, &challenge.acr_values]
            .into_iter()
            .flatten()
        {
            assert!(!text.is_empty() && text.len() <= field.len(), "{field:?}");
            assert!(
                text.chars().all(|symbol| (' '..='~').contains(&symbol)),
                "{field:?}"
            );
        }
        // Ages that do not fit are the longest that does.
        if challenge.max_age.is_none_or(|age| age < Span::MAX) {
            assert_eq!(BearerChallenge::parse(&plain(&challenge)), Some(challenge));
        }
    }
}

#[test]
fn what_is_kept() {
    for line in lines(CORPUS) {
        assert_sound(line);
        // Too long, and then just not.
        let mut long = vec![line; MAX_CHALLENGE_BYTES / (line.len() + 1) + 1].join(",");
        assert_sound(&long);
        long.truncate(long.len() - 1 - line.len());
        assert_sound(&long);
    }
}

#[test]
fn what_is_mangled() {
    let lines = lines(CORPUS);
    check!()
        .with_type::<Mangled>()
        .with_iterations(20_000)
        .for_each(|mangled| {
            assert_sound(&mangled.of(&lines, PIECES));
        });
}

#[test]
fn what_is_written_is_read() {
    let challenges = produce::<Vec<Written>>().with().len(0_usize..5);
    check!()
        .with_generator(challenges)
        .with_iterations(10_000)
        .for_each(|challenges| {
            let (field, said) = written::field(challenges);
            assert_eq!(BearerChallenge::parse(&field), model(&said), "{field:?}");
            assert_sound(&field);
        });
}
