//! What the `verify` feature accepts and refuses, also against `jsonwebtoken`'s own judgement.
#![cfg(feature = "verify")]

mod support;

use std::sync::Once;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::signature::{Error, Signer, Verifier};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use proptest::prelude::*;
use serde_json::{Value, json};
use sessionkeeper::verify::{Refusal, Requirements, verify};
use sessionkeeper::{MAX_TOKEN_BYTES, TokenError};

const CLAIMS: &str = r#"{"iss":"https://id.test","aud":["api","web"],"sub":"u","exp":1}"#;
const ES256: &str = r#"{"alg":"ES256","typ":"at+jwt"}"#;

fn encoded(part: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(part)
}

fn token(header: &str, claims: &str) -> String {
    format!("{}.{}.c2ln", encoded(header), encoded(claims))
}

fn requirements(value: Value) -> Requirements {
    serde_json::from_value(value).unwrap()
}

fn judged(token: &str, requirements: &Requirements) -> &'static str {
    verify(token, requirements)
        .as_ref()
        .map_or_else(Refusal::code, |()| "passed")
}

#[track_caller]
fn assert_judged(token: &str, required: Value, expected: &str) {
    assert_eq!(
        judged(token, &requirements(required.clone())),
        expected,
        "{token} under {required}"
    );
}

