use std::collections::BTreeMap;
use std::fmt;

use jsonwebtoken::dangerous::insecure_decode_claims;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::Refusal;

/// The members of a header or a claims set, no name twice, their values read when asked for.
///
/// RFC 7515 and RFC 7519 leave it open which of two members with one name counts; refusing both means that no two
/// readers can see different tokens. Values that nobody asks for are skipped over without recursion, however deep.
pub(super) struct Members(BTreeMap<String, Box<RawValue>>);

impl Members {
    /// Reads one part of a token.
    pub(super) fn decode(part: &str) -> Result<Self, Refusal> {
        // The library decodes the part between two dots as it stands. Header and claims both go this way: its own
        // type for headers has no room for an `alg` that it does not know.
        insecure_decode_claims(format!(".{part}.")).map_err(|_| Refusal::Malformed)
    }

    /// Whether there is such a member, also as null.
    pub(super) fn is_there(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Whether there is such a member, and not null.
    pub(super) fn has(&self, name: &str) -> bool {
        self.raw(name).is_some()
    }

    /// The value of a member that must be text where it is present.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>, Refusal> {
        self.raw(name).map(read).transpose()
    }

    /// The value of a member that must be text or a list of texts where it is present.
    pub(super) fn texts(&self, name: &str) -> Result<Vec<String>, Refusal> {
        match self.raw(name) {
            Some(json) if json.starts_with('[') => read(json),
            Some(json) => Ok(vec![read(json)?]),
            None => Ok(Vec::new()),
        }
    }

    fn raw(&self, name: &str) -> Option<&str> {
        let json = self.0.get(name)?.get();
        (json != "null").then_some(json)
    }
}

fn read<T: DeserializeOwned>(json: &str) -> Result<T, Refusal> {
    serde_json::from_slice(json.as_bytes()).map_err(|_| Refusal::Malformed)
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Members, A::Error> {
        let mut members = BTreeMap::new();
        while let Some((name, value)) = access.next_entry()? {
            if members.insert(name, value).is_some() {
                return Err(A::Error::custom("duplicate member"));
            }
        }
        Ok(Members(members))
    }
}
