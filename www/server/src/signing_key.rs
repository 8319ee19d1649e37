//! One key of access tokens: ES256, named by its thumbprint.

use jsonwebtoken::{DecodingKey, EncodingKey};
use ring::signature::KeyPair as _;
use serde_json::json;

use crate::crypto::{self, CryptoError};

/// Signs access tokens, and says how they are verified.
pub(crate) struct SigningKey {
    pub(crate) signing: EncodingKey,
    pub(crate) verifying: DecodingKey,
    kid: String,
    jwk: serde_json::Value,
}

/// A new private key, as PKCS#8.
pub(crate) fn generate() -> Result<Vec<u8>, CryptoError> {
    crypto::new_es256_key()
}

impl SigningKey {
    pub(crate) fn new(pkcs8: &[u8]) -> Result<Self, CryptoError> {
        crypto::install_jwt_provider();
        let pair = crypto::es256_key_pair(pkcs8)?;
        let point = pair.public_key().as_ref().get(1..65);
        let (x, y) = point.ok_or(CryptoError::DamagedKey)?.split_at(32);
        let (x, y) = (crypto::base64url(x), crypto::base64url(y));
        // The thumbprint of RFC 7638: the members in this order, without spaces.
        let thumbprint = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
        let kid = crypto::base64url(&crypto::sha256(thumbprint.as_bytes()));
        let jwk = json!({
            "kty": "EC", "crv": "P-256", "x": x, "y": y,
            "kid": kid, "alg": "ES256", "use": "sig",
        });
        Ok(Self {
            signing: EncodingKey::from_ec_der(pkcs8),
            verifying: DecodingKey::from_ec_components(&x, &y)
                .map_err(|_| CryptoError::DamagedKey)?,
            kid,
            jwk,
        })
    }

    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    /// The public key, as a JWK of RFC 7517.
    pub(crate) fn jwk(&self) -> &serde_json::Value {
        &self.jwk
    }
}
