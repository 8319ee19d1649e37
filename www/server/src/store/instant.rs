//! Instants as people write them, by SQLite's own reading.

use rusqlite::Connection;

use super::StoreError;

/// Seconds since the epoch as RFC 3339, in UTC.
pub(crate) fn rfc3339(connection: &Connection, seconds: i64) -> Result<String, StoreError> {
    let text = connection.query_row(
        "SELECT strftime('%Y-%m-%dT%H:%M:%SZ', ?1, 'unixepoch')",
        [seconds],
        |row| row.get::<_, Option<String>>(0),
    )?;
    text.ok_or(StoreError::Unknown("instant"))
}

/// The instant that a date with a time and a zone names; `None` for any other text.
pub(crate) fn parse_rfc3339(
    connection: &Connection,
    text: &str,
) -> Result<Option<i64>, StoreError> {
    if !has_shape(text) {
        return Ok(None);
    }
    Ok(connection.query_row("SELECT unixepoch(?1)", [text], |row| row.get(0))?)
}

/// SQLite reads much more than RFC 3339, such as "now" and Julian days.
fn has_shape(text: &str) -> bool {
    const SECONDS: &[u8] = b"0000-00-00T00:00:00";
    let bytes = text.as_bytes();
    let Some((date, rest)) = bytes.split_at_checked(SECONDS.len()) else {
        return false;
    };
    let fits = |found: &[u8], shape: &[u8]| {
        found.len() == shape.len()
            && found.iter().zip(shape).all(|(found, shape)| match shape {
                b'0' => found.is_ascii_digit(),
                mark => found == mark,
            })
    };
    fits(date, SECONDS) && (rest == b"Z" || fits(rest, b"+00:00") || fits(rest, b"-00:00"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_read_and_written() {
        let connection = Connection::open_in_memory().unwrap();
        for (text, seconds) in [
            ("2026-01-01T00:00:00Z", Some(1_767_225_600)),
            ("2026-01-01T02:30:00+02:30", Some(1_767_225_600)),
            ("2026-13-01T00:00:00Z", None),
            ("2026-01-01T00:00:00", None),
            ("2026-01-01", None),
            ("now", None),
            ("2460000.5", None),
            ("", None),
            ("2026-01-01T00:00:0\u{0660}Z", None),
        ] {
            assert_eq!(parse_rfc3339(&connection, text).unwrap(), seconds, "{text}");
        }
        assert_eq!(
            rfc3339(&connection, 1_767_225_600).unwrap(),
            "2026-01-01T00:00:00Z"
        );
    }
}
