//! The encoding of a token's parts: base64url without padding (RFC 7515 section 2).

/// Decodes strictly: no padding, no white space, no stray bits at the end.
pub(crate) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let (mut held, mut bits) = (0_u32, 0_u32);
    for &symbol in text {
        held = (held << 6) | u32::from(value(symbol)?);
        bits = bits.wrapping_add(6);
        if bits >= 8 {
            bits = bits.wrapping_sub(8);
            bytes.push((held >> bits) as u8);
            held &= (1_u32 << bits).wrapping_sub(1);
        }
    }
    (bits < 6 && held == 0).then_some(bytes)
}

fn value(symbol: u8) -> Option<u8> {
    let (first, start) = match symbol {
        b'A'..=b'Z' => (b'A', 0),
        b'a'..=b'z' => (b'a', 26),
        b'0'..=b'9' => (b'0', 52),
        b'-' => (b'-', 62),
        b'_' => (b'_', 63),
        _ => return None,
    };
    Some(symbol.wrapping_sub(first).wrapping_add(start))
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn the_examples_of_rfc_4648_without_padding() {
        for (text, bytes) in [
            ("", ""),
            ("Zg", "f"),
            ("Zm8", "fo"),
            ("Zm9v", "foo"),
            ("Zm9vYg", "foob"),
            ("Zm9vYmE", "fooba"),
            ("Zm9vYmFy", "foobar"),
        ] {
            assert_eq!(
                decode(text.as_bytes()).as_deref(),
                Some(bytes.as_bytes()),
                "{text}"
            );
        }
        assert_eq!(decode(b"-_-_"), Some(vec![0xfb, 0xff, 0xbf]));
    }

    #[test]
    fn whatever_is_not_the_one_encoding_is_refused() {
        for text in ["Z", "Zg==", "Zm9v\n", "Zh", "Zm9", "+/+/", "Zm 9v", "Zmé"] {
            assert_eq!(decode(text.as_bytes()), None, "{text}");
        }
    }
}
