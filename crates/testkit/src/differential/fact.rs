//! Our side: a row as the oracles read it.

use super::Message;
use serde_json::Value;

/// A transaction line of `bourdon facts`.
#[derive(Clone, Copy, Debug)]
pub struct Fact<'a>(pub &'a Value);

impl Fact<'_> {
    /// The operation code.
    pub fn code(&self) -> u64 {
        self.0["code"].as_u64().unwrap_or_default()
    }

    /// The operation.
    pub fn operation(&self) -> &str {
        self.0["operation"].as_str().unwrap_or_default()
    }

    /// How it ended.
    pub fn outcome(&self) -> &str {
        self.0["outcome"].as_str().unwrap_or_default()
    }

    /// A field's number.
    pub fn number(&self, key: &str) -> Option<u64> {
        self.0["fields"][key].as_u64()
    }

    /// A field that is there.
    pub fn has(&self, key: &str) -> bool {
        !self.0["fields"][key].is_null()
    }

    /// The frame in which the row was complete.
    pub fn frame(&self) -> u64 {
        self.0["frame"].as_u64().unwrap_or_default()
    }

    /// The frame of the request.
    pub fn asked(&self) -> Option<u64> {
        self.0["asked_frame"].as_u64()
    }

    /// Address of the actor.
    pub fn actor(&self) -> String {
        host(self.0["actor"].as_str().unwrap_or_default())
    }

    /// Address of the subject.
    pub fn subject(&self) -> String {
        host(self.0["subject"].as_str().unwrap_or_default())
    }

    /// Who sent an answer whose question was not seen: where nobody's role is known, the actor stands for the sender.
    fn replier(&self) -> String {
        if self.0["roles"] == "unknown" { self.actor() } else { self.subject() }
    }

    /// Request and answer as two messages. `None` as a code leaves that message out.
    pub fn exchange(&self, request: Option<String>, reply: Option<String>, say: &mut dyn FnMut(Message)) {
        let answered = matches!(self.outcome(), "ok" | "refused");
        match self.asked() {
            Some(asked) => {
                if let Some(request) = request {
                    say((asked, self.actor(), request));
                }
                if let (true, Some(reply)) = (answered, reply) {
                    say((self.frame(), self.subject(), reply));
                }
            }
            // a refusal is an answer, also where the question could not be read
            None if matches!(self.outcome(), "reply_only" | "refused") => {
                if let Some(reply) = reply {
                    say((self.frame(), self.replier(), reply));
                }
            }
            None => {
                if let Some(request) = request {
                    say((self.frame(), self.actor(), request));
                }
            }
        }
    }
}

/// `10.0.0.5:502`, `[fe80::1]:502` or a bare address: the address alone.
fn host(endpoint: &str) -> String {
    if let Some(rest) = endpoint.strip_prefix('[') {
        return rest.split(']').next().unwrap_or_default().to_string();
    }
    match endpoint.matches(':').count() {
        1 => endpoint.split(':').next().unwrap_or_default().to_string(),
        _ => endpoint.to_string(),
    }
}
