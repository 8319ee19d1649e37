//! The users of the test.

/// The id of the user whose name and password these are.
pub(crate) fn check_password(username: &str, password: &str) -> Option<String> {
    (username == "ada" && password == "correct horse battery").then(|| "user-ada".to_owned())
}
