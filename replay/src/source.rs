//! Where recordings come from.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// What an export of the inspector says that it is.
const INSPECTION: &str = "sessionkeeper-inspection";

/// The files that are named, and those of the folders that are.
pub(crate) fn files(named: &[PathBuf]) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in named {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let mut found = Vec::new();
        for entry in fs::read_dir(path)? {
            let file = entry?.path();
            if file
                .extension()
                .is_some_and(|extension| extension == "jsonl")
            {
                found.push(file);
            }
        }
        if found.is_empty() {
            let what = format!("there are no recordings in {}", path.display());
            return Err(io::Error::new(io::ErrorKind::NotFound, what));
        }
        found.sort();
        files.extend(found);
    }
    Ok(files)
}

/// The lines of the recording in a file.
pub(crate) fn lines(file: &Path) -> Result<Vec<String>> {
    let bytes = fs::read(file).context("cannot be read")?;
    // One that is cut off may be so in the middle of a character.
    let text = String::from_utf8_lossy(&bytes);
    lines_of(text.trim_start_matches('\u{feff}'))
}

fn lines_of(text: &str) -> Result<Vec<String>> {
    match serde_json::from_str(text) {
        Ok(Value::Object(export)) if export.get("format").is_some_and(|it| it == INSPECTION) => {
            recording_of(&export)
        }
        _ => Ok(text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .map(str::to_owned)
            .collect()),
    }
}

fn recording_of(export: &serde_json::Map<String, Value>) -> Result<Vec<String>> {
    let lines = export.get("recording").and_then(Value::as_array);
    let lines = lines.filter(|lines| !lines.is_empty()).context(
        "the export has no recording: create the session with audit: { recording: true }",
    )?;
    let mut recording = Vec::new();
    for line in lines {
        match line.as_str() {
            Some(line) => recording.push(line.to_owned()),
            None => bail!("the export's recording has something else than lines"),
        }
    }
    Ok(recording)
}

#[cfg(test)]
mod tests {
    use super::lines_of;

    #[test]
    fn lines_are_found_in_either_form() {
        assert_eq!(lines_of("{\"a\":1}\n\n{\"b\":2}\r\n{\"c").unwrap().len(), 3);
        assert_eq!(lines_of("").unwrap().len(), 0);
        let export = r#"{"format":"sessionkeeper-inspection","recording":["{}","{\"b\":2}"]}"#;
        assert_eq!(lines_of(export).unwrap(), ["{}", "{\"b\":2}"]);
    }

    #[test]
    fn an_export_without_a_recording_says_how_to_make_one() {
        for rest in ["", r#","recording":[]"#, r#","recording":7"#] {
            let export = format!(r#"{{"format":"sessionkeeper-inspection"{rest}}}"#);
            let why = lines_of(&export).unwrap_err().to_string();
            assert!(why.contains("audit"), "{why}");
        }
        let export = r#"{"format":"sessionkeeper-inspection","recording":[{}]}"#;
        assert!(lines_of(export).is_err());
    }
}
