//! Text from the wire, made safe: control characters never reach a terminal, a log or a page.

/// Longest text kept from one field, in bytes. Longer text is cut: names and versions are far shorter, and a
/// hostile peer must not fill the arena.
pub const MAX_TEXT: usize = 512;

/// Decodes text a device states about itself: UTF-8 where it is UTF-8, else Latin-1 (Windows-1252 for the range
/// 0x80 to 0x9f); stops at the first NUL; trims white space; replaces control characters by spaces; cuts at
/// [`MAX_TEXT`] bytes.
pub fn clean(bytes: &[u8]) -> String {
    let bytes = bytes.split(|b| *b == 0).next().unwrap_or_default();
    let bytes = bytes.get(..bytes.len().min(MAX_TEXT)).unwrap_or(bytes);
    let mut text = String::with_capacity(bytes.len());
    match core::str::from_utf8(bytes) {
        Ok(utf8) => text.extend(utf8.chars().map(visible)),
        Err(e) if e.error_len().is_none() && e.valid_up_to() + 4 > bytes.len() && e.valid_up_to() > 0 => {
            // cut in the middle of a character
            let whole = bytes.get(..e.valid_up_to()).unwrap_or_default();
            text.extend(String::from_utf8_lossy(whole).chars().map(visible));
        }
        Err(_) => text.extend(bytes.iter().map(|b| visible(windows_1252(*b)))),
    }
    text.trim().to_string()
}

/// Decodes UTF-16 little-endian text (SMB, NTLM, some controllers) under the same rules as [`clean`].
pub fn clean_utf16le(bytes: &[u8]) -> String {
    let units = bytes.chunks_exact(2).map(|c| match c {
        [a, b] => u16::from_le_bytes([*a, *b]),
        _ => 0,
    });
    let text: String = char::decode_utf16(units.take_while(|u| *u != 0).take(MAX_TEXT / 2))
        .map(|c| visible(c.unwrap_or('\u{fffd}')))
        .collect();
    text.trim().to_string()
}

fn visible(c: char) -> char {
    match c {
        c if c.is_control() => ' ',
        // bidirectional overrides can make a console show another text than the one sent
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' => ' ',
        c => c,
    }
}

/// Windows code page 1252; the five undefined bytes become the replacement character.
fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{fffd}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{fffd}', 'Ž', '\u{fffd}',
        '\u{fffd}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{fffd}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => HIGH.get(usize::from(byte - 0x80)).copied().unwrap_or('\u{fffd}'),
        b => char::from(b),
    }
}

/// A number in decimal digits, without the formatting machinery.
pub fn decimal(mut n: u64, text: &mut Vec<u8>) {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (n % 10) as u8;
        n /= 10;
        at -= 1;
        if n == 0 {
            break;
        }
    }
    text.extend_from_slice(digits.get(at..).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn safe_to_show() {
        assert_eq!(clean(b"CPU 315\x00garbage"), "CPU 315");
        assert_eq!(clean(b"\x1b[31mred\x07 "), "[31mred");
        assert_eq!(clean(b"St\xf6rung"), "Störung");
        assert_eq!(clean("Ventil \u{202e}lortnoc".as_bytes()), "Ventil  lortnoc");
        assert_eq!(clean(&[b'a'; 2000]).len(), MAX_TEXT);
        assert_eq!(clean_utf16le(&[b'P', 0, b'C', 0, 0, 0, b'x', 0]), "PC");
    }
}
