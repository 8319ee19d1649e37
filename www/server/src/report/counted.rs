//! How often something was.

use rusqlite::{Connection, Params};
use serde::Serialize;

use crate::store::StoreError;

/// A name, and how often there was such a thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Counted {
    /// What was counted.
    pub name: String,
    /// How often.
    pub count: i64,
}

/// The rows of a query that selects a name and a count.
pub(super) fn counted(
    connection: &Connection,
    query: &str,
    parameters: impl Params,
) -> Result<Vec<Counted>, StoreError> {
    let mut statement = connection.prepare(query)?;
    let rows = statement.query_map(parameters, |row| {
        Ok(Counted {
            name: row.get(0)?,
            count: row.get(1)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// How many there are of the trail's entries of one kind, by their detail, the most frequent first.
pub(crate) fn by_detail(
    connection: &Connection,
    kind: &str,
    since_millis: i64,
) -> Result<Vec<Counted>, StoreError> {
    counted(
        connection,
        "SELECT ifnull(detail, ''), count(*) FROM audit WHERE kind = ?1 AND at >= ?2
         GROUP BY 1 ORDER BY 2 DESC, 1",
        (kind, since_millis),
    )
}

pub(crate) fn total(counted: &[Counted]) -> i64 {
    counted.iter().map(|counted| counted.count).sum()
}
