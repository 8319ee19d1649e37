//! Why sessions end.

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EndReason {
    SignedOut,
    Expired,
    /// The user did nothing for longer than the server allows.
    IdleTimeout,
    /// A used refresh token was presented again.
    Reuse,
    /// The same browser signed in anew, so its cookie is lost.
    Replaced,
    PasswordChanged,
    EndedByUser,
    EndedByAdministrator,
    EndedByOperator,
}

impl EndReason {
    const ALL: [Self; 9] = [
        Self::SignedOut,
        Self::Expired,
        Self::IdleTimeout,
        Self::Reuse,
        Self::Replaced,
        Self::PasswordChanged,
        Self::EndedByUser,
        Self::EndedByAdministrator,
        Self::EndedByOperator,
    ];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::SignedOut => "signed-out",
            Self::Expired => "expired",
            Self::IdleTimeout => "idle-timeout",
            Self::Reuse => "reuse",
            Self::Replaced => "replaced",
            Self::PasswordChanged => "password-changed",
            Self::EndedByUser => "ended-by-user",
            Self::EndedByAdministrator => "ended-by-administrator",
            Self::EndedByOperator => "ended-by-operator",
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == name)
    }

    /// Whether the end says that the device is not, or may not be, in its user's hands.
    pub(super) const fn forgets_device(self) -> bool {
        match self {
            Self::SignedOut | Self::Expired | Self::IdleTimeout | Self::Replaced => false,
            Self::Reuse
            | Self::PasswordChanged
            | Self::EndedByUser
            | Self::EndedByAdministrator
            | Self::EndedByOperator => true,
        }
    }
}
