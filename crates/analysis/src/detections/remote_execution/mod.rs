//! PsExec's service program or pipe, a task or a service made from afar. The page beside this file says what it means.

use super::{Detector, Finding, Interest, Severity, shapes, words};

pub(super) const WANTS: Interest = Interest::operations().of(&["dcerpc", "smb", "smb2"]);

/// Calls that put a program where another machine will run it (MS-TSCH, MS-SCMR).
const STARTS: [&str; 5] = [
    "atsvc_netr_job_add",
    "itaskschedulerservice_sch_rpc_register_task",
    "svcctl_r_create_service_a",
    "svcctl_r_create_service_w",
    "svcctl_r_create_service_wow64_w",
];

pub(super) fn detector() -> Box<dyn Detector> {
    shapes::operation(|t, event, _| {
        let names = t.items.iter().map(|item| item.target.name.as_str());
        let fields = t.fields.iter().filter_map(|f| words::text(&f.value));
        let found = names.chain(fields).any(|text| text.to_ascii_lowercase().contains("psexesvc"));
        if found {
            return Some(Finding::of(event, t).fact("with", "PsExec"));
        }
        // management of Windows machines does it, too
        let call = STARTS.contains(&t.operation);
        let with = if t.operation.starts_with("svcctl") { "a new service" } else { "a scheduled task" };
        call.then(|| Finding::of(event, t).fact("with", with).severity(Severity::Major))
    })
}