#[test]
fn tokens_that_are_not_well_formed_are_refused() {
    let header = encoded(ES256);
    let claims = encoded(CLAIMS);
    let part = |text: &str| format!("{header}.{}.c2ln", encoded(text));
    let headed = |text: &str| token(text, CLAIMS);
    let hostile = [
        String::new(),
        ".".into(),
        "..".into(),
        "...".into(),
        "opaque".into(),
        format!("{header}.{claims}"),
        format!("{header}.{claims}.c2ln."),
        format!("{header}.{claims}.c2ln.c2ln"),
        format!("{header}.{claims}.c2ln.c2ln.c2ln"),
        // An empty or impossible signature.
        format!("{header}.{claims}."),
        format!("{header}.{claims}.c"),
        format!("{header}.{claims}.c2lnc"),
        format!("{header}.{claims}.c2lu="),
        format!("{header}.{claims}.c2 n"),
        // Another text for the same bytes.
        format!("{header}.{claims}.c2l"),
        // Base64 of other alphabets, with padding, with white space, or cut off.
        format!("{header}=.{claims}.c2ln"),
        format!(" {header}.{claims}.c2ln"),
        format!("{header}.{claims}\n.c2ln"),
        format!("{header}.{claims}x.c2ln"),
        format!("{header}.ä.c2ln"),
        format!("{header}.e30+.c2ln"),
        format!("{header}..c2ln"),
        format!(".{claims}.c2ln"),
        // Neither part may be anything but an object.
        part("null"),
        part("[]"),
        part("42"),
        part(r#""text""#),
        part("true"),
        part(""),
        part("{"),
        part("{}{}"),
        part("{'iss':1}"),
        part(r#"{"exp":NaN}"#),
        part(r#"{"exp":1,}"#),
        part("\u{feff}{}"),
        format!("{header}.{}.c2ln", encoded(b"{\"a\":\"\xff\"}")),
        format!("{header}.{}.c2ln", encoded(b"{\"\xff\":1}")),
        headed("[]"),
        headed("null"),
        headed(r#""ES256""#),
        // `alg` is missing or not text, `typ` is not text.
        headed("{}"),
        headed(r#"{"alg":null}"#),
        headed(r#"{"alg":42}"#),
        headed(r#"{"alg":["ES256"]}"#),
        headed(r#"{"alg":{"name":"ES256"}}"#),
        headed(r#"{"Alg":"ES256"}"#),
        headed(r#"{"alg":"ES256","typ":1}"#),
        // An encrypted token.
        headed(r#"{"alg":"dir","enc":"A128GCM"}"#),
        headed(r#"{"alg":"dir","enc":null}"#),
        // Duplicate members, however their names are written.
        headed(r#"{"alg":"none","alg":"ES256"}"#),
        headed(r#"{"alg":"ES256","\u0061lg":"none"}"#),
        part(r#"{"aud":"api","aud":"other"}"#),
        part(r#"{"iss":null,"iss":"https://id.test"}"#),
        part(r#"{"x":1,"x":1}"#),
    ];
    for token in hostile {
        assert_judged(&token, json!({}), "malformed");
        // Nothing that is malformed is called anything else.
        let all = json!({
            "algorithms": [], "types": [], "issuer": [], "audience": [], "requiredClaims": ["x"]
        });
        assert_judged(&token, all, "malformed");
    }
}

#[test]
fn a_signature_is_any_base64url() {
    for signature in ["AA", "-_8", "_-_-", "Zz09"] {
        let token = format!("{}.{}.{signature}", encoded(ES256), encoded(CLAIMS));
        assert_judged(&token, json!({}), "passed");
    }
}

#[test]
fn tokens_longer_than_an_api_could_receive_are_refused() {
    let around = token(ES256, "").len();
    let payload = (MAX_TOKEN_BYTES - around) / 4 * 3;
    let padded = |bytes: usize| token(ES256, &format!("{{\"a\":\"{}\"}}", "x".repeat(bytes - 8)));

    let largest = padded(payload);
    assert!(MAX_TOKEN_BYTES - largest.len() < 4);
    assert_judged(&largest, json!({}), "passed");
    assert_judged(&padded(payload + 3), json!({}), "too-large");
    assert_judged(&"x".repeat(MAX_TOKEN_BYTES), json!({}), "malformed");
    assert_judged(&"x".repeat(1 << 20), json!({}), "too-large");
    assert_judged(&".".repeat(1 << 20), json!({}), "too-large");
}

#[test]
fn depth_is_skipped_over() {
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let objects = |depth: usize| format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
    for depth in [1, 126, 127, 128, 129, 800] {
        for value in [deep(depth), objects(depth)] {
            assert_judged(
                &token(ES256, &format!("{{\"a\":{value}}}")),
                json!({}),
                "passed",
            );
            let header = format!("{{\"alg\":\"ES256\",\"a\":{value}}}");
            assert_judged(&token(&header, CLAIMS), json!({}), "passed");
            let header = format!("{{\"alg\":{value}}}");
            assert_judged(&token(&header, CLAIMS), json!({}), "malformed");
            let claims = format!("{{\"aud\":{value},\"iss\":{value}}}");
            assert_judged(
                &token(ES256, &claims),
                json!({ "audience": ["a"] }),
                "audience",
            );
            assert_judged(&token(ES256, &claims), json!({ "issuer": ["a"] }), "issuer");
        }
    }
    assert_judged(&token(ES256, &"[".repeat(6_000)), json!({}), "malformed");
    let unclosed = format!("{{\"a\":{}", "[".repeat(6_000));
    assert_judged(&token(ES256, &unclosed), json!({}), "malformed");
}

#[test]
fn the_algorithm_is_one_of_the_accepted_and_never_none() {
    let with = |algorithm: &str| token(&json!({ "alg": algorithm }).to_string(), CLAIMS);
    let cases = [
        ("ES256", json!({}), "passed"),
        // `jsonwebtoken` knows neither of these.
        ("ES512", json!({}), "passed"),
        ("ML-DSA-65", json!({}), "passed"),
        (
            "ES512",
            json!({ "algorithms": ["ES256", "ES512"] }),
            "passed",
        ),
        ("ES512", json!({ "algorithms": ["ES256"] }), "algorithm"),
        ("HS256", json!({ "algorithms": ["RS256"] }), "algorithm"),
        ("es256", json!({ "algorithms": ["ES256"] }), "algorithm"),
        ("ES256 ", json!({ "algorithms": ["ES256"] }), "algorithm"),
        ("ES256", json!({ "algorithms": [] }), "algorithm"),
        ("", json!({}), "algorithm"),
        ("", json!({ "algorithms": [""] }), "algorithm"),
        ("none", json!({}), "algorithm"),
        ("none", json!({ "algorithms": ["none"] }), "algorithm"),
        ("NoNe", json!({ "algorithms": ["NoNe"] }), "algorithm"),
    ];
    for (algorithm, required, expected) in cases {
        assert_judged(&with(algorithm), required, expected);
    }
    let escaped = token(r#"{"alg":"n\u006fne"}"#, CLAIMS);
    assert_judged(&escaped, json!({}), "algorithm");
}

#[test]
fn the_type_is_compared_as_a_media_type() {
    let with = |media_type: &str| {
        token(
            &json!({ "alg": "ES256", "typ": media_type }).to_string(),
            CLAIMS,
        )
    };
    let cases = [
        ("at+jwt", "at+jwt", "passed"),
        ("AT+JWT", "at+jwt", "passed"),
        ("application/at+jwt", "at+jwt", "passed"),
        ("Application/At+Jwt", "at+jwt", "passed"),
        ("at+jwt", "application/at+jwt", "passed"),
        ("JWT", "at+jwt", "type"),
        ("at+jwt2", "at+jwt", "type"),
        ("text/at+jwt", "at+jwt", "type"),
        ("application/application/at+jwt", "at+jwt", "type"),
        ("application/", "at+jwt", "type"),
        ("application/at/jwt", "at/jwt", "type"),
        ("", "at+jwt", "type"),
    ];
    for (media_type, accepted, expected) in cases {
        assert_judged(
            &with(media_type),
            json!({ "types": ["x", accepted] }),
            expected,
        );
        assert_judged(&with(media_type), json!({}), "passed");
    }
    assert_judged(&with("at+jwt"), json!({ "types": [] }), "type");
    let absent = token(r#"{"alg":"ES256"}"#, CLAIMS);
    assert_judged(&absent, json!({}), "passed");
    assert_judged(&absent, json!({ "types": ["at+jwt", ""] }), "type");
}

#[test]
fn extensions_that_must_be_understood_are_not() {
    let with = |crit: Value| token(&json!({ "alg": "ES256", "crit": crit }).to_string(), CLAIMS);
    assert_judged(&with(json!(["b64"])), json!({}), "critical");
    assert_judged(&with(json!([])), json!({}), "critical");
    assert_judged(&with(json!("exp")), json!({}), "critical");
}

#[test]
fn issuer_and_audience_are_matched_whole() {
    let with = |name: &str, value: &Value| token(ES256, &json!({ name: value }).to_string());
    let cases = [
        (json!("a"), "passed", "passed"),
        (json!("b"), "passed", "passed"),
        (json!("A"), "issuer", "audience"),
        (json!("a/"), "issuer", "audience"),
        (json!(""), "issuer", "audience"),
        (json!("c"), "issuer", "audience"),
        // A list names audiences, never issuers.
        (json!(["a"]), "issuer", "passed"),
        (json!(["c", "b"]), "issuer", "passed"),
        (json!(["c"]), "issuer", "audience"),
        (json!([]), "issuer", "audience"),
        (json!(["a", 42]), "issuer", "audience"),
        (json!(["a", null]), "issuer", "audience"),
        (json!([["a"]]), "issuer", "audience"),
        (json!({ "a": "a" }), "issuer", "audience"),
        (json!(42), "issuer", "audience"),
        (json!(true), "issuer", "audience"),
        (json!(null), "missing-claim", "missing-claim"),
    ];
    for (value, issuer, audience) in cases {
        assert_judged(
            &with("iss", &value),
            json!({ "issuer": ["a", "b"] }),
            issuer,
        );
        assert_judged(
            &with("aud", &value),
            json!({ "audience": ["a", "b"] }),
            audience,
        );
        assert_judged(&with("iss", &value), json!({}), "passed");
        assert_judged(&with("aud", &value), json!({}), "passed");
    }
    let escaped = token(ES256, r#"{"iss":"\u0061","aud":"\u0061"}"#);
    let both = json!({ "issuer": ["a"], "audience": ["a"] });
    assert_judged(&escaped, both, "passed");
    assert_judged(
        &token(ES256, "{}"),
        json!({ "issuer": ["a"] }),
        "missing-claim",
    );
    assert_judged(
        &token(ES256, "{}"),
        json!({ "audience": ["a"] }),
        "missing-claim",
    );
    assert_judged(&with("iss", &json!("a")), json!({ "issuer": [] }), "issuer");
    assert_judged(
        &with("aud", &json!("a")),
        json!({ "audience": [] }),
        "audience",
    );
}

#[test]
fn required_claims_may_have_any_name() {
    let claims =
        r#"{"exp":"text","scope":"","roles":[],"a\"b":0,"https://x.test/y":false,"sub":null}"#;
    let token = token(ES256, claims);
    let present = ["exp", "scope", "roles", "a\"b", "https://x.test/y"];
    assert_judged(&token, json!({ "requiredClaims": present }), "passed");
    for absent in ["sub", "Exp", "rol", "", "alg", "constructor"] {
        let required = requirements(json!({ "requiredClaims": ["exp", absent, "later"] }));
        let expected = Err(Refusal::MissingClaim(absent.to_owned()));
        assert_eq!(verify(&token, &required), expected);
    }
}

#[test]
fn requirements_are_read_strictly() {
    let read = |value: Value| serde_json::from_value::<Requirements>(value);
    let none = json!({ "issuer": null, "audience": null, "requiredClaims": null });
    assert_judged(&token(ES256, "{}"), none, "passed");
    for member in [
        "issuer",
        "audience",
        "algorithms",
        "types",
        "requiredClaims",
    ] {
        for value in [json!("a"), json!(42), json!({}), json!([42]), json!([null])] {
            assert!(read(json!({ member: value })).is_err());
        }
    }
}

#[test]
fn dates_are_left_to_the_session() {
    for date in [
        "-1",
        "1e999",
        "1.5",
        "null",
        "\"soon\"",
        "[]",
        "99999999999999999999",
    ] {
        let claims = format!(r#"{{"exp":{date},"nbf":{date},"iat":{date}}}"#);
        assert_judged(&token(ES256, &claims), json!({}), "passed");
    }
}

/// Stands for cryptography in `jsonwebtoken`: what is judged here does not depend on it.
struct Unsigned(Algorithm);

impl Signer<Vec<u8>> for Unsigned {
    fn try_sign(&self, _message: &[u8]) -> Result<Vec<u8>, Error> {
        Ok(b"signature".to_vec())
    }
}

impl Verifier<Vec<u8>> for Unsigned {
    fn verify(&self, _message: &[u8], _signature: &Vec<u8>) -> Result<(), Error> {
        Ok(())
    }
}

impl JwtSigner for Unsigned {
    fn algorithm(&self) -> Algorithm {
        self.0
    }
}

impl JwtVerifier for Unsigned {
    fn algorithm(&self) -> Algorithm {
        self.0
    }
}

fn install_unsigned() {
    static INSTALL: Once = Once::new();
    static PROVIDER: CryptoProvider = CryptoProvider {
        signer_factory: |algorithm, _| Ok(Box::new(Unsigned(*algorithm))),
        verifier_factory: |algorithm, _| Ok(Box::new(Unsigned(*algorithm))),
        key_utils: KeyUtils::new_unimplemented(),
    };
    INSTALL.call_once(|| {
        PROVIDER
            .install_default()
            .expect("nothing else installs one")
    });
}

#[test]
fn tokens_that_jsonwebtoken_encodes_pass() {
    install_unsigned();
    let hmac = EncodingKey::from_secret(b"");
    let rsa = EncodingKey::from_rsa_der(b"");
    let ec = EncodingKey::from_ec_der(b"");
    let ed = EncodingKey::from_ed_der(b"");
    let algorithms = [
        (Algorithm::HS256, &hmac),
        (Algorithm::HS384, &hmac),
        (Algorithm::HS512, &hmac),
        (Algorithm::RS256, &rsa),
        (Algorithm::RS384, &rsa),
        (Algorithm::RS512, &rsa),
        (Algorithm::PS256, &rsa),
        (Algorithm::PS384, &rsa),
        (Algorithm::PS512, &rsa),
        (Algorithm::ES256, &ec),
        (Algorithm::ES384, &ec),
        (Algorithm::EdDSA, &ed),
    ];
    for (algorithm, key) in algorithms {
        let mut header = Header::new(algorithm);
        header.typ = Some("at+jwt".to_owned());
        header.kid = Some("key-1".to_owned());
        let claims: Value = serde_json::from_str(CLAIMS).unwrap();
        let token = jsonwebtoken::encode(&header, &claims, key).unwrap();
        let required = json!({
            "issuer": ["https://id.test"],
            "audience": ["api"],
            "algorithms": [format!("{algorithm:?}")],
            "types": ["at+jwt"],
            "requiredClaims": ["exp", "sub"],
        });
        assert_judged(&token, required, "passed");
    }
}

/// What `jsonwebtoken` itself says of a token of ES256, dates aside.
fn judged_by_library(token: &str, requirements: &Requirements) -> bool {
    install_unsigned();
    let mut validation = Validation::new(Algorithm::ES256);
    validation.validate_exp = false;
    validation.validate_aud = requirements.audience.is_some();
    validation.required_spec_claims.clear();
    for (name, accepted) in [
        ("iss", &requirements.issuer),
        ("aud", &requirements.audience),
    ] {
        if accepted.is_some() {
            validation.required_spec_claims.insert(name.to_owned());
        }
    }
    for name in &requirements.required_claims {
        validation.required_spec_claims.insert(name.clone());
    }
    if let Some(issuers) = &requirements.issuer {
        validation.set_issuer(issuers);
    }
    if let Some(audiences) = &requirements.audience {
        validation.set_audience(audiences);
    }
    jsonwebtoken::decode::<Value>(token, &DecodingKey::from_ec_der(b""), &validation).is_ok()
}

fn text() -> impl Strategy<Value = Value> {
    prop::sample::select(vec!["a", "b", "c"]).prop_map(Value::from)
}

fn claim() -> impl Strategy<Value = Option<Value>> {
    prop_oneof![
        Just(None),
        Just(Some(Value::Null)),
        Just(Some(json!(42))),
        Just(Some(json!(["a", 42]))),
        text().prop_map(Some),
        prop::collection::vec(text(), 0..3).prop_map(|list| Some(Value::from(list))),
    ]
}

const HEADERS: &[&str] = &[
    ES256,
    r#"{"alg":"HS256"}"#,
    r#"{"alg":"none"}"#,
    r#"{"alg":"NONE"}"#,
    r#"{"alg":"n\u006fne"}"#,
    r#"{"alg":""}"#,
    r#"{"alg":7}"#,
    r#"{"alg":null}"#,
    r#"{"typ":"JWT"}"#,
    r#"{"alg":"none","alg":"ES256"}"#,
    r#"{"alg":"ES256","alg":"none"}"#,
    r#"{"alg":"dir","enc":"A128GCM"}"#,
    r#"{"alg":"ES256","enc":null}"#,
    r#"{"alg":"ES256","crit":["b64"]}"#,
    r#" {"alg":"ES256"} "#,
    "[]",
    "null",
    "{",
    "",
];
const CLAIM_SETS: &[&str] = &[
    r#"{"exp":4000000000}"#,
    r#"{"exp":4000000000,"exp":1}"#,
    r#"{"exp":"1"}"#,
    r#"{"exp":1e300}"#,
    r#"{"exp":-1}"#,
    r#"{"exp":4000000000000}"#,
    r#"{"exp":4000000000,"iat":4000000001}"#,
    r#"{"exp":4000000000,"nbf":4000000001}"#,
    r#"{"exp":4000000000,"iat":1.5,"sub":{"a":[[[[]]]]}}"#,
    "{}",
    "[]",
    "7",
    "{",
    "{}{}",
    "\u{feff}{}",
    "",
];

/// One of the texts, seldom with a byte that is another.
fn json_text(texts: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let changed = prop::option::weighted(0.2, (any::<prop::sample::Index>(), any::<u8>()));
    (prop::sample::select(texts), changed).prop_map(|(text, changed)| {
        let mut bytes = text.as_bytes().to_vec();
        if let Some((at, byte)) = changed
            && !bytes.is_empty()
        {
            let index = at.index(bytes.len());
            bytes[index] = byte;
        }
        bytes
    })
}

fn accepted() -> impl Strategy<Value = Option<Vec<String>>> {
    let names = prop::sample::subsequence(vec!["a".to_owned(), "b".to_owned()], 0..=2);
    prop::option::of(names)
}

fn required() -> impl Strategy<Value = Vec<String>> {
    let names = ["iss", "aud", "exp"].map(str::to_owned).to_vec();
    prop::sample::subsequence(names, 0..=3)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn jsonwebtoken_agrees(
        issuer in claim(), audience in claim(), dated: bool,
        accepted_issuer in accepted(), accepted_audience in accepted(),
        required_claims in required(),
    ) {
        // Where it does not: it takes a list of issuers, which RFC 7519 does not, and where no value is asked for,
        // "required" there means present and of the right type.
        prop_assume!(!matches!(issuer, Some(Value::Array(_))));
        let of_type = |claim: &Option<Value>| *claim != Some(json!(42)) && *claim != Some(json!(["a", 42]));
        prop_assume!(accepted_issuer.is_some() || of_type(&issuer));
        prop_assume!(accepted_audience.is_some() || of_type(&audience));

        let mut claims = json!({});
        let date = dated.then(|| json!(1));
        for (name, value) in [("iss", issuer), ("aud", audience), ("exp", date)] {
            if let Some(value) = value {
                claims[name] = value;
            }
        }
        let token = token(ES256, &claims.to_string());
        let requirements = Requirements {
            issuer: accepted_issuer,
            audience: accepted_audience,
            required_claims,
            ..Requirements::default()
        };
        let judged = verify(&token, &requirements);
        prop_assert_eq!(judged.is_ok(), judged_by_library(&token, &requirements), "{:?}", judged);
    }

    /// What only one depth judges aside, whatever one refuses the other does not pass: duplicate members and an
    /// empty signature are refused by this one alone, dates by the other.
    #[test]
    fn the_two_depths_agree(
        header in json_text(HEADERS), claims in json_text(CLAIM_SETS),
        signature in prop::sample::select(vec!["c2ln", "AA", "AB", "", "c", "c2l=", "c2 n", "-_8", "-_9"]),
        cut in prop::option::weighted(0.2, any::<prop::sample::Index>()), more in prop::sample::select(vec!["", ".", ".c2ln", "=", " "]),
        raw in prop::option::weighted(0.1, prop::sample::select(vec!["", "e30", "e31", "W10", "bnVsbA", "!", "a"])),
    ) {
        let claims = raw.map_or_else(|| encoded(claims), str::to_owned);
        let mut token = format!("{}.{claims}.{signature}{more}", encoded(header));
        if let Some(cut) = cut {
            token.truncate(cut.index(token.len() + 1));
        }
        let deep = verify(&token, &Requirements::default());
        let main = support::read(token.as_str()).map(|read| read.dates.is_some());
        let is_jwt = matches!(
            main,
            Ok(true) | Err(TokenError::Expiry | TokenError::IssuedAt | TokenError::NotBefore)
        );
        prop_assert!(deep.is_err() || is_jwt, "{} passes, and the main module says {:?}", token, main);
        let alone = deep == Err(Refusal::Critical) || deep == Err(Refusal::Malformed);
        prop_assert!(!is_jwt || deep.is_ok() || alone, "{}: {:?}", token, deep);
    }

    #[test]
    fn random_text_is_refused(token in any::<String>()) {
        prop_assert!(verify(&token, &Requirements::default()).is_err());
    }

    #[test]
    fn random_parts_never_panic(
        header in prop::collection::vec(any::<u8>(), 0..200),
        claims in prop::collection::vec(any::<u8>(), 0..200),
        signature in prop::collection::vec(any::<u8>(), 0..80),
    ) {
        let token = format!("{}.{}.{}", encoded(header), encoded(claims), encoded(signature));
        let _ = verify(&token, &Requirements::default());
    }

    #[test]
    fn mutated_tokens_never_panic_and_are_never_shown(
        at in any::<prop::sample::Index>(), byte: u8, cut in any::<prop::sample::Index>(),
        insert: bool, in_header: bool,
    ) {
        let secret = r#"{"iss":"s3cret-issuer","aud":"s3cret-audience","sub":"s3cret"}"#;
        let mut bytes = if in_header { ES256 } else { secret }.as_bytes().to_vec();
        let index = at.index(bytes.len());
        if insert { bytes.insert(index, byte) } else { bytes[index] = byte }
        bytes.truncate(cut.index(bytes.len() * 2).max(1));
        let part = encoded(bytes);
        let token = if in_header {
            format!("{part}.{}.c2ln", encoded(secret))
        } else {
            format!("{}.{part}.c2ln", encoded(ES256))
        };
        let requirements = requirements(json!({
            "issuer": ["i"], "audience": ["a"], "types": ["at+jwt"], "requiredClaims": ["sub"]
        }));
        let refusal = verify(&token, &requirements).expect_err("no issuer is accepted");
        let shown = format!("{refusal} {refusal:?} {}", refusal.code());
        prop_assert!(!shown.contains("s3cret") && !shown.contains(&part));
    }
}
