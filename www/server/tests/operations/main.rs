//! What docs/operations.md and docs/server.md say an operator can do: each command is run, and
//! what it prints is what the document shows.

#[path = "../common/mod.rs"]
mod common;
mod document;
mod seed;

use std::path::PathBuf;
use std::process::{Command, Output};

use common::program::Server;
use document::{Block, Document, Example};
use seed::Seed;

/// Set, the document is written anew with what the commands print, for a person to review.
const REWRITE: &str = "REWRITE_OPERATIONS";

fn docs(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs")
        .join(name)
}

fn run(arguments: &[String]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sample-server"))
        .args(arguments)
        .output()
        .unwrap()
}

#[tokio::test]
async fn every_command_prints_what_the_document_shows() {
    let path = docs("operations.md");
    let seed = Seed::new().await;
    let mut document = Document::read(&path);
    let mut count = 0;
    let mut wrong = Vec::new();
    // Each section is an incident of its own, on the same day.
    for section in document.sections_mut() {
        let database = seed.fresh();
        for Block { examples } in section {
            for example in examples {
                count += 1;
                let printed = seed.as_shown(&print(&seed, &database, example));
                if seed.normal(&printed) != seed.normal(&example.output) {
                    wrong.push(format!("$ {}\n{printed}", example.command));
                    example.output = printed;
                }
            }
        }
    }
    assert!(count >= 20, "the document has {count} commands");
    if std::env::var_os(REWRITE).is_some() {
        document.write(&path);
    } else {
        let wrong = wrong.join("\n");
        assert!(
            wrong.is_empty(),
            "{REWRITE}=1 takes over what is printed:\n{wrong}"
        );
    }
}

/// What a command prints on the database.
fn print(seed: &Seed, database: &std::path::Path, example: &Example) -> String {
    let mut arguments = example.arguments(|word| seed.as_meant(word));
    if arguments.first().is_some_and(|first| first == "serve") {
        // It does not end by itself: that it starts is what can be shown.
        arguments.remove(0);
        for argument in &mut arguments {
            if argument == "operator-token" {
                *argument = database.with_extension("token").display().to_string();
            }
        }
        let flags: Vec<&str> = arguments.iter().map(String::as_str).collect();
        drop(Server::start(&flags));
        return example.output.clone();
    }
    arguments.push("--database".to_owned());
    arguments.push(database.display().to_string());
    let output = run(&arguments);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{}: {said}", example.command);
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn every_command_that_is_named_in_passing_exists() {
    let mut count = 0;
    for name in ["operations.md", "server.md", "audit.md"] {
        for command in Document::read(&docs(name)).named_in_passing() {
            count += 1;
            let mut arguments = Example::of_command(&command).arguments(str::to_owned);
            arguments.push("--help".to_owned());
            let output = run(&arguments);
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{command} in {name}: {said}");
        }
    }
    assert!(count >= 5, "{count} are named");
}

#[test]
fn every_rule_and_every_kind_is_explained() {
    let text = std::fs::read_to_string(docs("operations.md")).unwrap();
    for rule in sample_server::Rule::ALL {
        let row = format!("| `{}` | {} |", rule.as_str(), rule.default_bound());
        assert!(text.contains(&row), "{row}");
    }
}
