//! What the inventory asks the knowledge tables. Numbers are looked up at the moment of judgement, so a better table
//! improves old evidence.

use model::Mac;

/// A product found by order number or name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Product {
    /// Maker, canonical.
    pub vendor: Option<String>,
    /// Family (`SIMATIC S7-300`).
    pub family: Option<String>,
    /// Product (`CPU 315-2 PN/DP`).
    pub product: Option<String>,
    /// Device type word (`plc`).
    pub device_type: Option<String>,
}

/// Look-ups. Every answer may be "not known".
pub trait Names {
    /// Maker registered for a hardware address.
    fn oui(&self, mac: Mac) -> Option<String>;
    /// Maker by CIP vendor id.
    fn cip_vendor(&self, id: u32) -> Option<String>;
    /// Device type word by CIP device type (profile) number.
    fn cip_device_type(&self, kind: u32) -> Option<String>;
    /// Maker by BACnet vendor id.
    fn bacnet_vendor(&self, id: u32) -> Option<String>;
    /// Maker by IANA private enterprise number.
    fn enterprise(&self, id: u32) -> Option<String>;
    /// Maker by PROFINET vendor id.
    fn profinet_vendor(&self, id: u32) -> Option<String>;
    /// The canonical name of a maker, from any of its spellings.
    fn vendor(&self, text: &str) -> Option<String>;
    /// Product by order number.
    fn order_number(&self, text: &str) -> Option<Product>;
    /// Product by product name.
    fn product_name(&self, text: &str) -> Option<Product>;
    /// Operating system by fingerprint kind and text.
    fn os(&self, kind: &str, text: &str) -> Option<String>;
    /// Purdue level a device type usually stands on: `0`, `1`, `2`, `3`, `3.5`, `4` or `5`.
    fn level(&self, device_type: &str) -> Option<String>;
}
