//! An emergency as lines of a journal: each is one step, and what came of it all follows from the lines alone, so that
//! what is told is what can be read back.
//!
//! ```text
//! {"began": …, "registry": …, "rehearsal": false, "suspicion": "clean"}
//! {"stage": "snapshot", "state": "done", "at": …, "text": …}
//! {"snapshot": {…}}   {"rows": [{…}]}   {"kept": [key]}   {"email_mine": true} …
//! {"row": key, "before": "worked", "at": …}  what its value was worth
//! {"row": key, "state": "sent", "at": …}     before it goes out
//! {"row": key, "state": "accepted", "at": …} when the answer is in
//! {"session": name, "ended": …, "key": key}  which row of a list it would be
//! ```

mod read;
mod report;
mod words;
mod write;

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use self::words::Worded as _;
use super::Left;
use super::journal::Tag;
use crate::domain::failure::Failure;
use crate::domain::incident::{
    Care, Incident, IncidentRow, PackageFacts, Snapshot, Stage, StageState, Suspicion,
};
use crate::domain::machine::LocalCredential;
use crate::domain::plan::Class;
use crate::domain::revocation::RowState;
use crate::domain::signin::Ended;
use crate::domain::text::Text;
use crate::domain::tfa::Tfa;
use crate::domain::token::TokenKey;

pub use self::report::{json, markdown};

/// The name of a stage in journals, reports and plans.
pub fn stage_word(stage: Stage) -> &'static str {
    stage.word()
}

/// So ends the name of a session that was made for the emergency.
pub const FOR_THIS: &str = ", for this";

/// An emergency, by its lines.
#[derive(Debug)]
pub struct Record {
    incident: Arc<Incident>,
    /// Where the row of a token is.
    places: HashMap<TokenKey, usize>,
    /// It was answered which tokens stay.
    chosen: bool,
    /// Which rows of a list its sessions would be.
    sessions: HashMap<Text, TokenKey>,
    /// Which file, line and key each copy is of: two may read alike.
    copies: Vec<String>,
}

/// What a line tells of one row.
#[derive(Debug)]
pub struct RowLine {
    /// Which.
    pub key: TokenKey,
    /// What the registry made of its value before the first request.
    pub before: Option<String>,
    /// How it stands, and since when.
    pub state: Option<(RowState, Timestamp)>,
}

/// Of a line that tells of one row: what.
pub fn row_line(line: &Value) -> Option<RowLine> {
    let at = line.get("at").and_then(read::moment);
    Some(RowLine {
        key: TokenKey::new(line.get("row")?.as_str()?),
        before: line["before"].as_str().map(str::to_owned),
        state: read::state(line).zip(at),
    })
}

impl Record {
    /// By its first line. `id` is that of its journal, or a name of its own.
    pub fn begin(id: &str, first: &Value) -> Option<Self> {
        let id = id.strip_prefix("emergency-").unwrap_or(id);
        let suspicion = words::Worded::of(first["suspicion"].as_str()?)?;
        let began = read::moment(&first["began"])?;
        let mut incident = Incident::begun(Text::new(id), began, read::text(&first["registry"]));
        incident.rehearsal = first["rehearsal"].as_bool().unwrap_or_default();
        incident.suspicion = Some(suspicion);
        if let Some(known) = first["account"].as_str() {
            incident.account = Some(Text::new(known));
        }
        Some(Self {
            incident: Arc::new(incident),
            places: HashMap::new(),
            chosen: false,
            sessions: HashMap::new(),
            copies: Vec::new(),
        })
    }

    /// What a journal tells; `None` for one that is of no emergency.
    pub fn of(left: &Left) -> Option<Self> {
        if left.tag != Tag::Emergency {
            return None;
        }
        let (first, lines) = left.lines.split_first()?;
        let mut record = Self::begin(&left.id, first)?;
        for line in lines {
            record.take(line);
        }
        Some(record)
    }

    /// As far as it has come.
    pub const fn incident(&self) -> &Arc<Incident> {
        &self.incident
    }

    /// Whether it was answered which tokens stay.
    pub const fn chosen(&self) -> bool {
        self.chosen
    }

    /// How a token's row stands.
    pub fn row(&self, key: &TokenKey) -> Option<&IncidentRow> {
        self.incident.rows.get(*self.places.get(key)?)
    }

