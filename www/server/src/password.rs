//! Passwords, hashed with argon2id.

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};

use crate::config::PasswordCost;

/// Hashes and checks passwords at one cost.
pub(crate) struct Passwords {
    argon2: Argon2<'static>,
    /// Checked in place of an unknown user's, so that both answers take the same time.
    nobody: String,
}

/// The password could not be hashed.
#[derive(Debug, thiserror::Error)]
#[error("a password could not be hashed: {0}")]
pub(crate) struct PasswordError(String);

impl Passwords {
    pub(crate) fn new(cost: PasswordCost) -> Result<Self, PasswordError> {
        let params = match cost {
            PasswordCost::Recommended => Params::default(),
            PasswordCost::Least => Params::new(
                Params::MIN_M_COST,
                Params::MIN_T_COST,
                Params::MIN_P_COST,
                None,
            )
            .map_err(|error| PasswordError(error.to_string()))?,
        };
        let mut passwords = Self {
            argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
            nobody: String::new(),
        };
        passwords.nobody = passwords.hash("a password that nobody has")?;
        Ok(passwords)
    }

    /// The PHC string of a password, with a salt of its own.
    pub(crate) fn hash(&self, password: &str) -> Result<String, PasswordError> {
        self.argon2
            .hash_password(password.as_bytes())
            .map(|hash| hash.to_string())
            .map_err(|error| PasswordError(error.to_string()))
    }

    /// Whether the password is the hashed one; `None`, for an unknown user, takes as long and never is.
    pub(crate) fn verify(&self, password: &str, hash: Option<&str>) -> bool {
        let known = hash.is_some();
        let matches = self
            .argon2
            .verify_password(password.as_bytes(), hash.unwrap_or(&self.nobody))
            .is_ok();
        known && matches
    }
}
