//! The sample's two users.

use rusqlite::{Connection, OptionalExtension as _, Params, Row, params};

use super::StoreError;
use crate::one_time_code::{OneTimeCodes, SECRET_BYTES};
use crate::role::Role;

/// A user that exists from the start, with a password and a secret that everybody may know.
#[derive(Clone, Copy, Debug)]
pub struct SampleUser {
    /// What the user signs in as.
    pub username: &'static str,
    /// The published password.
    pub password: &'static str,
    /// The published secret of the user's one-time codes.
    pub one_time_secret: [u8; SECRET_BYTES],
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
        one_time_secret: *b"analytical engine no",
        name: "Ada Lovelace",
        role: Role::Customer,
    },
    SampleUser {
        username: "grace",
        password: "nanoseconds of copper wire",
        one_time_secret: *b"relay 70 panel F mth",
        name: "Grace Hopper",
        role: Role::Administrator,
    },
];

impl SampleUser {
    fn sub(&self) -> String {
        format!("user-{}", self.username)
    }

    /// The secret of the user's one-time codes in Base32, as authenticator applications take it.
    pub fn one_time_secret_base32(&self) -> String {
        OneTimeCodes::new(self.one_time_secret).secret_base32()
    }
}

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

    /// The user's one-time codes. The sample has no enrolment: the secrets are published.
    pub(crate) fn one_time_codes(&self) -> Option<OneTimeCodes> {
        let sample = SAMPLE_USERS.iter().find(|user| user.sub() == self.sub)?;
        Some(OneTimeCodes::new(sample.one_time_secret))
    }
}

/// A user with what the password is checked against.
pub(crate) struct StoredUser {
    pub(crate) user: User,
    pub(crate) username: String,
    pub(crate) password_hash: String,
}

/// The user of that name.
pub(crate) fn find_user(
    connection: &Connection,
    username: &str,
) -> Result<Option<StoredUser>, StoreError> {
    find(connection, "username = ?1", [username])
}

/// The user that tokens are about.
pub(crate) fn find_user_of_sub(
    connection: &Connection,
    sub: &str,
) -> Result<Option<StoredUser>, StoreError> {
    find(connection, "sub = ?1", [sub])
}

fn find(
    connection: &Connection,
    condition: &'static str,
    parameters: impl Params,
) -> Result<Option<StoredUser>, StoreError> {
    let mut statement = connection.prepare(&format!(
        "SELECT sub, username, name, role, password_hash FROM users WHERE {condition}"
    ))?;
    let mut rows = statement.query(parameters)?;
    rows.next()?
        .map(|row| {
            Ok(StoredUser {
                user: User::from_row(row)?,
                username: row.get("username")?,
                password_hash: row.get("password_hash")?,
            })
        })
        .transpose()
}

/// Gives the user another password. Nothing happens where the password is no longer the one of
/// `old_hash`, since another request was faster; then the answer is `false`.
pub(crate) fn change_password(
    connection: &Connection,
    sub: &str,
    old_hash: &str,
    new_hash: &str,
) -> Result<bool, StoreError> {
    let changed = connection.execute(
        "UPDATE users SET password_hash = ?3, has_own_password = 1
         WHERE sub = ?1 AND password_hash = ?2",
        params![sub, old_hash, new_hash],
    )?;
    Ok(changed == 1)
}

/// Whether the user's password is the one of that hash.
pub(crate) fn has_password(
    connection: &Connection,
    sub: &str,
    hash: &str,
) -> Result<bool, StoreError> {
    Ok(connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM users WHERE sub = ?1 AND password_hash = ?2)",
        params![sub, hash],
        |row| row.get(0),
    )?)
}

/// The last step whose code the user has used.
pub(crate) fn last_code_step(connection: &Connection, sub: &str) -> Result<i64, StoreError> {
    Ok(connection.query_row(
        "SELECT last_code_step FROM users WHERE sub = ?1",
        [sub],
        |row| row.get(0),
    )?)
}

/// Uses up the code of a step, and all before it. `false` where it was used up already.
pub(crate) fn use_code_step(
    connection: &Connection,
    sub: &str,
    step: i64,
) -> Result<bool, StoreError> {
    let changed = connection.execute(
        "UPDATE users SET last_code_step = ?2 WHERE sub = ?1 AND last_code_step < ?2",
        params![sub, step],
    )?;
    Ok(changed == 1)
}

/// Creates the sample users that are missing, and gives those who have changed their password
/// the published one again; `hash` is not called for the others.
pub(crate) fn create_sample_users<E: From<StoreError>>(
    connection: &Connection,
    hash: impl Fn(&str) -> Result<String, E>,
) -> Result<(), E> {
    for user in &SAMPLE_USERS {
        let is_as_published = connection
            .query_row(
                "SELECT NOT has_own_password FROM users WHERE username = ?1",
                [user.username],
                |row| row.get(0),
            )
            .optional()
            .map_err(StoreError::from)?
            .unwrap_or(false);
        if is_as_published {
            continue;
        }
        let password_hash = hash(user.password)?;
        connection
            .execute(
                "INSERT INTO users (sub, username, name, role, password_hash)
                 VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (sub) DO UPDATE SET password_hash = excluded.password_hash,
                                                 has_own_password = 0",
                params![
                    user.sub(),
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