    /// The sessions that were not seen to end, with the row of a list that each would be.
    pub fn open_sessions(&self) -> impl Iterator<Item = (&Text, &TokenKey)> {
        let open = self.incident.sessions.iter();
        let open = open.filter(|(_, ended)| matches!(ended, Ended::Unchecked(_)));
        open.filter_map(|(name, _)| Some((name, self.sessions.get(name)?)))
    }

    /// Whether this row of a list is a sign-in of this emergency itself.
    pub fn is_own_session(&self, key: &TokenKey) -> bool {
        let mut own = self.sessions.iter();
        own.any(|(name, other)| other.is(&key.raw()) && name.as_str().ends_with(FOR_THIS))
    }

    /// What became of the session that would be this row of a list.
    pub fn session(&self, key: &TokenKey) -> Option<&Ended> {
        let mut named = self.sessions.iter();
        let (name, _) = named.find(|(_, other)| other.is(&key.raw()))?;
        let mut sessions = self.incident.sessions.iter();
        sessions
            .find(|(other, _)| other == name)
            .map(|(_, ended)| ended)
    }

    /// What it does cannot be written down from here on.
    pub fn unwritten(&mut self, why: Failure) {
        Arc::make_mut(&mut self.incident).unwritten = Some(why);
    }

    /// Takes the next line. One that makes no sense, or is of a later version, changes nothing.
    pub fn take(&mut self, line: &Value) {
        let incident = Arc::make_mut(&mut self.incident);
        let text = |name: &str| line.get(name).and_then(Value::as_str);
        let moment = |name: &str| line.get(name).and_then(read::moment);
        if let Some(key) = text("row") {
            let place = self.places.get(&TokenKey::new(key));
            if let Some(row) = place.and_then(|place| incident.rows.get_mut(*place))
                && let Some(state) = read::state(line)
            {
                row.state = state;
                row.at = moment("at");
            }
        } else if let Some(stage) = text("stage").and_then(Stage::of) {
            let place = incident
                .stages
                .iter_mut()
                .find(|(other, _)| *other == stage);
            if let (Some((_, place)), Some(state)) = (place, read::stage(line)) {
                *place = state;
            }
        } else if let Some(name) = text("session") {
            let name = Text::new(name);
            if let Some(key) = text("key") {
                self.sessions.insert(name.clone(), TokenKey::new(key));
            }
            if let Some(ended) = read::ended(line) {
                incident.accepted.retain(|(other, _)| *other != name);
                if let (Some(since), Some(tried)) = (moment("since"), moment("tried")) {
                    incident.accepted.push((name.clone(), (since, tried)));
                }
                put(&mut incident.sessions, name, ended);
            }
        } else if let Some(place) = text("copy") {
            let why = line.get("why").filter(|why| why.is_object());
            let why = why.map(read::failure);
            let id = line.get("id");
            let of = id.map_or_else(|| place.to_owned(), Value::to_string);
            let copy = (Text::new(place), why);
            let mut known = self.copies.iter().zip(&incident.copies);
            // What was taken out is done with: what stands in that line since is another one.
            let open = |(other, (_, why)): (&String, &(Text, Option<Failure>))| {
                *other == of && (id.is_none() || why.is_some())
            };
            if let Some(at) = known.position(open) {
                incident.copies[at] = copy;
            } else {
                self.copies.push(of);
                incident.copies.push(copy);
            }
        } else if line.get("copies_anew").is_some() {
            let copies = std::mem::take(&mut incident.copies).into_iter();
            let copies = copies.zip(std::mem::take(&mut self.copies));
            for (copy, of) in copies.filter(|((_, why), _)| why.is_none()) {
                incident.copies.push(copy);
                self.copies.push(of);
            }
        } else if let Some(account) = text("account") {
            incident.account = Some(Text::new(account));
        } else if let Some(snapshot) = line.get("snapshot") {
            incident.snapshot = read::snapshot(snapshot);
        } else if let Some(mine) = line.get("email_mine") {
            incident.email_mine = mine.as_bool();
        } else if let Some(rows) = line.get("rows").or(line.get("plan")) {
            if line.get("plan").is_some() {
                incident.rows.clear();
                self.places.clear();
            }
            for row in read::list(rows, read::row) {
                let next = incident.rows.len();
                if let Entry::Vacant(place) = self.places.entry(row.token.key.clone()) {
                    place.insert(next);
                    incident.rows.push(row);
                }
            }
        } else if let Some(keys) = line.get("kept") {
            self.chosen = true;
            let keys: HashSet<TokenKey> = read::list(keys, |key| key.as_str().map(TokenKey::new))
                .into_iter()
                .collect();
            let (kept, rows): (Vec<_>, Vec<_>) = std::mem::take(&mut incident.rows)
                .into_iter()
                .partition(|row| keys.contains(&row.token.key));
            let new = kept.iter().filter(|row| row.appeared);
            incident
                .kept_new
                .extend(new.map(|row| row.token.key.clone()));
            incident.kept.extend(kept.into_iter().map(|row| row.token));
            incident.rows = rows;
            let rows = incident.rows.iter().enumerate();
            self.places = rows.map(|(at, row)| (row.token.key.clone(), at)).collect();
        } else if let Some(count) = line.get("listed").and_then(Value::as_u64) {
            let count = usize::try_from(count).unwrap_or(usize::MAX);
            incident.listed = moment("at").map(|at| (at, count));
            incident.living = line.get("living").map_or_else(Vec::new, |living| {
                read::list(living, |name| name.as_str().map(Text::new))
            });
        } else if line.get("looked_again").is_some() {
            incident.looked_again = moment("looked_again");
        } else if let Some(care) = line.get("care") {
            let read = |name: &str| read::worded(&care[name]).unwrap_or_default();
            incident.password = read("password");
            incident.second_factor = read("second_factor");
            incident.recovery_codes = read("recovery_codes");
            if let Some(tfa) = line.get("tfa").filter(|tfa| tfa.is_object()) {
                incident.tfa = Some(read::tfa(tfa));
            }
        } else if let Some(packages) = line.get("packages") {
            incident.packages = Some(read::packages(packages));
        } else if let Some(beyond) = line.get("beyond") {
            incident.beyond = read::list(beyond, |pair| {
                Some((read::text(pair.get(0)?), pair.get(1)?.as_bool()?))
            });
        } else if line.get("resumed").is_some() {
            incident.resumed += 1;
            // The session of the earlier run went with it: no row is that of the session in use by its word.
            for row in &mut incident.rows {
                let mut own = self.sessions.iter();
                row.ours |= own.any(|(name, key)| {
                    key.is(&row.token.key.raw()) && name.as_str().ends_with(FOR_THIS)
                });
                row.token.found.retain(|found| !found.is_session());
                row.class = Class::of(&row.token);
            }
            let report = incident.stage(Stage::Report);
            let over = matches!(report, StageState::Done(..) | StageState::Skipped(..));
            if !over || incident.is_open() {
                // It is gone on with: it is not at its end.
                incident.ended = None;
                incident.looked_again = None;
                let report = incident.stages.iter_mut();
                for (_, state) in report.filter(|(stage, _)| *stage == Stage::Report) {
                    *state = StageState::Waiting;
                }
            }
        } else if line.get("ended").is_some() {
            incident.ended = moment("ended");
        }
    }
}

