//! Access tokens: JWTs after RFC 9068, signed with ES256.

use std::sync::{Arc, PoisonError, RwLock};

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::clock::Timestamp;
use crate::crypto::{self, CryptoError};
use crate::proof::Proof;
use crate::role::Role;
use crate::signing_key::SigningKey;
use crate::store::{Session, StoredKey};

const ISSUER: &str = "https://sample.sessionkeeper.test";
const AUDIENCE: &str = "sample-api";
const TYPE: &str = "at+jwt";

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
    #[serde(default)]
    pub(crate) amr: Vec<String>,
}

impl Claims {
    /// Whether the token may be used for that.
    pub(crate) fn has_scope(&self, wanted: &str) -> bool {
        self.scope.split(' ').any(|scope| scope == wanted)
    }
}

/// Signs access tokens and checks them, with the newest of some keys and with all of them.
pub(crate) struct AccessTokens {
    keys: RwLock<Arc<[Key]>>,
}

struct Key {
    key: SigningKey,
    retires_at_seconds: Option<i64>,
}

impl Key {
    fn is_good(&self, now: Timestamp) -> bool {
        self.retires_at_seconds
            .is_none_or(|end| now.seconds() < end)
    }
}

/// An access token could not be signed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SigningError {
    /// No random `jti` could be had, or there is no key.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// The token could not be encoded.
    #[error(transparent)]
    Jwt(#[from] jsonwebtoken::errors::Error),
}

impl AccessTokens {
    /// The first key signs.
    pub(crate) fn new(stored: &[StoredKey]) -> Result<Self, CryptoError> {
        Ok(Self {
            keys: RwLock::new(keys(stored)?),
        })
    }

    /// Goes on with these keys.
    pub(crate) fn replace_keys(&self, stored: &[StoredKey]) -> Result<(), CryptoError> {
        let keys = keys(stored)?;
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        Ok(())
    }

    fn keys(&self) -> Arc<[Key]> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The public keys whose tokens are good now, as a JWK Set of RFC 7517.
    pub(crate) fn jwks(&self, now: Timestamp) -> serde_json::Value {
        let keys = self.keys();
        let good = keys.iter().filter(|key| key.is_good(now));
        let jwks: Vec<_> = good.map(|key| key.key.jwk()).collect();
        json!({ "keys": jwks })
    }

    /// The id of the key that signs.
    pub(crate) fn kid(&self) -> String {
        let keys = self.keys();
        keys.first()
            .map_or_else(String::new, |key| key.key.kid().to_owned())
    }

    /// Signs a token for the session, good for what was proved. It never outlives the session.
    pub(crate) fn sign(
        &self,
        session: &Session,
        proof: &Proof,
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
            auth_time: proof.auth_time_seconds,
            role: user.role,
            name: user.name.clone(),
            scope: proof.scope.clone(),
            acr: proof.acr.to_owned(),
            amr: proof.amr.iter().copied().map(str::to_owned).collect(),
        };
        let keys = self.keys();
        let key = &keys.first().ok_or(CryptoError::DamagedKey)?.key;
        let mut header = Header::new(Algorithm::ES256);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(key.kid().to_owned());
        Ok((encode(&header, &claims, &key.signing)?, claims))
    }

    /// The claims of a token that is ours and has not expired, nor has its key.
    pub(crate) fn verify(&self, token: &str, now: Timestamp) -> Result<Claims, TokenRefusal> {
        let header = decode_header(token).map_err(|error| TokenRefusal::from(error.kind()))?;
        if header.typ.as_deref() != Some(TYPE) {
            return Err(TokenRefusal::Type);
        }
        let keys = self.keys();
        let key = keys
            .iter()
            .find(|key| header.kid.as_deref() == Some(key.key.kid()))
            .filter(|key| key.is_good(now))
            .ok_or(TokenRefusal::Key)?;
        let mut validation = Validation::new(Algorithm::ES256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // The library would take the machine's time and not the server's.
        validation.validate_exp = false;
        let claims = decode::<Claims>(token, &key.key.verifying, &validation)
            .map_err(|error| TokenRefusal::from(error.kind()))?
            .claims;
        if now.seconds() < claims.exp {
            Ok(claims)
        } else {
            Err(TokenRefusal::Expired)
        }
    }
}

/// Why an access token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenRefusal {
    Malformed,
    Algorithm,
    Type,
    /// No key of that id is good, or is any more.
    Key,
    Signature,
    Issuer,
    Audience,
    Claims,
    Expired,
    /// The token is good, and its session has ended.
    SessionEnded,
}

impl TokenRefusal {
    /// The reason as the audit trail names it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Algorithm => "algorithm",
            Self::Type => "type",
            Self::Key => "unknown-key",
            Self::Signature => "signature",
            Self::Issuer => "issuer",
            Self::Audience => "audience",
            Self::Claims => "claims",
            Self::Expired => "expired",
            Self::SessionEnded => "session-ended",
        }
    }
}

impl From<&ErrorKind> for TokenRefusal {
    fn from(kind: &ErrorKind) -> Self {
        match kind {
            ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName => Self::Algorithm,
            ErrorKind::InvalidSignature => Self::Signature,
            ErrorKind::InvalidIssuer => Self::Issuer,
            ErrorKind::InvalidAudience => Self::Audience,
            ErrorKind::MissingRequiredClaim(_) => Self::Claims,
            _ => Self::Malformed,
        }
    }
}

fn keys(stored: &[StoredKey]) -> Result<Arc<[Key]>, CryptoError> {
    let key = |stored: &StoredKey| {
        Ok(Key {
            key: SigningKey::new(&stored.pkcs8)?,
            retires_at_seconds: stored.retires_at_seconds,
        })
    };
    stored.iter().map(key).collect()
}
