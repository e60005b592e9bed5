//! Cipher suites by their names in the standards. The names follow from the way the numbers were given out: a list of
//! key exchanges, and for each the same few ciphers.

use core::fmt;

/// A run of numbers: from the first on, every key exchange with every cipher, key exchange by key exchange.
struct Run {
    first: u16,
    exchanges: &'static [&'static str],
    ciphers: &'static [&'static str],
}

const fn run(first: u16, exchanges: &'static [&'static str], ciphers: &'static [&'static str]) -> Run {
    Run { first, exchanges, ciphers }
}

const CLASSIC: &[&str] = &["RSA", "DH_DSS", "DH_RSA", "DHE_DSS", "DHE_RSA", "DH_anon"];
const CURVES: &[&str] = &["ECDHE_ECDSA", "ECDH_ECDSA", "ECDHE_RSA", "ECDH_RSA"];
const CURVES_FIRST: &[&str] = &["ECDH_ECDSA", "ECDHE_ECDSA", "ECDH_RSA", "ECDHE_RSA", "ECDH_anon"];
const SEALED: &[&str] = &["RSA", "DHE_RSA", "DH_RSA", "DHE_DSS", "DH_DSS", "DH_anon"];
const SHARED: &[&str] = &["PSK", "DHE_PSK", "RSA_PSK"];
const REMOTE: &[&str] = &["SRP_SHA", "SRP_SHA_RSA", "SRP_SHA_DSS"];

