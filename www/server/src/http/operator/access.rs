//! Who may see the operator's page: Basic authentication (RFC 7617), whose password is the
//! operator's token. The browser asks for it itself, so the page needs no form and no script.

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::app::{App, Parts};
use crate::http::ApiError;
use crate::http::guesses::PeerAddress;
use crate::store::attempts::{Attempt, OPERATOR_TOKENS_FROM_ADDRESS};
use crate::store::{self, AuditKind, Session};

/// Passes whoever shows the token. A wrong one is written down, and counts as a guess.
pub(super) async fn check(
    app: &App,
    address: &PeerAddress,
    headers: &HeaderMap,
) -> Result<(), ApiError> {
    let Some(token) = app.operator_token() else {
        let description = "Start the server with --operator-token-file to have this page.";
        return Err(ApiError::not_found(description));
    };
    // A browser asks once without, to learn what is wanted.
    let Some(presented) = headers.get(header::AUTHORIZATION) else {
        return Err(ApiError::operator_wanted());
    };
    let password = password(presented.as_bytes());
    if password.is_some_and(|password| token.is(&password)) {
        return Ok(());
    }
    let subject = address.subject(app.parts());
    app.blocking(move |parts| note_guess(parts, subject))
        .await?;
    Err(ApiError::operator_wanted())
}

fn note_guess(parts: &Parts, subject: Option<[u8; 32]>) -> Result<(), ApiError> {
    parts.store.write(&*parts.clock, |transaction, now| {
        if let Some(subject) = subject
            && let Attempt::Blocked {
                retry_after_seconds,
                ..
            } = OPERATOR_TOKENS_FROM_ADDRESS.count(transaction, &subject, now)?
        {
            return Ok(Err(ApiError::too_many_attempts(retry_after_seconds)));
        }
        let (kind, nobody) = (AuditKind::OperatorRefused, None::<&Session>);
        store::record(transaction, now, kind, nobody, "wrong-token")?;
        Ok(Ok(()))
    })?
}

/// The password of a Basic credential, whatever the user's name is.
fn password(credentials: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(credentials).ok()?;
    let (scheme, encoded) = text.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    let pair = STANDARD.decode(encoded.trim()).ok()?;
    let colon = pair.iter().position(|byte| *byte == b':')?;
    Some(pair.get(colon + 1..)?.to_vec())
}