/// In the place of what was there by that name, or at the end.
fn put<T>(all: &mut Vec<(Text, T)>, name: Text, value: T) {
    match all.iter_mut().find(|(other, _)| *other == name) {
        Some((_, place)) => *place = value,
        None => all.push((name, value)),
    }
}

/// Of a journal that was left: how far its emergency has come.
pub fn incident_left(left: &Left) -> Option<Incident> {
    Record::of(left).map(|record| Arc::unwrap_or_clone(record.incident))
}

/// The process that wrote at it last.
pub fn process_of(left: &Left) -> Option<u32> {
    let mut lines = left.lines.iter().rev();
    let told = lines.find_map(|line| line.get("process")?.as_u64())?;
    u32::try_from(told).ok()
}

/// The lines, by what they tell.
pub mod line {
    use super::{
        Care, Ended, Failure, IncidentRow, LocalCredential, PackageFacts, RowState, Snapshot,
        Stage, StageState, Suspicion, Text, Tfa, Timestamp, TokenKey, Value, json, write,
    };
    use crate::records::incident::words::Worded as _;

    /// The first one.
    pub fn began(
        at: Timestamp,
        registry: &Text,
        account: Option<&Text>,
        (rehearsal, suspicion): (bool, Suspicion),
    ) -> Value {
        json!({
            "began": at,
            "registry": registry,
            "account": account,
            "rehearsal": rehearsal,
            "suspicion": suspicion.word(),
        })
    }