/// Sorted by first number (tested). RFC 2246, 2712, 4132, 4162, 4279, 4492, 4785, 5054, 5246, 5288, 5289, 5469, 5487,
/// 5489, 5932, 6209, 6367, 6655, 7251, 7905, 8442, 8492.
#[rustfmt::skip]
const RUNS: &[Run] = &[
    run(0x0000, &["NULL"], &["NULL_NULL"]),
    run(0x0001, &["RSA"], &["NULL_MD5", "NULL_SHA"]),
    run(0x0003, &["RSA_EXPORT"], &["RC4_40_MD5"]),
    run(0x0004, &["RSA"], &["RC4_128_MD5", "RC4_128_SHA"]),
    run(0x0006, &["RSA_EXPORT"], &["RC2_CBC_40_MD5"]),
    run(0x0007, &["RSA"], &["IDEA_CBC_SHA"]),
    run(0x0008, &["RSA_EXPORT"], &["DES40_CBC_SHA"]),
    run(0x0009, &["RSA"], &["DES_CBC_SHA", "3DES_EDE_CBC_SHA"]),
    run(0x000b, &["DH_DSS_EXPORT"], &["DES40_CBC_SHA"]),
    run(0x000c, &["DH_DSS"], &["DES_CBC_SHA", "3DES_EDE_CBC_SHA"]),
    run(0x000e, &["DH_RSA_EXPORT"], &["DES40_CBC_SHA"]),
    run(0x000f, &["DH_RSA"], &["DES_CBC_SHA", "3DES_EDE_CBC_SHA"]),
    run(0x0011, &["DHE_DSS_EXPORT"], &["DES40_CBC_SHA"]),
    run(0x0012, &["DHE_DSS"], &["DES_CBC_SHA", "3DES_EDE_CBC_SHA"]),
    run(0x0014, &["DHE_RSA_EXPORT"], &["DES40_CBC_SHA"]),
    run(0x0015, &["DHE_RSA"], &["DES_CBC_SHA", "3DES_EDE_CBC_SHA"]),
    run(0x0017, &["DH_anon_EXPORT"], &["RC4_40_MD5"]),
    run(0x0018, &["DH_anon"], &["RC4_128_MD5"]),
    run(0x0019, &["DH_anon_EXPORT"], &["DES40_CBC_SHA"]),
    run(0x001a, &["DH_anon"], &["DES_CBC_SHA", "3DES_EDE_CBC_SHA"]),
    run(0x001e, &["KRB5"], &["DES_CBC_SHA", "3DES_EDE_CBC_SHA", "RC4_128_SHA", "IDEA_CBC_SHA", "DES_CBC_MD5",
        "3DES_EDE_CBC_MD5", "RC4_128_MD5", "IDEA_CBC_MD5"]),
    run(0x0026, &["KRB5_EXPORT"], &["DES_CBC_40_SHA", "RC2_CBC_40_SHA", "RC4_40_SHA", "DES_CBC_40_MD5",
        "RC2_CBC_40_MD5", "RC4_40_MD5"]),
    run(0x002c, SHARED, &["NULL_SHA"]),
    run(0x002f, CLASSIC, &["AES_128_CBC_SHA"]),
    run(0x0035, CLASSIC, &["AES_256_CBC_SHA"]),
    run(0x003b, &["RSA"], &["NULL_SHA256", "AES_128_CBC_SHA256", "AES_256_CBC_SHA256"]),
    run(0x003e, &["DH_DSS", "DH_RSA", "DHE_DSS"], &["AES_128_CBC_SHA256"]),
    run(0x0041, CLASSIC, &["CAMELLIA_128_CBC_SHA"]),
    run(0x0067, &["DHE_RSA"], &["AES_128_CBC_SHA256"]),
    run(0x0068, &["DH_DSS", "DH_RSA", "DHE_DSS", "DHE_RSA"], &["AES_256_CBC_SHA256"]),
    run(0x006c, &["DH_anon"], &["AES_128_CBC_SHA256", "AES_256_CBC_SHA256"]),
    run(0x0084, CLASSIC, &["CAMELLIA_256_CBC_SHA"]),
    run(0x008a, SHARED, &["RC4_128_SHA", "3DES_EDE_CBC_SHA", "AES_128_CBC_SHA", "AES_256_CBC_SHA"]),
    run(0x0096, CLASSIC, &["SEED_CBC_SHA"]),
    run(0x009c, SEALED, &["AES_128_GCM_SHA256", "AES_256_GCM_SHA384"]),
    run(0x00a8, SHARED, &["AES_128_GCM_SHA256", "AES_256_GCM_SHA384"]),
    run(0x00ae, SHARED, &["AES_128_CBC_SHA256", "AES_256_CBC_SHA384", "NULL_SHA256", "NULL_SHA384"]),
    run(0x00ba, CLASSIC, &["CAMELLIA_128_CBC_SHA256"]),
    run(0x00c0, CLASSIC, &["CAMELLIA_256_CBC_SHA256"]),
    run(0xc001, CURVES_FIRST, &["NULL_SHA", "RC4_128_SHA", "3DES_EDE_CBC_SHA", "AES_128_CBC_SHA", "AES_256_CBC_SHA"]),
    run(0xc01a, REMOTE, &["3DES_EDE_CBC_SHA"]),
    run(0xc01d, REMOTE, &["AES_128_CBC_SHA"]),
    run(0xc020, REMOTE, &["AES_256_CBC_SHA"]),
    run(0xc023, CURVES, &["AES_128_CBC_SHA256", "AES_256_CBC_SHA384"]),
    run(0xc02b, CURVES, &["AES_128_GCM_SHA256", "AES_256_GCM_SHA384"]),
    run(0xc033, &["ECDHE_PSK"], &["RC4_128_SHA", "3DES_EDE_CBC_SHA", "AES_128_CBC_SHA", "AES_256_CBC_SHA",
        "AES_128_CBC_SHA256", "AES_256_CBC_SHA384", "NULL_SHA", "NULL_SHA256", "NULL_SHA384"]),
    run(0xc03c, CLASSIC, &["ARIA_128_CBC_SHA256", "ARIA_256_CBC_SHA384"]),
    run(0xc048, CURVES, &["ARIA_128_CBC_SHA256", "ARIA_256_CBC_SHA384"]),
    run(0xc050, SEALED, &["ARIA_128_GCM_SHA256", "ARIA_256_GCM_SHA384"]),
    run(0xc05c, CURVES, &["ARIA_128_GCM_SHA256", "ARIA_256_GCM_SHA384"]),
    run(0xc064, SHARED, &["ARIA_128_CBC_SHA256", "ARIA_256_CBC_SHA384"]),
    run(0xc06a, SHARED, &["ARIA_128_GCM_SHA256", "ARIA_256_GCM_SHA384"]),
    run(0xc070, &["ECDHE_PSK"], &["ARIA_128_CBC_SHA256", "ARIA_256_CBC_SHA384"]),
    run(0xc072, CURVES, &["CAMELLIA_128_CBC_SHA256", "CAMELLIA_256_CBC_SHA384"]),
    run(0xc07a, SEALED, &["CAMELLIA_128_GCM_SHA256", "CAMELLIA_256_GCM_SHA384"]),
    run(0xc086, CURVES, &["CAMELLIA_128_GCM_SHA256", "CAMELLIA_256_GCM_SHA384"]),
    run(0xc08e, SHARED, &["CAMELLIA_128_GCM_SHA256", "CAMELLIA_256_GCM_SHA384"]),
    run(0xc094, &["PSK", "DHE_PSK", "RSA_PSK", "ECDHE_PSK"], &["CAMELLIA_128_CBC_SHA256", "CAMELLIA_256_CBC_SHA384"]),
    run(0xc09c, &["RSA", "DHE_RSA"], &["AES_128_CCM", "AES_256_CCM"]),
    run(0xc0a0, &["RSA", "DHE_RSA"], &["AES_128_CCM_8", "AES_256_CCM_8"]),
    run(0xc0a4, &["PSK", "DHE_PSK"], &["AES_128_CCM", "AES_256_CCM"]),
    run(0xc0a8, &["PSK", "PSK_DHE"], &["AES_128_CCM_8", "AES_256_CCM_8"]),
    run(0xc0ac, &["ECDHE_ECDSA"], &["AES_128_CCM", "AES_256_CCM", "AES_128_CCM_8", "AES_256_CCM_8"]),
    run(0xc0b0, &["ECCPWD"], &["AES_128_GCM_SHA256", "AES_256_GCM_SHA384", "AES_128_CCM_SHA256", "AES_256_CCM_SHA384"]),
    run(0xcca8, &["ECDHE_RSA", "ECDHE_ECDSA", "DHE_RSA", "PSK", "ECDHE_PSK", "DHE_PSK", "RSA_PSK"],
        &["CHACHA20_POLY1305_SHA256"]),
    run(0xd001, &["ECDHE_PSK"], &["AES_128_GCM_SHA256", "AES_256_GCM_SHA384", "AES_128_CCM_8_SHA256"]),
    run(0xd005, &["ECDHE_PSK"], &["AES_128_CCM_SHA256"]),
];

