//! The commands in a document in Markdown.

use std::path::Path;

/// A document, in pieces that make up its text.
pub(crate) struct Document {
    sections: Vec<Section>,
}

struct Section {
    pieces: Vec<Piece>,
}

enum Piece {
    Prose(String),
    Console(Block),
}

/// A block of code that shows a console.
pub(crate) struct Block {
    pub(crate) examples: Vec<Example>,
}

/// A command, and what it prints.
pub(crate) struct Example {
    pub(crate) command: String,
    pub(crate) output: String,
}

const OPENS: &str = "```console\n";
const CLOSES: &str = "```\n";
const PROMPT: &str = "$ ";
const PROGRAM: &str = "sample-server";

impl Document {
    pub(crate) fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap();
        let mut sections = vec![Section { pieces: Vec::new() }];
        let mut lines = text.split_inclusive('\n');
        while let Some(line) = lines.next() {
            if line == OPENS {
                let inside: Vec<&str> = lines.by_ref().take_while(|line| *line != CLOSES).collect();
                let block = Block::read(&inside);
                sections
                    .last_mut()
                    .unwrap()
                    .pieces
                    .push(Piece::Console(block));
                continue;
            }
            if line.starts_with("## ") || line.starts_with("### ") {
                sections.push(Section { pieces: Vec::new() });
            }
            let pieces = &mut sections.last_mut().unwrap().pieces;
            match pieces.last_mut() {
                Some(Piece::Prose(prose)) => prose.push_str(line),
                _ => pieces.push(Piece::Prose(line.to_owned())),
            }
        }
        Self { sections }
    }

    pub(crate) fn write(&self, path: &Path) {
        let mut text = String::new();
        for piece in self.sections.iter().flat_map(|section| &section.pieces) {
            match piece {
                Piece::Prose(prose) => text.push_str(prose),
                Piece::Console(block) => {
                    text.push_str(OPENS);
                    for Example { command, output } in &block.examples {
                        text.push_str(&format!("{PROMPT}{command}\n{output}"));
                    }
                    text.push_str(CLOSES);
                }
            }
        }
        std::fs::write(path, text).unwrap();
    }

    /// The consoles of each section that has any.
    pub(crate) fn sections_mut(&mut self) -> impl Iterator<Item = Vec<&mut Block>> {
        self.sections.iter_mut().map(|section| {
            let consoles = section.pieces.iter_mut().filter_map(|piece| match piece {
                Piece::Console(block) => Some(block),
                Piece::Prose(_) => None,
            });
            consoles.collect()
        })
    }

    /// The commands between backticks in the prose.
    pub(crate) fn named_in_passing(&self) -> Vec<String> {
        let prose = self.sections.iter().flat_map(|section| &section.pieces);
        let prose = prose.filter_map(|piece| match piece {
            Piece::Prose(prose) => Some(prose),
            Piece::Console(_) => None,
        });
        prose
            .flat_map(|prose| prose.split('`').skip(1).step_by(2))
            .filter(|code| code.starts_with("sample-server "))
            .map(str::to_owned)
            .collect()
    }
}

impl Block {
    fn read(lines: &[&str]) -> Self {
        let mut examples: Vec<Example> = Vec::new();
        for line in lines {
            match line.strip_prefix(PROMPT) {
                Some(command) => examples.push(Example::of_command(command.trim_end())),
                None => examples
                    .last_mut()
                    .expect("a console begins with a command")
                    .output
                    .push_str(line),
            }
        }
        Self { examples }
    }
}

impl Example {
    pub(crate) fn of_command(command: &str) -> Self {
        Self {
            command: command.to_owned(),
            output: String::new(),
        }
    }

    /// The words after the program's name, each as it is meant.
    pub(crate) fn arguments(&self, meant: impl Fn(&str) -> String) -> Vec<String> {
        let mut words = self.command.split_whitespace();
        assert_eq!(words.next(), Some(PROGRAM), "{}", self.command);
        words.map(meant).collect()
    }
}