    /// It is gone on with, by this process.
    pub fn resumed(at: Timestamp, process: u32) -> Value {
        json!({ "resumed": at, "process": process })
    }

    /// Whose account it is.
    pub fn account(name: &Text) -> Value {
        json!({ "account": name })
    }

    /// How a stage stands.
    pub fn stage(stage: Stage, stands: &StageState) -> Value {
        let mut line = write::stage(stands);
        line["stage"] = stage.word().into();
        line
    }

    /// What there was.
    pub fn snapshot(snapshot: &Snapshot) -> Value {
        json!({ "snapshot": write::snapshot(snapshot) })
    }

    /// Whether the address is still the person's.
    pub fn email_mine(mine: bool) -> Value {
        json!({ "email_mine": mine })
    }

    /// These are to go, and nothing that was planned before: that was not agreed to yet.
    pub fn plan(rows: &[IncidentRow]) -> Value {
        json!({ "plan": write::list(rows, write::row) })
    }

    /// These are to go, after those before.
    pub fn rows(rows: &[IncidentRow]) -> Value {
        json!({ "rows": write::list(rows, write::row) })
    }

    /// These stay.
    pub fn kept(keys: &[TokenKey]) -> Value {
        json!({ "kept": write::list(keys, |key| key.raw().into()) })
    }

    /// How a row stands.
    pub fn row(key: &TokenKey, state: &RowState, at: Timestamp) -> Value {
        let mut line = write::state(state);
        line["row"] = key.raw().into();
        line["at"] = json!(at);
        line
    }

    /// What the registry made of a row's value before the first request, in a word.
    pub fn before(key: &TokenKey, word: &str, at: Timestamp) -> Value {
        json!({ "row": key.raw(), "before": word, "at": at })
    }

    /// The list was read, and has so many living tokens; which, as far as they are named.
    pub fn listed(at: Timestamp, count: usize, living: &[Text]) -> Value {
        json!({ "listed": count, "living": living, "at": at })
    }

    /// The list was read once more after all else, and had nothing new.
    pub fn looked_again(at: Timestamp) -> Value {
        json!({ "looked_again": at })
    }

    /// What came of a session.
    pub fn session(name: &Text, ended: &Ended) -> Value {
        let mut line = write::ended(ended);
        line["session"] = json!(name);
        line
    }

    /// It was said to be ended then, and was accepted when it was tried out last.
    pub fn still_accepted(name: &Text, since: Timestamp, tried: Timestamp) -> Value {
        let mut line = session(name, &Ended::StillAccepted);
        line["since"] = json!(since);
        line["tried"] = json!(tried);
        line
    }

    /// The same of one that a list may have, as this row.
    pub fn session_of(name: &Text, ended: &Ended, key: &TokenKey) -> Value {
        let mut line = session(name, ended);
        line["key"] = key.raw().into();
        line
    }

    /// What remains on this machine is looked at anew.
    pub fn copies_anew() -> Value {
        json!({ "copies_anew": true })
    }

    /// What came of a copy on this machine.
    pub fn copy(copy: &LocalCredential, why: Option<&Failure>) -> Value {
        json!({ "copy": copy.place, "id": write::id(&copy.id), "why": why.map(write::failure) })
    }

    /// How what the person does stands.
    pub fn care([password, second_factor, recovery_codes]: [Care; 3], tfa: Option<&Tfa>) -> Value {
        json!({ "tfa": tfa.map(write::tfa), "care": {
            "password": password.word(),
            "second_factor": second_factor.word(),
            "recovery_codes": recovery_codes.word(),
        } })
    }

    /// The packages after all.
    pub fn packages(packages: &Result<Vec<PackageFacts>, Failure>) -> Value {
        json!({ "packages": write::packages(packages) })
    }

    /// What cannot be reached.
    pub fn beyond(beyond: &[(Text, bool)]) -> Value {
        json!({ "beyond": write::list(beyond, |(text, done)| json!([text, done])) })
    }

    /// It is over.
    pub fn ended(at: Timestamp) -> Value {
        json!({ "ended": at })
    }
}
