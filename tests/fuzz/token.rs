//! Tokens, and the encoding of their parts, beside the crate `base64`.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bolero::TypeGenerator;
use bolero::check;
use bolero::produce;
use serde_json::Value;
use sessionkeeper::{MAX_TOKEN_BYTES, NumericDate, ReadToken, TokenDates, TokenError, claims_part};

use crate::corpus::{Mangled, lines};
use crate::support::read;

const CORPUS: &str = include_str!("corpus/token.txt");
const PIECES: &[&str] = &[
    ".",
    "..",
    "=",
    "==",
    "-",
    "_",
    "+",
    "/",
    " ",
    "\n",
    "\"",
    "eyJhbGciOiJub25lIn0",
    "e30",
    "W10",
    "bnVsbA",
    "Zg",
    "Zh",
    "Z",
    "\u{7f}",
    "é",
];

/// The two parts of a token that say something, if its first is the encoding of an object.
fn object(part: &str) -> Option<serde_json::Map<String, Value>> {
    let json = URL_SAFE_NO_PAD.decode(part).ok()?;
    match serde_json::from_slice(&json).ok()? {
        Value::Object(object) => Some(object),
        _ => None,
    }
}

fn date(value: &Value, round: fn(f64) -> f64) -> Option<NumericDate> {
    NumericDate::from_secs(round(value.as_f64()?))
}

/// What a token says, told once more and slowly.
fn model(text: &str) -> Result<Option<TokenDates>, TokenError> {
    if text.len() > MAX_TOKEN_BYTES {
        return Err(TokenError::TooLarge);
    }
    if text.is_empty() || !text.chars().all(|symbol| ('!'..='~').contains(&symbol)) {
        return Err(TokenError::Malformed);
    }
    let parts: Vec<&str> = text.split('.').collect();
    let Some(header) = object(parts[0]) else {
        return Ok(None);
    };
    if header.contains_key("enc") {
        return Ok(None);
    }
    let algorithm = header.get("alg").and_then(Value::as_str);
    if algorithm.is_none_or(|algorithm| algorithm.is_empty() || algorithm.to_lowercase() == "none")
    {
        return Err(TokenError::Algorithm);
    }
    let [_, claims, signature] = *parts else {
        return Err(TokenError::Malformed);
    };
    let Some(claims) = object(claims).filter(|_| URL_SAFE_NO_PAD.decode(signature).is_ok()) else {
        return Err(TokenError::Malformed);
    };
    let expires = claims
        .get("exp")
        .and_then(|exp| date(exp, f64::floor))
        .ok_or(TokenError::Expiry)?;
    let issued = match claims.get("iat") {
        None => None,
        Some(iat) => Some(
            date(iat, f64::floor)
                .filter(|iat| *iat < expires)
                .ok_or(TokenError::IssuedAt)?,
        ),
    };
    let not_before = match claims.get("nbf") {
        None => None,
        Some(nbf) => Some(
            date(nbf, f64::ceil)
                .filter(|nbf| *nbf <= expires)
                .ok_or(TokenError::NotBefore)?,
        ),
    };
    Ok(Some(TokenDates {
        expires,
        issued,
        not_before,
        authenticated: claims
            .get("auth_time")
            .and_then(|signed_in| date(signed_in, f64::floor)),
    }))
}

fn assert_sound(text: &str) {
    let read: Result<ReadToken, TokenError> = read(text);
    assert_eq!(
        read.as_ref().map(|read| read.dates).map_err(|error| *error),
        model(text),
        "{text:?}"
    );
    if let Ok(read) = read {
        assert_eq!(read.token.expose(), text);
        let secret = text.len() > 20 && format!("{read:?}").contains(text);
        assert!(!secret, "a token is not printed");
    }
    assert_eq!(
        claims_part(text),
        text.split('.').nth(1).and_then(decode),
        "{text}"
    );
}

fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

