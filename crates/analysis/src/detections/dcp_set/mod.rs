//! DCP Set of name or address. The page beside this file says what it means.

use super::dcp_factory_reset::sets;
use super::{Detector, Finding, Interest, shapes, words};
use model::{Class, Value};

pub(super) const WANTS: Interest = Interest::classes(Class::ALL).of(&["profinet_dcp"]);

pub(super) fn detector() -> Box<dyn Detector> {
    shapes::operation(|t, event, _| {
        // Controllers set addresses that are to be forgotten at power off (block qualifier 0).
        let start_up = matches!(t.field("permanent"), Some(Value::Bool(false)));
        let name = sets(t, &["name_of_station"]);
        let address = sets(t, &["ip_parameter", "full_ip_suite"]) && !start_up;
        (name || address).then(|| {
            let values = t.items.iter().take(4).map(|item| words::shown(&item.value));
            values.fold(Finding::of(event, t), |finding, v| finding.fact("value", v))
        })
    })
}
