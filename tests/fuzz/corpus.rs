//! The inputs that are kept, and what chance makes of them.

use bolero::TypeGenerator;
use bolero::produce;

/// The lines of a corpus; each is one input.
pub(crate) fn lines(text: &'static str) -> Vec<&'static str> {
    let lines: Vec<_> = text.lines().collect();
    assert!(lines.len() > 10, "a corpus of {} lines", lines.len());
    lines
}

/// A line of a corpus with a few places changed.
#[derive(Clone, Debug, TypeGenerator)]
pub(crate) struct Mangled {
    line: u16,
    #[generator(produce::<Vec<Edit>>().with().len(0_usize..8))]
    edits: Vec<Edit>,
}

#[derive(Clone, Debug, TypeGenerator)]
enum Edit {
    /// Puts in a piece that means something to the parser.
    Piece {
        at: u16,
        piece: u8,
    },
    /// Puts in any character.
    Symbol {
        at: u16,
        symbol: char,
    },
    /// Puts in a printable character of ASCII.
    Plain {
        at: u16,
        symbol: u8,
    },
    Remove {
        at: u16,
        count: u8,
    },
    /// Repeats what stands there.
    Repeat {
        at: u16,
        count: u8,
        times: u8,
    },
    /// Goes on with the end of another line.
    Splice {
        at: u16,
        line: u16,
        from: u16,
    },
}

impl Mangled {
    /// The input: a line with its places changed.
    pub(crate) fn of(&self, lines: &[&str], pieces: &[&str]) -> String {
        let line = |index: u16| lines[usize::from(index) % lines.len()];
        let mut text: Vec<char> = line(self.line).chars().collect();
        for edit in &self.edits {
            let place = |at: u16| usize::from(at) % (text.len() + 1);
            match *edit {
                Edit::Piece { at, piece } => {
                    let at = place(at);
                    let piece = pieces[usize::from(piece) % pieces.len()];
                    text.splice(at..at, piece.chars());
                }
                Edit::Symbol { at, symbol } => text.insert(place(at), symbol),
                Edit::Plain { at, symbol } => {
                    text.insert(place(at), char::from(b' ' + symbol % 95));
                }
                Edit::Remove { at, count } => {
                    let at = place(at);
                    let end = text.len().min(at + usize::from(count % 16));
                    text.drain(at..end);
                }
                Edit::Repeat { at, count, times } => {
                    let at = place(at);
                    let end = text.len().min(at + usize::from(count % 32));
                    let part = text[at..end].repeat(usize::from(times % 64));
                    text.splice(at..at, part);
                }
                Edit::Splice {
                    at,
                    line: other,
                    from,
                } => {
                    let other: Vec<char> = line(other).chars().collect();
                    let at = place(at);
                    text.truncate(at);
                    text.extend(&other[usize::from(from) % (other.len() + 1)..]);
                }
            }
        }
        text.into_iter().collect()
    }
}
