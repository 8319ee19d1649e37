//! Texts of strangers that show people something else than they say.

/// Whether the text has characters that are not seen themselves, but change what is: those that
/// control a terminal, those that break lines, and those that turn the direction of what follows
/// (`Bidi_Control` of Unicode), with which `gnp.exe` is read as `exe.png`.
pub(crate) fn may_deceive(text: &str) -> bool {
    text.chars().any(|c| {
        c.is_control()
            || matches!(
                c,
                '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            )
            || matches!(c, '\u{2066}'..='\u{2069}')
    })
}

#[cfg(test)]
mod tests {
    use super::may_deceive;

    #[test]
    fn what_is_written_in_any_direction_is_sound() {
        for text in [
            "",
            "Ada Lovelace",
            "עדה",
            "آدا\u{200c}ها",
            "👩\u{200d}🔬",
            "x\u{301}",
        ] {
            assert!(!may_deceive(text), "{text:?}");
        }
    }

    #[test]
    fn what_changes_other_characters_is_not() {
        let controls = ('\0'..' ').chain('\u{7f}'..'\u{a0}');
        let directions = "\u{61c}\u{200e}\u{200f}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}";
        let isolates = "\u{2066}\u{2067}\u{2068}\u{2069}";
        let lines = "\u{2028}\u{2029}";
        for c in controls.chain(
            [directions, isolates, lines]
                .iter()
                .flat_map(|text| text.chars()),
        ) {
            assert!(may_deceive(&format!("a{c}b")), "{c:?}");
        }
    }
}