#[test]
fn what_is_kept() {
    for line in lines(CORPUS) {
        assert_sound(line);
    }
    assert_sound("");
    assert_sound(&"a".repeat(MAX_TOKEN_BYTES));
    assert_sound(&"a".repeat(MAX_TOKEN_BYTES + 1));
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

#[derive(Clone, Debug, TypeGenerator)]
enum Json {
    Null,
    Bool(bool),
    Number(f64),
    Whole(i64),
    Date(u32),
    Text(u8),
    List,
    Object,
}

impl Json {
    fn value(&self) -> Value {
        let texts = ["ES256", "none", "None", "", "1700000000", "A256GCM"];
        match self {
            Json::Null => Value::Null,
            Json::Bool(value) => (*value).into(),
            Json::Number(number) => (*number).into(),
            Json::Whole(number) => (*number).into(),
            Json::Date(secs) => (*secs).into(),
            Json::Text(index) => texts[usize::from(*index) % texts.len()].into(),
            Json::List => Value::Array(vec![1.into()]),
            Json::Object => serde_json::json!({ "exp": 1 }),
        }
    }
}

/// A token with whatever values where those of a JWT stand.
#[derive(Clone, Debug, TypeGenerator)]
struct Written {
    alg: Option<Json>,
    enc: Option<Json>,
    exp: Option<Json>,
    iat: Option<Json>,
    nbf: Option<Json>,
    auth_time: Option<Json>,
    #[generator(produce::<Vec<u8>>().with().len(0_usize..8))]
    signature: Vec<u8>,
    usual: u8,
}

impl Written {
    fn text(&self) -> String {
        let member = |name: &str, json: &Option<Json>| {
            json.as_ref().map(|json| (name.to_owned(), json.value()))
        };
        let part = |members: Vec<Option<(String, Value)>>| {
            let object: serde_json::Map<String, Value> = members.into_iter().flatten().collect();
            URL_SAFE_NO_PAD.encode(Value::Object(object).to_string())
        };
        // Most are of the usual kind but for one thing: otherwise few would come further than their header.
        let usual = |bit: u8, json: &Option<Json>, text: Json| match self.usual >> bit & 1 {
            0 => json.clone(),
            _ => Some(text),
        };
        let header = part(vec![
            member("alg", &usual(0, &self.alg, Json::Text(0))),
            member("enc", &self.enc.clone().filter(|_| self.usual > 200)),
        ]);
        let claims = part(vec![
            member("exp", &usual(1, &self.exp, Json::Date(1_700_000_900))),
            member("iat", &usual(2, &self.iat, Json::Date(1_700_000_000))),
            member("nbf", &usual(3, &self.nbf, Json::Date(1_700_000_000))),
            member("auth_time", &self.auth_time),
        ]);
        format!(
            "{header}.{claims}.{}",
            URL_SAFE_NO_PAD.encode(&self.signature)
        )
    }
}

#[test]
fn any_claims() {
    check!()
        .with_type::<Written>()
        .with_iterations(10_000)
        .for_each(|token| assert_sound(&token.text()));
}

#[test]
fn any_bytes_survive_their_encoding() {
    check!().with_iterations(10_000).for_each(|bytes: &[u8]| {
        let text = format!(".{}", URL_SAFE_NO_PAD.encode(bytes));
        assert_eq!(claims_part(&text).as_deref(), Some(bytes));
    });
}

#[test]
fn only_the_one_encoding_is_read() {
    // Most are of the alphabet; it takes one that is not to spoil the text.
    let symbols = bolero::one_value_of([
        'A', 'A', 'Z', 'Z', 'a', 'a', 'z', 'z', '0', '0', '9', '9', '-', '-', '_', '_', 'Q', 'Q',
        'g', 'g', 'w', 'w', 'B', '=', '+', '/', ' ', 'é', '\0', '\n',
    ]);
    let text = produce::<Vec<char>>()
        .with()
        .values(symbols)
        .len(0_usize..12);
    check!()
        .with_generator(text)
        .with_iterations(20_000)
        .for_each(|symbols| {
            let text: String = symbols.iter().collect();
            assert_eq!(claims_part(&format!(".{text}")), decode(&text), "{text}");
        });
}
