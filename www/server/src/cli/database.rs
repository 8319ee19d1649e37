//! Which database a command is about, and what time it is there.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::DEFAULT_DATABASE;
use crate::app::StartError;
use crate::clock::SystemClock;
use crate::observer::Observer;
use crate::operator::Operator;
use crate::span::parse_signed;

#[derive(Args)]
pub(super) struct Database {
    /// The database file of the server.
    #[arg(long, value_name = "PATH", default_value = DEFAULT_DATABASE)]
    database: PathBuf,
    /// How wrong the server's clock is set.
    #[arg(
        long, value_name = "SPAN", value_parser = parse_signed,
        allow_hyphen_values = true, default_value = "0s"
    )]
    clock_offset: i64,
}

impl Database {
    /// Opens it to change something.
    pub(super) fn operate(&self) -> Result<Operator, StartError> {
        Ok(Operator::open(&self.database, Arc::new(self.clock()))?)
    }

    /// Opens it to look.
    pub(super) fn observe(&self) -> Result<Observer, StartError> {
        Ok(Observer::open(&self.database, Arc::new(self.clock()))?)
    }

    fn clock(&self) -> SystemClock {
        SystemClock {
            offset_seconds: self.clock_offset,
        }
    }
}
