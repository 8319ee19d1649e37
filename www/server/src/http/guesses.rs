//! Passwords that are presented, and how often somebody may present one.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request;
use rusqlite::Connection;

use super::ApiError;
use crate::app::Parts;
use crate::clock::Timestamp;
use crate::place::place;
use crate::store::attempts::{Attempt, PASSWORDS_FOR_ACCOUNT, PASSWORDS_FROM_ADDRESS};
use crate::store::{self, AuditKind, StoreError, StoredUser, User};

/// The address that a request comes from, by the socket and not by any header. A request that
/// came by no socket has none.
pub(super) struct PeerAddress(Option<IpAddr>);

impl<S: Sync> FromRequestParts<S> for PeerAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut request::Parts, _: &S) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        Ok(Self(peer.map(|ConnectInfo(peer)| peer.ip().to_canonical())))
    }
}

impl PeerAddress {
    /// The network that the address is in.
    pub(super) fn place(&self) -> Option<String> {
        self.0.map(place)
    }

    /// The name under which attempts from there are counted.
    pub(super) fn subject(&self, parts: &Parts) -> Option<[u8; 32]> {
        self.0.map(|address| {
            let octets = network(address);
            parts.attempts_subject("address", &octets)
        })
    }
}

/// Somebody who presents a password for a user name.
pub(super) struct Guesser {
    account: [u8; 32],
    address: Option<[u8; 32]>,
}

impl Guesser {
    pub(super) fn new(parts: &Parts, username: &str, address: &PeerAddress) -> Self {
        Self {
            account: parts.attempts_subject("account", username.as_bytes()),
            address: address.subject(parts),
        }
    }

    /// Whether the password is this user's. Takes as long for an unknown one. Counts the attempt
    /// before it is made; too many are refused whatever the password is.
    pub(super) fn knows(
        &self,
        parts: &Parts,
        user: Option<&StoredUser>,
        password: &str,
    ) -> Result<bool, ApiError> {
        let subject = user.map(|stored| &stored.user);
        parts.store.write(&*parts.clock, |transaction, now| {
            self.admit(transaction, subject, now)
        })??;
        let hash = user.map(|stored| stored.password_hash.as_str());
        let knows = parts.passwords.verify(password, hash);
        if knows {
            parts
                .store
                .write(&*parts.clock, |transaction, _| self.forgive(transaction))?;
        }
        Ok(knows)
    }

    fn admit(
        &self,
        connection: &Connection,
        user: Option<&User>,
        now: Timestamp,
    ) -> Result<Result<(), ApiError>, StoreError> {
        // The address first: one that is blocked does not block accounts.
        let address = self
            .address
            .map(|address| (PASSWORDS_FROM_ADDRESS, address, "address"));
        let account = (PASSWORDS_FOR_ACCOUNT, self.account, "account");
        for (limit, subject, detail) in address.into_iter().chain([account]) {
            match limit.count(connection, &subject, now)? {
                Attempt::Allowed => {}
                Attempt::Blocked {
                    retry_after_seconds,
                    first,
                } => {
                    if first {
                        store::record(connection, now, AuditKind::SignInBlocked, user, detail)?;
                    }
                    return Ok(Err(ApiError::too_many_attempts(retry_after_seconds)));
                }
            }
        }
        Ok(Ok(()))
    }

    fn forgive(&self, connection: &Connection) -> Result<(), StoreError> {
        PASSWORDS_FOR_ACCOUNT.forgive(connection, &self.account)?;
        match &self.address {
            Some(address) => PASSWORDS_FROM_ADDRESS.give_back(connection, address),
            None => Ok(()),
        }
    }
}

/// Who has one address of IPv6 has 2⁶⁴ of them.
fn network(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().into_iter().take(8).collect(),
    }
}
