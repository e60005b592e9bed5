//! Credentials in heads and forms. Passwords stay here: only their mask leaves.

/// Longest credential looked at.
const MAX_CREDENTIAL: usize = 512;

/// User and password of `Authorization: Basic …` (RFC 7617).
pub fn basic(value: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let rest = scheme(value, b"basic")?;
    let plain = base64(rest.get(..MAX_CREDENTIAL.min(rest.len()))?)?;
    let colon = plain.iter().position(|b| *b == b':')?;
    let (user, password) = plain.split_at_checked(colon)?;
    Some((user.to_vec(), password.get(1..)?.to_vec()))
}

/// What follows an authentication scheme.
fn scheme<'a>(value: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let (front, rest) = value.split_at_checked(name.len())?;
    (front.eq_ignore_ascii_case(name) && rest.first() == Some(&b' ')).then(|| rest.trim_ascii())
}

/// The schemes whose name alone is told.
pub fn scheme_name(value: &[u8]) -> Option<&'static str> {
    ["bearer", "digest", "negotiate", "ntlm"].into_iter().find(|name| {
        value.get(..name.len()).is_some_and(|front| front.eq_ignore_ascii_case(name.as_bytes()))
    })
}

fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let (mut bits, mut count) = (0u32, 0);
    let mut plain = Vec::with_capacity(text.len());
    for byte in text.iter().take_while(|b| **b != b'=') {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(six);
        count += 6;
        if count >= 8 {
            count -= 8;
            plain.push((bits >> count) as u8);
        }
    }
    Some(plain)
}

/// Longest form looked at: sign-in forms are short, uploads are not forms of this kind.
pub const MAX_FORM: u64 = 2048;

/// User and password of a form (`application/x-www-form-urlencoded`), where a field is named like a password.
pub fn form(body: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let (mut user, mut password) = (Vec::new(), None);
    for pair in body.split(|b| *b == b'&') {
        let Some(at) = pair.iter().position(|b| *b == b'=') else { continue };
        let (name, value) = pair.split_at_checked(at)?;
        let (name, value) = (name.to_ascii_lowercase(), decode(value.get(1..)?));
        let has = |part: &[u8]| name.windows(part.len()).any(|w| w == part);
        if has(b"pass") || has(b"pwd") {
            password.get_or_insert(value);
        } else if user.is_empty() && (has(b"user") || has(b"login") || has(b"name")) {
            user = value;
        }
    }
    Some((user, password?))
}

fn decode(value: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(value.len());
    let mut rest = value;
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'+', _) => plain.push(b' '),
            (b'%', [a, b, after @ ..]) if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => {
                let digit = |d: &u8| (*d as char).to_digit(16).unwrap_or(0) as u8;
                plain.push(digit(a) << 4 | digit(b));
                rest = after;
            }
            _ => plain.push(*first),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials() {
        // the example of RFC 7617, 2
        assert_eq!(basic(b"Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="), Some((b"Aladdin".to_vec(), b"open sesame".to_vec())));
        assert_eq!(basic(b"Digest x"), None);
        assert_eq!(form(b"user_name=ad%6din&Password=a+b&x=1"), Some((b"admin".to_vec(), b"a b".to_vec())));
        assert_eq!(form(b"q=1"), None);
    }
}
