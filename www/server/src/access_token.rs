//! Access tokens: JWTs after RFC 9068, signed with ES256.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use ring::signature::KeyPair as _;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::clock::Timestamp;
use crate::crypto::{self, CryptoError};
use crate::role::Role;
use crate::store::Session;

const ISSUER: &str = "https://sample.sessionkeeper.test";
const AUDIENCE: &str = "sample-api";
const TYPE: &str = "at+jwt";
/// One factor, a password.
const ACR: &str = "aal1";

/// What an access token says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Claims {
    pub(crate) iss: String,
    pub(crate) aud: String,
    pub(crate) sub: String,
    pub(crate) sid: String,
    pub(crate) jti: String,
    pub(crate) iat: i64,
    pub(crate) exp: i64,
    pub(crate) auth_time: i64,
    pub(crate) role: Role,
    pub(crate) name: String,
    pub(crate) scope: String,
    pub(crate) acr: String,
}

/// Signs access tokens and checks them.
pub(crate) struct AccessTokens {
    signing: EncodingKey,
    verifying: DecodingKey,
    kid: String,
    jwks: serde_json::Value,
}

/// An access token could not be signed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SigningError {
    /// No random `jti` could be had.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// The token could not be encoded.
    #[error(transparent)]
    Jwt(#[from] jsonwebtoken::errors::Error),
}

impl AccessTokens {
    pub(crate) fn new(pkcs8: &[u8]) -> Result<Self, CryptoError> {
        crypto::install_jwt_provider();
        let pair = crypto::es256_key_pair(pkcs8)?;
        let point = pair.public_key().as_ref().get(1..65);
        let (x, y) = point.ok_or(CryptoError::DamagedKey)?.split_at(32);
        let (x, y) = (crypto::base64url(x), crypto::base64url(y));
        // The thumbprint of RFC 7638: the members in this order, without spaces.
        let thumbprint = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
        let kid = crypto::base64url(&crypto::sha256(thumbprint.as_bytes()));
        let jwks = json!({ "keys": [{
            "kty": "EC", "crv": "P-256", "x": x, "y": y,
            "kid": kid, "alg": "ES256", "use": "sig",
        }]});
        Ok(Self {
            signing: EncodingKey::from_ec_der(pkcs8),
            verifying: DecodingKey::from_ec_components(&x, &y)
                .map_err(|_| CryptoError::DamagedKey)?,
            kid,
            jwks,
        })
    }

    /// The public key, as a JWK Set of RFC 7517.
    pub(crate) fn jwks(&self) -> &serde_json::Value {
        &self.jwks
    }

    /// Signs a token for the session. It never outlives the session.
    pub(crate) fn sign(
        &self,
        session: &Session,
        lifetime_seconds: i64,
        now: Timestamp,
    ) -> Result<(String, Claims), SigningError> {
        let iat = now.seconds();
        let user = &session.user;
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: user.sub.clone(),
            sid: session.sid.clone(),
            jti: crypto::random_id()?,
            iat,
            exp: (iat + lifetime_seconds).min(session.ends_at_seconds),
            auth_time: session.started_at_seconds,
            role: user.role,
            name: user.name.clone(),
            scope: user.role.scope().to_owned(),
            acr: ACR.to_owned(),
        };
        let mut header = Header::new(Algorithm::ES256);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(self.kid.clone());
        Ok((encode(&header, &claims, &self.signing)?, claims))
    }

    /// The claims of a token that is ours and has not expired.
    pub(crate) fn verify(&self, token: &str, now: Timestamp) -> Option<Claims> {
        let mut validation = Validation::new(Algorithm::ES256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // The library would take the machine's time and not the server's.
        validation.validate_exp = false;
        let verified = decode::<Claims>(token, &self.verifying, &validation).ok()?;
        let is_access_token = verified.header.typ.as_deref() == Some(TYPE)
            && verified.header.kid.as_deref() == Some(&self.kid);
        (is_access_token && now.seconds() < verified.claims.exp).then_some(verified.claims)
    }
}
