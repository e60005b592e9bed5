//! What a detector says: facts, never sentences.

use super::{Severity, words};
use model::{Endpoint, Event, Host, Stamp, Subject, Transaction};

/// How many stamps a finding or an alert keeps of what it rests on: enough to cut the packets, small enough to store.
pub const MAX_BECAUSE: usize = 16;

/// One judgement.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Findings of one detection with the same key fold into one alert.
    pub key: String,
    /// Who did it, where someone did.
    pub actor: Option<Subject>,
    /// Whom it concerns.
    pub subject: Option<Subject>,
    /// The facts it rests on, at most [`MAX_BECAUSE`].
    pub because: Vec<Stamp>,
    /// Named words; an alert keeps the distinct ones.
    pub facts: Vec<(&'static str, String)>,
    /// Named numbers; an alert keeps the largest.
    pub numbers: Vec<(&'static str, u64)>,
    /// How many events it stands for.
    pub count: u64,
    /// First of them.
    pub first: Stamp,
    /// Last of them.
    pub last: Stamp,
    /// A severity other than the page's, where this case is worse or milder.
    pub severity: Option<Severity>,
}

impl Finding {
    /// A finding about nobody yet, resting on `event`.
    pub fn new(event: &Event) -> Finding {
        Finding {
            key: String::new(),
            actor: None,
            subject: None,
            because: vec![event.at],
            facts: Vec::new(),
            numbers: Vec::new(),
            count: 1,
            first: event.at,
            last: event.at,
            severity: None,
        }
    }

    /// A finding about an operation: actor, subject, protocol, operation, outcome; one alert per pair.
    pub fn of(event: &Event, t: &Transaction) -> Finding {
        let mut finding = Finding::new(event).pair(t.actor.host, t.subject_of());
        finding.count = t.repeats.max(1);
        finding.first = t.first.min(event.at);
        // a sum is drawn up later than the last it tells of
        finding.last = Stamp { time: words::last(t, event), ..event.at };
        if let Some(asked) = t.asked.filter(|a| *a != event.at) {
            finding.because.insert(0, asked);
        }
        let outcome = match t.outcome {
            model::Outcome::Ok => "accepted".to_owned(),
            model::Outcome::Refused(code) => format!("refused ({code})"),
            model::Outcome::NoReply => "no answer".to_owned(),
            model::Outcome::ReplyOnly => "answered".to_owned(),
            model::Outcome::Unseen => "answer not seen".to_owned(),
        };
        let finding = finding.fact("protocol", t.protocol).fact("operation", t.operation).fact("outcome", outcome);
        t.items.iter().take(4).fold(finding, |f, item| f.fact("target", &item.target.name))
    }

    /// Who did it to whom; findings of one pair fold.
    pub fn pair(mut self, actor: Host, subject: Subject) -> Finding {
        self.key = format!("{actor}>{subject}");
        self.actor = Some(Subject::host(actor));
        self.subject = Some(subject);
        self
    }

    /// Two endpoints; findings of one pair fold.
    pub fn ends(self, from: &Endpoint, to: &Endpoint) -> Finding {
        self.pair(from.host, Subject::host(to.host))
    }

    /// Who did it, to many; findings of one actor fold.
    pub fn by_actor(mut self, actor: Host) -> Finding {
        self.key = format!("{actor}>");
        self.actor = Some(Subject::host(actor));
        self.subject = None;
        self
    }

    /// Whom it concerns, whoever did it; findings of one subject fold.
    pub fn about(mut self, subject: Subject) -> Finding {
        self.key = format!(">{subject}");
        self.subject = Some(subject);
        self
    }

    /// Folds apart from findings with another word here.
    pub fn per(mut self, word: impl AsRef<str>) -> Finding {
        self.key.push('|');
        self.key.push_str(word.as_ref());
        self
    }

    /// A named word; empty ones are left out.
    pub fn fact(mut self, name: &'static str, value: impl AsRef<str>) -> Finding {
        let value = value.as_ref();
        if !value.is_empty() {
            self.facts.push((name, value.to_owned()));
        }
        self
    }

    /// A named number.
    pub fn number(mut self, name: &'static str, value: u64) -> Finding {
        self.numbers.push((name, value));
        self
    }

    /// One more fact it rests on.
    pub fn because(mut self, stamp: Stamp) -> Finding {
        if self.because.len() < MAX_BECAUSE && !self.because.contains(&stamp) {
            self.because.push(stamp);
            self.because.sort();
        }
        self
    }

    /// A severity other than the page's.
    pub fn severity(mut self, severity: Severity) -> Finding {
        self.severity = Some(severity);
        self
    }
}

/// Where detectors leave their findings.
#[derive(Debug, Default)]
pub struct Findings {
    pub(crate) detection: &'static str,
    /// Detection and finding, in the order they were made.
    pub list: Vec<(&'static str, Finding)>,
}

impl Findings {
    /// One finding of the detection that is looking.
    pub fn add(&mut self, finding: Finding) {
        self.list.push((self.detection, finding));
    }
}
