//! The sample's two users.

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::StoreError;
use crate::role::Role;

/// A user that exists from the start, with a password that everybody may know.
#[derive(Clone, Copy, Debug)]
pub struct SampleUser {
    /// What the user signs in as.
    pub username: &'static str,
    /// The published password.
    pub password: &'static str,
    /// The name that the page shows.
    pub name: &'static str,
    /// What the user may do.
    pub role: Role,
}

/// A customer and an administrator.
pub const SAMPLE_USERS: [SampleUser; 2] = [
    SampleUser {
        username: "ada",
        password: "correct horse battery",
        name: "Ada Lovelace",
        role: Role::Customer,
    },
    SampleUser {
        username: "grace",
        password: "nanoseconds of copper wire",
        name: "Grace Hopper",
        role: Role::Administrator,
    },
];

/// Somebody who can sign in.
#[derive(Clone, Debug)]
pub(crate) struct User {
    /// The subject of the user's tokens.
    pub(crate) sub: String,
    pub(crate) name: String,
    pub(crate) role: Role,
}

impl User {
    /// Reads the columns `sub`, `name` and `role`.
    pub(super) fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        let role: String = row.get("role")?;
        Ok(Self {
            sub: row.get("sub")?,
            name: row.get("name")?,
            role: Role::from_name(&role).ok_or(StoreError::Unknown("role"))?,
        })
    }
}

/// A user with what the password is checked against.
pub(crate) struct StoredUser {
    pub(crate) user: User,
    pub(crate) password_hash: String,
}

/// The user of that name.
pub(crate) fn find_user(
    connection: &Connection,
    username: &str,
) -> Result<Option<StoredUser>, StoreError> {
    let mut statement = connection
        .prepare("SELECT sub, name, role, password_hash FROM users WHERE username = ?1")?;
    let mut rows = statement.query([username])?;
    rows.next()?
        .map(|row| {
            Ok(StoredUser {
                user: User::from_row(row)?,
                password_hash: row.get("password_hash")?,
            })
        })
        .transpose()
}

/// Creates the sample users that are missing; `hash` is not called for the others.
pub(crate) fn create_sample_users<E: From<StoreError>>(
    connection: &Connection,
    hash: impl Fn(&str) -> Result<String, E>,
) -> Result<(), E> {
    for user in &SAMPLE_USERS {
        let exists = connection
            .query_row(
                "SELECT 1 FROM users WHERE username = ?1",
                [user.username],
                |_| Ok(()),
            )
            .optional()
            .map_err(StoreError::from)?
            .is_some();
        if exists {
            continue;
        }
        let password_hash = hash(user.password)?;
        connection
            .execute(
                "INSERT INTO users (sub, username, name, role, password_hash)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
                params![
                    format!("user-{}", user.username),
                    user.username,
                    user.name,
                    user.role.as_str(),
                    password_hash,
                ],
            )
            .map_err(StoreError::from)?;
    }
    Ok(())
}
