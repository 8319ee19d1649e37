//! What becomes of a request.

use crate::dice::Dice;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Weather {
    Fair,
    Rough,
    /// The server fails, the network does not.
    ServerDown,
    NetworkDown,
}

/// The way of a request and of its answer, in milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Fate {
    /// When it reaches the server, if ever.
    pub(crate) there: Option<i64>,
    /// How long the answer takes from there, if it arrives.
    pub(crate) back: Option<i64>,
    /// When the browser gives up, where no answer arrives.
    pub(crate) broken: i64,
    /// Whether the server, or what stands before it, fails instead of answering.
    pub(crate) fails: bool,
}

impl Weather {
    pub(crate) fn next(dice: &mut Dice) -> Weather {
        match dice.between(0, 9) {
            0..=4 => Weather::Fair,
            5..=7 => Weather::Rough,
            8 => Weather::ServerDown,
            _ => Weather::NetworkDown,
        }
    }

    /// The fate of a request; none hangs longer than `patience`.
    pub(crate) fn fate(self, dice: &mut Dice, patience: i64) -> Fate {
        let mut fate = Fate {
            there: Some(dice.between(5, 150)),
            back: Some(dice.between(5, 150)),
            broken: patience,
            fails: false,
        };
        match self {
            Weather::Fair => fate.fails = dice.chance(2),
            Weather::Rough => {
                fate.fails = dice.chance(15);
                match dice.between(0, 9) {
                    0 => fate.there = None,
                    1 | 2 => fate.back = None,
                    3 => fate.there = Some(dice.spread(200, patience / 2)),
                    4 => fate.back = Some(dice.spread(200, patience / 2)),
                    _ => {}
                }
                fate.broken = dice.spread(100, patience);
            }
            Weather::ServerDown => fate.fails = dice.chance(97),
            Weather::NetworkDown => {
                fate.there = None;
                fate.broken = dice.spread(1, patience);
            }
        }
        fate
    }
}
