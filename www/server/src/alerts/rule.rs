//! The rates that can be watched.

use std::str::FromStr;

use serde::Serialize;

use super::bound::Bound;

/// A rate that is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// Renewals that failed, of those that succeeded or failed.
    RenewalFailures,
    /// Used refresh tokens that were presented again.
    ReuseAlarms,
    /// Access tokens that the API refused, but for those of an ended session.
    TokenRefusals,
    /// Sign-ins that were refused, of all.
    SignInRefusals,
    /// One-time codes that were refused, of all step-ups.
    StepUpRefusals,
    /// Sign-ins from a place that is new to the user, of all.
    NewPlaces,
    /// Sessions that ended otherwise than by a sign-out or in their time, of those that stood.
    ForcedEnds,
    /// Tabs of signed-in users that told of a failed renewal, of those that told of any.
    FailingTabs,
}

impl Rule {
    /// All there are.
    pub const ALL: [Self; 8] = [
        Self::RenewalFailures,
        Self::ReuseAlarms,
        Self::TokenRefusals,
        Self::SignInRefusals,
        Self::StepUpRefusals,
        Self::NewPlaces,
        Self::ForcedEnds,
        Self::FailingTabs,
    ];

    /// The rule's name on the command line, in the trail and in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RenewalFailures => "renewal-failures",
            Self::ReuseAlarms => "reuse-alarms",
            Self::TokenRefusals => "token-refusals",
            Self::SignInRefusals => "sign-in-refusals",
            Self::StepUpRefusals => "step-up-refusals",
            Self::NewPlaces => "new-places",
            Self::ForcedEnds => "forced-ends",
            Self::FailingTabs => "failing-tabs",
        }
    }

    /// What is measured, in words.
    pub const fn about(self) -> &'static str {
        match self {
            Self::RenewalFailures => "renewals that failed",
            Self::ReuseAlarms => "refresh tokens presented again",
            Self::TokenRefusals => "access tokens refused",
            Self::SignInRefusals => "sign-ins refused",
            Self::StepUpRefusals => "one-time codes refused",
            Self::NewPlaces => "sign-ins from a new place",
            Self::ForcedEnds => "sessions ended by force",
            Self::FailingTabs => "tabs that tell of failed renewals",
        }
    }

    /// The bound where the command line sets no other.
    pub const fn default_bound(self) -> Bound {
        match self {
            Self::RenewalFailures => Bound::percent(5),
            Self::ReuseAlarms => Bound::Count(0),
            Self::TokenRefusals => Bound::Count(50),
            Self::SignInRefusals => Bound::percent(50),
            Self::StepUpRefusals => Bound::percent(50),
            Self::NewPlaces => Bound::percent(30),
            Self::ForcedEnds => Bound::percent(20),
            Self::FailingTabs => Bound::percent(10),
        }
    }

    /// Reads a bound of this rule: a share for one, a count for another.
    pub fn bound(self, text: &str) -> Result<Bound, String> {
        let bound = Bound::from_str(text)?;
        match (self.default_bound(), bound) {
            (Bound::Share { .. }, Bound::Share { .. }) | (Bound::Count(_), Bound::Count(_)) => {
                Ok(bound)
            }
            (Bound::Share { .. }, Bound::Count(_)) => Err(format!(
                "the bound of {} is a share, such as 5%",
                self.as_str()
            )),
            (Bound::Count(_), Bound::Share { .. }) => Err(format!(
                "the bound of {} is a count, such as 5",
                self.as_str()
            )),
        }
    }

    /// The rule of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.as_str() == name)
    }
}
