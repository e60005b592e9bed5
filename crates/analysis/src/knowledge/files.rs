//! The default pack: the files of `knowledge/`, embedded. The names are those of a newer pack too.

/// Every file that is read, and its text in the default pack.
pub const EMBEDDED: &[(&str, &str)] = &[
    ("device-types.txt", include_str!("../../../../knowledge/device-types.txt")),
    ("vendors.tsv", include_str!("../../../../knowledge/vendors.tsv")),
    ("oui/oui.tsv", include_str!("../../../../knowledge/oui/oui.tsv")),
    ("enip-vendors/vendors.tsv", include_str!("../../../../knowledge/enip-vendors/vendors.tsv")),
    ("cip-device-types/types.tsv", include_str!("../../../../knowledge/cip-device-types/types.tsv")),
    ("bacnet-vendors/vendors.tsv", include_str!("../../../../knowledge/bacnet-vendors/vendors.tsv")),
    ("enterprise-numbers/numbers.tsv", include_str!("../../../../knowledge/enterprise-numbers/numbers.tsv")),
    ("profinet-vendors/vendors.tsv", include_str!("../../../../knowledge/profinet-vendors/vendors.tsv")),
    ("order-numbers/rules.tsv", include_str!("../../../../knowledge/order-numbers/rules.tsv")),
    ("product-names/rules.tsv", include_str!("../../../../knowledge/product-names/rules.tsv")),
    ("os-fingerprints/rules.tsv", include_str!("../../../../knowledge/os-fingerprints/rules.tsv")),
    ("default-credentials/hashes.tsv", include_str!("../../../../knowledge/default-credentials/hashes.tsv")),
    ("purdue/levels.tsv", include_str!("../../../../knowledge/purdue/levels.tsv")),
    ("attack-ics/techniques.tsv", include_str!("../../../../knowledge/attack-ics/techniques.tsv")),
    ("ports/ports.tsv", include_str!("../../../../knowledge/ports/ports.tsv")),
];
