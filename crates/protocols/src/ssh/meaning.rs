//! What is done, by the number of the message that begins it.

use super::wire::{Offer, list, names};
use crate::common::tls::fingerprint::hex;
use crate::{Operation, op};
use md5::{Digest, Md5};
use model::Class;
use sha2::Sha256;

pub const IDENTIFICATION: u32 = 0;
pub const DISCONNECT: u32 = 1;
pub const KEY_EXCHANGE_INIT: u32 = 20;
pub const KEY_EXCHANGE: u32 = 30;

/// Everything that is told.
pub const OPERATIONS: &[Operation] = &[
    op(IDENTIFICATION, "identification", Class::Session),
    op(DISCONNECT, "disconnect", Class::Session),
    op(KEY_EXCHANGE_INIT, "key_exchange_init", Class::Session),
    op(KEY_EXCHANGE, "key_exchange", Class::Session),
];

/// Why a side disconnects (RFC 4253, 11.1).
pub fn reason(code: u32) -> Option<&'static str> {
    Some(match code {
        1 => "host_not_allowed_to_connect",
        2 => "protocol_error",
        3 => "key_exchange_failed",
        4 => "reserved",
        5 => "mac_error",
        6 => "compression_error",
        7 => "service_not_available",
        8 => "protocol_version_not_supported",
        9 => "host_key_not_verifiable",
        10 => "connection_lost",
        11 => "by_application",
        12 => "too_many_connections",
        13 => "auth_cancelled_by_user",
        14 => "no_more_auth_methods_available",
        15 => "illegal_user_name",
        _ => return None,
    })
}

/// HASSH: MD5 of the lists that a side sends with. `back`: the server's direction.
pub fn hassh(lists: &[Vec<u8>; 8], back: bool) -> String {
    let direction = match back {
        false => [list::KEX, list::CIPHER, list::MAC, list::COMPRESSION],
        true => [list::KEX, list::CIPHER_BACK, list::MAC_BACK, list::COMPRESSION_BACK],
    };
    let lists = direction.map(|at| lists.get(at).map_or(&[][..], Vec::as_slice));
    hex(&Md5::digest(lists.join(&b';')))
}

/// Which side made an offer, where its lists tell: markers that only one of the two sends.
pub fn is_client(offer: &Offer<'_>) -> Option<bool> {
    let kex = offer.lists.get(list::KEX).copied().unwrap_or_default();
    names(kex).find_map(|name| match name {
        b"ext-info-c" | b"kex-strict-c-v00@openssh.com" => Some(true),
        b"ext-info-s" | b"kex-strict-s-v00@openssh.com" => Some(false),
        _ => None,
    })
}

/// A cipher that protects integrity itself.
pub fn seals(cipher: &[u8]) -> bool {
    cipher.windows(3).any(|w| w == b"gcm") || cipher.starts_with(b"chacha20-poly1305")
}

/// A host key by its SHA-256, in the digits `ssh-keygen` shows.
pub fn key_hash(key: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let hash = Sha256::digest(key);
    let mut text = String::from("SHA256:");
    for chunk in hash.chunks(3) {
        let bits = chunk.iter().fold(0u32, |n, b| n << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
        for i in 0..=chunk.len() {
            let digit = bits >> (18 - 6 * i) & 0x3f;
            text.push(DIGITS.get(digit as usize).copied().unwrap_or(b'A').into());
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_a_hash() {
        // SHA-256 of nothing
        assert_eq!(key_hash(b""), "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU");
    }

    #[test]
    fn lists_of_one_direction() {
        let lists = ["k", "h", "c", "d", "m", "n", "none", "zlib"].map(|list| list.as_bytes().to_vec());
        assert_eq!(hassh(&lists, false), hex(&Md5::digest(b"k;c;m;none")));
        assert_eq!(hassh(&lists, true), hex(&Md5::digest(b"k;d;n;zlib")));
    }
}
