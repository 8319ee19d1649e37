//! What is said to the application when a call cannot be fulfilled.

use core::fmt;

/// Why a call was not fulfilled; the code is stable.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(
    feature = "recording",
    derive(serde::Serialize),
    serde(rename_all = "kebab-case")
)]
pub enum SessionError {
    /// There is no session.
    SignedOut,
    /// There is a session, but no usable token within the time that the call may wait.
    Unavailable,
    /// The answer to a sign-in is none.
    BadAnswer,
    /// The token of the answer to a sign-in fails the checks.
    TokenInvalid,
    /// The verification module could not be loaded.
    VerifierMissing,
    /// The session object was disposed of.
    Disposed,
}

impl SessionError {
    /// The code that applications see.
    pub fn code(self) -> &'static str {
        match self {
            SessionError::SignedOut => "ERR_SIGNED_OUT",
            SessionError::Unavailable => "ERR_UNAVAILABLE",
            SessionError::BadAnswer => "ERR_BAD_ANSWER",
            SessionError::TokenInvalid => "ERR_TOKEN_INVALID",
            SessionError::VerifierMissing => "ERR_WASM_LOAD",
            SessionError::Disposed => "ERR_DISPOSED",
        }
    }
}

impl fmt::Display for SessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl core::error::Error for SessionError {}
