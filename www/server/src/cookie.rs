//! The refresh cookie.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::store::RefreshToken;

/// The cookie's name and attributes, which depend on whether the server is reached over TLS.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RefreshCookie {
    name: &'static str,
    attributes: &'static str,
}

impl RefreshCookie {
    /// Over plain http, which is for this machine alone, browsers differ in whether they take
    /// `Secure` cookies, and the `__Host-` prefix demands it.
    pub(crate) const fn new(tls: bool) -> Self {
        if tls {
            Self {
                name: "__Host-refresh",
                attributes: "HttpOnly; Secure; SameSite=Strict; Path=/",
            }
        } else {
            Self {
                name: "refresh",
                attributes: "HttpOnly; SameSite=Strict; Path=/",
            }
        }
    }

    /// The `Set-Cookie` that stores a token for what remains of its session.
    pub(crate) fn store(self, token: &RefreshToken, max_age_seconds: i64) -> Option<HeaderValue> {
        self.set(&token.to_text(), max_age_seconds)
    }

    /// The `Set-Cookie` that removes the token.
    pub(crate) fn clear(self) -> Option<HeaderValue> {
        self.set("", 0)
    }

    fn set(self, value: &str, max_age_seconds: i64) -> Option<HeaderValue> {
        let Self { name, attributes } = self;
        let text = format!("{name}={value}; Max-Age={max_age_seconds}; {attributes}");
        HeaderValue::try_from(text).ok()
    }

    /// What the request presents; not necessarily a token of ours.
    pub(crate) fn read(self, headers: &HeaderMap) -> Option<&str> {
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find_map(|(name, value)| (name == self.name).then_some(value))
    }
}
