//! Time-based one-time codes of RFC 6238: six digits, new every thirty seconds.

use totp_rs::{Builder, Secret, Totp};

use crate::clock::Timestamp;

/// How many bytes a secret has, as RFC 4226 recommends.
pub(crate) const SECRET_BYTES: usize = 20;
/// How long one code stands.
pub(crate) const STEP_SECONDS: i64 = 30;
/// How many steps before and after the present one are accepted too.
const SKEW_STEPS: u16 = 1;

/// Makes and checks the codes of one secret.
pub(crate) struct OneTimeCodes(Totp);

impl OneTimeCodes {
    pub(crate) fn new(secret: [u8; SECRET_BYTES]) -> Self {
        // The other form of it refuses secrets that are too short, which this one cannot be.
        Self(
            Builder::new()
                .with_secret(Secret::new_stack(secret))
                .with_step_duration(STEP_SECONDS.unsigned_abs())
                .with_skew(SKEW_STEPS)
                .build_noncompliant(),
        )
    }

    /// The number of the step whose code this is, if it is one of now; it rises with time.
    pub(crate) fn step_of(&self, code: &str, now: Timestamp) -> Option<i64> {
        let step = self.0.check(code, now.seconds().unsigned_abs())?;
        i64::try_from(step).ok()
    }

    /// The code of an instant.
    pub(crate) fn code_at(&self, at: Timestamp) -> String {
        self.0.generate(at.seconds().unsigned_abs()).to_string()
    }

    /// The secret in Base32, as authenticator applications take it.
    pub(crate) fn secret_base32(&self) -> String {
        self.0.secret().to_base32()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, for SHA-1: the last six of its eight digits.
    #[test]
    fn the_vectors_of_the_rfc() {
        let codes = OneTimeCodes::new(*b"12345678901234567890");
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let at = Timestamp::from_millis(seconds * 1000);
            assert_eq!(codes.code_at(at), code);
            assert_eq!(codes.step_of(code, at), Some(seconds / STEP_SECONDS));
        }
    }

    #[test]
    fn one_step_to_either_side_is_accepted() {
        let codes = OneTimeCodes::new([7; SECRET_BYTES]);
        let at = |seconds: i64| Timestamp::from_millis(seconds * 1000);
        let code = codes.code_at(at(3000));
        for (seconds, accepted) in [
            (2969, false),
            (2970, true),
            (3000, true),
            (3059, true),
            (3060, false),
        ] {
            assert_eq!(
                codes.step_of(&code, at(seconds)).is_some(),
                accepted,
                "{seconds}"
            );
        }
    }

    #[test]
    fn what_is_not_six_digits_is_no_code() {
        let codes = OneTimeCodes::new([7; SECRET_BYTES]);
        let at = Timestamp::from_millis(3_000_000);
        let code = codes.code_at(at);
        for wrong in [
            String::new(),
            format!(" {code}"),
            format!("+{}", &code[1..]),
            format!("{code}0"),
            code[1..].to_owned(),
            "\u{0661}".repeat(3),
            "9".repeat(5000),
        ] {
            assert_eq!(codes.step_of(&wrong, at), None, "{wrong}");
        }
    }
}
