//! The cookies: one carries the refresh token, one the token of a device that is remembered, and
//! one is what a browser is known by.

use axum::http::{HeaderMap, HeaderValue, header};

/// A cookie's name and attributes, which depend on whether the server is reached over TLS.
///
/// Its path is `/`, as the prefix `__Host-` demands, so it reaches the events of the session
/// as well as its renewals.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cookie {
    name: &'static str,
    attributes: &'static str,
}

const PLAIN: &str = "HttpOnly; SameSite=Strict; Path=/";
const SECURE: &str = "HttpOnly; Secure; SameSite=Strict; Path=/";

impl Cookie {
    /// The cookie of the refresh token.
    pub(crate) const fn refresh(tls: bool) -> Self {
        Self::new(tls, "refresh", "__Host-refresh")
    }

    /// The cookie of a device that is remembered.
    pub(crate) const fn device(tls: bool) -> Self {
        Self::new(tls, "device", "__Host-device")
    }

    /// The cookie that a browser is known by, and that grants nothing.
    pub(crate) const fn browser(tls: bool) -> Self {
        Self::new(tls, "browser", "__Host-browser")
    }

    /// Over plain http, which is for this machine alone, browsers differ in whether they take
    /// `Secure` cookies, and the `__Host-` prefix demands it.
    const fn new(tls: bool, plain_name: &'static str, host_name: &'static str) -> Self {
        let (name, attributes) = if tls {
            (host_name, SECURE)
        } else {
            (plain_name, PLAIN)
        };
        Self { name, attributes }
    }

    /// The `Set-Cookie` that stores a value for so long.
    pub(crate) fn store(self, value: &str, max_age_seconds: i64) -> Option<HeaderValue> {
        let Self { name, attributes } = self;
        let text = format!("{name}={value}; Max-Age={max_age_seconds}; {attributes}");
        HeaderValue::try_from(text).ok()
    }

    /// The `Set-Cookie` that removes it.
    pub(crate) fn clear(self) -> Option<HeaderValue> {
        self.store("", 0)
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
