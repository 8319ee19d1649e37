//! How values are written that cannot be written as they are.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::effect::RenewalKey;
use crate::token::AccessToken;

use super::veil;

/// Written as what stands for it, and as nothing else.
impl Serialize for AccessToken {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.expose();
        serializer.serialize_str(if veil::is_stand_in(text) { text } else { "…" })
    }
}

impl<'de> Deserialize<'de> for AccessToken {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<AccessToken, D::Error> {
        String::deserialize(deserializer).map(AccessToken::new)
    }
}

/// Keys are stand-ins, too, of half their length.
impl Serialize for RenewalKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        hex::serialize(&(self.0 as u64), serializer)
    }
}

impl<'de> Deserialize<'de> for RenewalKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<RenewalKey, D::Error> {
        hex::deserialize(deserializer).map(|key| RenewalKey(key.into()))
    }
}

/// Numbers of 64 bits, of which JSON's readers often keep 53.
pub(super) mod hex {
    use super::{Deserialize, Deserializer, Error, Serializer};

    pub(in crate::recording) const DIGITS: usize = 16;

    /// Without the formatting of the standard library, which the module would have for this alone.
    pub(in crate::recording) fn digits(number: u64) -> String {
        let halves = |byte: u8| [byte >> 4, byte & 15];
        let digit = |half: u8| char::from_digit(half.into(), 16);
        let bytes = number.to_be_bytes().into_iter();
        bytes.flat_map(halves).filter_map(digit).collect()
    }

    pub(in crate::recording) fn serialize<S: Serializer>(
        number: &u64,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&digits(*number))
    }

    pub(in crate::recording) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<u64, D::Error> {
        let text = String::deserialize(deserializer)?;
        u64::from_str_radix(&text, 16).map_err(D::Error::custom)
    }
}

/// Numbers from an answer, which may be none: JSON cannot say so.
pub(crate) mod number {
    use super::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(untagged)]
    enum Number {
        Finite(f64),
        Other(Other),
    }

    #[derive(Serialize, Deserialize)]
    enum Other {
        NaN,
        Infinity,
        #[serde(rename = "-Infinity")]
        NegativeInfinity,
    }

    pub(crate) fn serialize<S: Serializer>(
        number: &Option<f64>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let number = number.map(|number| match number {
            f64::INFINITY => Number::Other(Other::Infinity),
            f64::NEG_INFINITY => Number::Other(Other::NegativeInfinity),
            _ if number.is_nan() => Number::Other(Other::NaN),
            _ => Number::Finite(number),
        });
        number.serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<f64>, D::Error> {
        let number = Option::deserialize(deserializer)?;
        Ok(number.map(|number| match number {
            Number::Finite(number) => number,
            Number::Other(Other::NaN) => f64::NAN,
            Number::Other(Other::Infinity) => f64::INFINITY,
            Number::Other(Other::NegativeInfinity) => f64::NEG_INFINITY,
        }))
    }
}
