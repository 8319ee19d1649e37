//! What a rate may be at most.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use super::measure::Measure;

/// What a rate may be at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// A share, in hundredths of a percent.
    Share {
        /// 10,000 are all.
        basis_points: i64,
    },
    /// A number within the window.
    Count(i64),
}

const ALL_BASIS_POINTS: i64 = 10_000;

impl Bound {
    pub(super) const fn percent(percent: i64) -> Self {
        Self::Share {
            basis_points: percent * 100,
        }
    }

    /// Whether an alert is due. Of too small a sample no share is judged.
    pub(super) fn is_left(self, measure: Measure, least_sample: i64) -> bool {
        match self {
            Self::Count(most) => measure.part > most,
            Self::Share { basis_points } => {
                let whole = measure.whole.unwrap_or(0);
                whole >= least_sample.max(1)
                    && measure.part * ALL_BASIS_POINTS > whole * basis_points
            }
        }
    }

    /// Whether an alert that stands is over: at half of the bound, so that it does not come and
    /// go. Of too small a sample, only where nothing at all is wrong.
    pub(super) fn is_regained(self, measure: Measure, least_sample: i64) -> bool {
        measure.part == 0
            || match self {
                Self::Count(most) => measure.part * 2 <= most,
                Self::Share { basis_points } => {
                    let whole = measure.whole.unwrap_or(0);
                    whole >= least_sample
                        && measure.part * 2 * ALL_BASIS_POINTS <= whole * basis_points
                }
            }
    }
}

/// `5%`, `0.25%` or `12`.
impl FromStr for Bound {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("\"{text}\" is neither a share such as 5% or 0.25% nor a count such as 12");
        let number = |digits: &str| {
            let is_number =
                (1..=9).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then(|| digits.parse::<i64>().ok()).flatten()
        };
        let Some(percent) = text.strip_suffix('%') else {
            return number(text).map(Self::Count).ok_or_else(wrong);
        };
        let (whole, fraction) = percent.split_once('.').unwrap_or((percent, "0"));
        let hundredths = match fraction.len() {
            1 => number(fraction).map(|tenths| tenths * 10),
            2 => number(fraction),
            _ => None,
        };
        number(whole)
            .zip(hundredths)
            .map(|(whole, hundredths)| whole * 100 + hundredths)
            .filter(|basis_points| *basis_points <= ALL_BASIS_POINTS)
            .map(|basis_points| Self::Share { basis_points })
            .ok_or_else(wrong)
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(most) => write!(formatter, "{most}"),
            Self::Share { basis_points } => match (basis_points / 100, basis_points % 100) {
                (whole, 0) => write!(formatter, "{whole}%"),
                (whole, hundredths) => write!(formatter, "{whole}.{hundredths:02}%"),
            },
        }
    }
}

impl Serialize for Bound {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_read_and_written() {
        for (text, bound) in [
            ("5%", Bound::percent(5)),
            ("0.25%", Bound::Share { basis_points: 25 }),
            ("12.50%", Bound::Share { basis_points: 1250 }),
            ("100%", Bound::percent(100)),
            ("0", Bound::Count(0)),
            ("12", Bound::Count(12)),
        ] {
            assert_eq!(text.parse(), Ok(bound));
            assert_eq!(bound.to_string(), text);
        }
        assert_eq!("7.5%".parse(), Ok(Bound::Share { basis_points: 750 }));
        for wrong in [
            "",
            "%",
            "-1",
            "101%",
            "1.234%",
            "5.%",
            ".5%",
            "1e3",
            "9999999999",
            "5 %",
        ] {
            assert!(wrong.parse::<Bound>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn there_is_a_gap_between_raising_and_clearing() {
        let of = |part, whole| Measure {
            part,
            whole: Some(whole),
        };
        let bound = Bound::percent(10);
        assert!(!bound.is_left(of(19, 19), 20), "too few to tell");
        assert!(!bound.is_left(of(2, 20), 20), "the bound itself is fine");
        assert!(bound.is_left(of(3, 20), 20));
        assert!(!bound.is_left(of(0, 0), 0));
        assert!(!bound.is_regained(of(2, 20), 20));
        assert!(bound.is_regained(of(1, 20), 20));
        assert!(!bound.is_regained(of(1, 19), 20), "too few to tell");
        assert!(bound.is_regained(of(0, 3), 20), "nothing is wrong any more");
        let count = |part| Measure { part, whole: None };
        assert!(!Bound::Count(4).is_left(count(4), 20));
        assert!(Bound::Count(4).is_left(count(5), 20));
        assert!(!Bound::Count(4).is_regained(count(3), 20));
        assert!(Bound::Count(4).is_regained(count(2), 20));
        assert!(!Bound::Count(0).is_regained(count(1), 20));
        assert!(Bound::Count(0).is_regained(count(0), 20));
    }
}
