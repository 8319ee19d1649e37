//! Prints tokens that `jsonwebtoken` has signed, one with each of its asymmetric algorithms, and their keys as a JWK
//! set. The keys and the claims are always the same, and so are the signatures, but for the random salt of PS256 to
//! PS512:
//!
//! ```sh
//! cargo run --manifest-path tests/signatures/Cargo.toml > tests/node/signatures.json
//! ```

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result<()> {
    let rsa = EncodingKey::from_rsa_pem(include_bytes!("../keys/rsa.pem"))?;
    let p256 = EncodingKey::from_ec_pem(include_bytes!("../keys/p256.pem"))?;
    let p384 = EncodingKey::from_ec_pem(include_bytes!("../keys/p384.pem"))?;
    let ed25519 = EncodingKey::from_ed_pem(include_bytes!("../keys/ed25519.pem"))?;
    let signers = [
        (Algorithm::RS256, &rsa),
        (Algorithm::RS384, &rsa),
        (Algorithm::RS512, &rsa),
        (Algorithm::PS256, &rsa),
        (Algorithm::PS384, &rsa),
        (Algorithm::PS512, &rsa),
        (Algorithm::ES256, &p256),
        (Algorithm::ES384, &p384),
        (Algorithm::EdDSA, &ed25519),
    ];
    let mut keys = Vec::new();
    let mut tokens = Vec::new();
    for (algorithm, key) in signers {
        let kid = format!("{algorithm:?}");
        keys.push(published(key, algorithm, &kid)?);
        let mut header = Header::new(algorithm);
        header.kid = Some(kid);
        let claims = json!({ "iss": "https://issuer.example", "sub": "ada", "iat": 1_700_000_000, "exp": 4_000_000_000_u32 });
        tokens.push(encode(&header, &claims, key)?);
    }
    let fixtures = json!({ "keys": keys, "tokens": tokens });
    println!("{}", serde_json::to_string_pretty(&fixtures)?);
    Ok(())
}

fn published(key: &EncodingKey, algorithm: Algorithm, kid: &str) -> Result<Value> {
    let mut jwk = Jwk::from_encoding_key(key, algorithm)?;
    jwk.common.key_id = Some(kid.to_owned());
    Ok(serde_json::to_value(jwk)?)
}
