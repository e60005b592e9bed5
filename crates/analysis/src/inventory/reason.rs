//! Why: an id and parameters. The only place where they become words.

/// A reason: an id with parameters. Outputs print `text()` or translate the id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reason {
    /// The reason's id, `snake_case`, stable.
    pub id: &'static str,
    /// Named parameters, in order.
    pub parameters: Vec<(&'static str, String)>,
}

impl Reason {
    /// A reason without parameters.
    pub fn new(id: &'static str) -> Reason {
        Reason { id, parameters: Vec::new() }
    }

    /// This reason with one parameter more.
    pub fn with(mut self, key: &'static str, value: impl ToString) -> Reason {
        self.parameters.push((key, value.to_string()));
        self
    }

    /// A parameter's value.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.parameters.iter().find(|(k, _)| *k == key).map(|(_, v)| v.as_str())
    }

    /// The reason as an English sentence.
    pub fn text(&self) -> String {
        let mut text = template(self.id).unwrap_or(self.id).to_string();
        for (key, value) in &self.parameters {
            text = text.replace(&format!("{{{key}}}"), value);
        }
        text
    }

    /// Every id that has a sentence.
    pub fn ids() -> impl Iterator<Item = &'static str> {
        TEXTS.iter().map(|(id, _)| *id)
    }
}

fn template(id: &str) -> Option<&'static str> {
    TEXTS.iter().find(|(known, _)| *known == id).map(|(_, text)| *text)
}

/// Id and sentence; `{name}` is replaced by the parameter of that name.
const TEXTS: &[(&str, &str)] = &[
    // how an address belongs to a device
    ("own_address", "it sent from this address"),
    ("stated_together", "both addresses were named together ({protocol})"),
    ("only_address_behind", "the only address seen behind this hardware address"),
    ("own_by_ttl", "its packets carry the same undiminished time to live as the others of this hardware address"),
    ("only_on_link", "the only address behind this router that lies in the subnet it shares with its neighbours"),
    ("link_group", "it sends to a group that does not cross a router"),
    ("link_local", "link-local addresses do not cross a router"),
    ("derived_from_mac", "the address is formed from the hardware address (EUI-64)"),
    ("same_serial_moved", "the same serial number {serial} appeared at a new address"),
    ("same_name_moved", "the same host name {name} appeared at a new address"),
    ("merged_by_hand", "merged by {who}"),
    ("split_by_hand", "split by {who}"),
    ("outside", "public address, reached through a router"),
    // type
    ("by_hand", "set by {who}"),
    ("type_of_order_number", "order number {order} is a {type}"),
    ("type_of_product", "product name {product} is a {type}"),
    ("type_of_cip_device_type", "CIP device type {kind} is a {type}"),
    ("controller_inside", "a {type} is in {place}"),
    ("states_role", "{protocol} says it is a {role}"),
    ("behaves_as", "{protocol} messages show it as {role}"),
    ("is_programmed", "it is programmed or switched over {protocol} by {count} device(s)"),
    ("obeys", "it answers {classes} requests over {protocol}"),
    ("programs", "it moves programs or firmware, or changes the mode, over {protocol} on {count} device(s)"),
    ("commands", "it reads and changes values over {protocol} on {count} device(s)"),
    ("polls", "it only reads, over {protocol}, from {count} device(s)"),
    ("polls_and_stores", "it only reads, from {count} devices, never writes, and uses a database ({service})"),
    ("is_in_front", "{count} addresses of other networks were seen behind its hardware address"),
    ("in_front_of_outside", "public addresses were seen behind its hardware address"),
    (
        "in_front_of_routed",
        "packets of another device come from its hardware address with a diminished time to live ({ttl})",
    ),
    ("answers_for_many", "it answers address requests for {count} addresses"),
    ("virtual_router", "its hardware address is reserved for redundant routers ({scheme})"),
    ("units_behind", "{count} units answer behind its address"),
    ("remote_behind", "{count} devices of other networks are reached through it"),
    ("is_called", "its name or description says {word}"),
    ("offers", "it offers {service}"),
    ("runs", "its operating system is {os}"),
    ("outside_plant", "addresses outside the plant, shown as one"),
    // level
    ("level_of_type", "a {type} stands on level {level}"),
    ("level_outside", "outside the plant"),
    ("level_of_master", "it commands controllers over {protocol}"),
    ("level_of_obeying", "it is commanded over {protocol}"),
    // units
    ("unit_own_identity", "it has an identity of its own ({attribute})"),
    ("unit_other_map", "it answers where unit {other} refuses, or the other way round ({target})"),
    ("unit_other_values", "its values differ from those of unit {other} over the same time ({target})"),
    ("unit_gateway", "the gateway reports other units as absent, and this one answered"),
    ("unit_station", "a {protocol} station answers to its own address only"),
    ("unit_alone", "the only unit that answers: it is the device itself"),
    ("unit_self", "this unit number means the device itself"),
    ("unit_alike", "nothing sets it apart from the other units: one device"),
    // remarks
    ("duplicate_address", "{address} was used at the same time by {macs}"),
    ("replaced", "{address} moved from {old} to {new} after a silence of {seconds} s"),
    ("moved_address", "{address} moved from {old} to {new}"),
    ("several_devices", "several devices behind this address: {count} different {attribute}s ({values})"),
    ("far_device", "it obeys at the public address {address}, reached through a router"),
    ("one_thing_two_bodies", "a redundant pair: {count} bodies share this address ({scheme})"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_parameters_are_filled() {
        let mut ids: Vec<_> = Reason::ids().collect();
        ids.sort_unstable();
        let before = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), before);
        let reason = Reason::new("level_of_type").with("type", "plc").with("level", 1);
        assert_eq!(reason.text(), "a plc stands on level 1");
    }
}