/// Suites that name no key exchange (RFC 8446, 8998, 9150), and two that are signals.
#[rustfmt::skip]
const ALONE: &[(u16, &str)] = &[
    (0x00c6, "TLS_SM4_GCM_SM3"),
    (0x00c7, "TLS_SM4_CCM_SM3"),
    (0x00ff, "TLS_EMPTY_RENEGOTIATION_INFO_SCSV"),
    (0x1301, "TLS_AES_128_GCM_SHA256"),
    (0x1302, "TLS_AES_256_GCM_SHA384"),
    (0x1303, "TLS_CHACHA20_POLY1305_SHA256"),
    (0x1304, "TLS_AES_128_CCM_SHA256"),
    (0x1305, "TLS_AES_128_CCM_8_SHA256"),
    (0x5600, "TLS_FALLBACK_SCSV"),
    (0xc0b4, "TLS_SHA256_SHA256"),
    (0xc0b5, "TLS_SHA384_SHA384"),
];

/// A cipher suite, shown by its name; `0x` and four digits where it has none.
#[derive(Clone, Copy, Debug)]
pub struct Suite(pub u16);

impl fmt::Display for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Ok(at) = ALONE.binary_search_by_key(&self.0, |(code, _)| *code) {
            return f.write_str(ALONE.get(at).map_or("", |(_, name)| name));
        }
        let before = RUNS.partition_point(|run| run.first <= self.0);
        if let Some(run) = before.checked_sub(1).and_then(|i| RUNS.get(i)) {
            let (at, each) = (usize::from(self.0 - run.first), run.ciphers.len());
            if let (Some(exchange), Some(cipher)) = (run.exchanges.get(at / each), run.ciphers.get(at % each)) {
                return write!(f, "TLS_{exchange}_WITH_{cipher}");
            }
        }
        write!(f, "{:#06x}", self.0)
    }
}

/// Suites of SSL 2 (its specification, 4.2), three bytes each.
pub fn ssl2(code: u32) -> Option<&'static str> {
    Some(match code {
        0x010080 => "SSL_CK_RC4_128_WITH_MD5",
        0x020080 => "SSL_CK_RC4_128_EXPORT40_WITH_MD5",
        0x030080 => "SSL_CK_RC2_128_CBC_WITH_MD5",
        0x040080 => "SSL_CK_RC2_128_CBC_EXPORT40_WITH_MD5",
        0x050080 => "SSL_CK_IDEA_128_CBC_WITH_MD5",
        0x060040 => "SSL_CK_DES_64_CBC_WITH_MD5",
        0x0700c0 => "SSL_CK_DES_192_EDE3_CBC_WITH_MD5",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_sorted_and_do_not_overlap() {
        for pair in RUNS.windows(2) {
            let end = usize::from(pair[0].first) + pair[0].exchanges.len() * pair[0].ciphers.len();
            assert!(end <= usize::from(pair[1].first), "{:#x}", pair[0].first);
        }
        assert!(ALONE.is_sorted_by_key(|(code, _)| *code));
    }

    #[test]
    fn names_of_the_standards() {
        let name = |code| Suite(code).to_string();
        assert_eq!(name(0x0005), "TLS_RSA_WITH_RC4_128_SHA");
        assert_eq!(name(0x0039), "TLS_DHE_RSA_WITH_AES_256_CBC_SHA");
        assert_eq!(name(0x009f), "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384");
        assert_eq!(name(0xc014), "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA");
        assert_eq!(name(0xc030), "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384");
        assert_eq!(name(0xc0ae), "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8");
        assert_eq!(name(0xcca9), "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256");
        assert_eq!(name(0x1302), "TLS_AES_256_GCM_SHA384");
        assert_eq!(name(0x0a0a), "0x0a0a");
    }
}
