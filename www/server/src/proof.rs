//! What a user has proved, and what an access token is therefore good for.

use crate::clock::Timestamp;
use crate::role::Role;
use crate::store::Session;

/// One factor, a password.
pub(crate) const ACR_PASSWORD: &str = "aal1";
/// A second factor as well.
pub(crate) const ACR_STEPPED_UP: &str = "aal2";
/// The user's own affairs.
pub(crate) const SCOPE_PROFILE: &str = "profile";
/// The sensitive action.
pub(crate) const SCOPE_PAYMENTS: &str = "payments";

/// The members of an access token that say what was proved.
pub(crate) struct Proof {
    pub(crate) acr: &'static str,
    /// Of RFC 8176, but for `device`, which has no registered name.
    pub(crate) amr: &'static [&'static str],
    pub(crate) auth_time_seconds: i64,
    pub(crate) scope: String,
}

/// What stood beside the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SecondFactor {
    OneTimeCode,
    RememberedDevice,
}

impl Proof {
    /// The sign-in.
    pub(crate) fn of_sign_in(session: &Session) -> Self {
        Self {
            acr: ACR_PASSWORD,
            amr: &["pwd"],
            auth_time_seconds: session.started_at_seconds,
            scope: session.user.role.scope().to_owned(),
        }
    }

    /// A second factor, just now, for the sensitive action, and for what the role allows of the
    /// scope that is wanted beside it.
    pub(crate) fn of_step_up(
        factor: SecondFactor,
        role: Role,
        wanted: &str,
        now: Timestamp,
    ) -> Self {
        let beside = role
            .scope()
            .split(' ')
            .filter(|scope| wanted.split(' ').any(|each| each == *scope));
        let scopes: Vec<_> = beside.chain([SCOPE_PAYMENTS]).collect();
        Self {
            acr: ACR_STEPPED_UP,
            amr: match factor {
                SecondFactor::OneTimeCode => &["pwd", "otp", "mfa"],
                SecondFactor::RememberedDevice => &["pwd", "device", "mfa"],
            },
            auth_time_seconds: now.seconds(),
            scope: scopes.join(" "),
        }
    }
}
