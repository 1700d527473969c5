//! Where a person's row disagrees with what is known of the person.

use crate::access::mask::{mask_name, mask_phone};
use crate::domain::Lang;
use crate::domain::codes::list;
use crate::domain::ids::PersonId;
use crate::domain::names::folded;
use crate::domain::records::{PersonRecord, Precedence};
use crate::import::error::ImportError;
use crate::import::kinds::homes::{Home, room_label};
use crate::import::kinds::known::Known;
use crate::import::outcome::report::{ImportReport, Refusal, Severity};
use crate::import::table::row::Row;
use crate::msg;
use crate::query::review::Choice;
use crate::store::people::{self, PersonFacts};
use crate::store::rows;

/// Holds a row that somebody has to decide about, and tells where a visit beats it. `precedence`
/// is what was chosen for the row, else for the list.
pub(crate) fn disagreement(
    row: &Row<'_>,
    record: &mut PersonRecord,
    home: Option<&Home>,
    (known, precedence): (&Known, Precedence),
    report: &mut ImportReport,
) -> Result<Option<Refusal>, ImportError> {
    if matches!(precedence, Precedence::List | Precedence::Known) {
        return Ok(None);
    }
    let room_id = match home {
        Some(Home::Known(room_id)) => Some(*room_id),
        _ => None,
    };
    let person = match known.given.person_id {
        Some(person_id) => people::person_verified(&known.places.reader, person_id)?,
        None => people::known_person(&known.places.reader, record, room_id)?,
    };
    let Some(person) = person else { return Ok(None) };
    let facts = people::person_facts(&known.places.reader, person.person_id)?;
    let visit = record.verified_on.and_then(rows::midnight);
    let row_wins = precedence.row_wins(visit, person.verified_at);
    let lives_elsewhere = home.is_some()
        && !facts.room_ids.is_empty()
        && room_id.is_none_or(|room_id| !facts.room_ids.contains(&room_id));
    if known.given.name == Some(Precedence::Known) {
        record.name.clone_from(&facts.name);
    }
    if folded(&record.name) != folded(&facts.name) && known.given.name.is_none() {
        let reason = "the ID number is known with another name; say which is right";
        let choices = [&record.name, &facts.name].map(|name| mask_name(name));
        let choices = sides(person.person_id, choices);
        return Ok(Some(Refusal::held("id_no", id_text(record), reason, choices)));
    }
    // Asked about once: who has said whose name is right is not asked where they live as well.
    let is_asked = known.given.name.is_none() && (!row_wins || precedence == Precedence::Ask);
    if lives_elsewhere && is_asked {
        let reason = if person.verified_at > visit {
            "a visit found this person in another home; say where they live"
        } else {
            "this person is known in another home; say where they live"
        };
        let field = if row.get("building_code").is_some() { "room_no" } else { "address" };
        let choices = homes(person.person_id, home, &facts, known)?;
        return Ok(Some(Refusal::held(field, row.get(field).unwrap_or(""), reason, choices)));
    }
    let differing = differing(record, &facts, known);
    if precedence == Precedence::Ask
        && let Some((field, values)) = differing.first()
    {
        let reason = "the list and what is known of this person disagree; say which is right";
        let choices = sides(person.person_id, values.clone());
        return Ok(Some(Refusal::held(field, &values[0], reason, choices)));
    }
    for (field, [value, kept]) in differing.iter().filter(|_| !row_wins) {
        let reason = msg!("a visit found {}, which was kept", kept);
        report.add(row.line, field, value, Severity::Warning, reason);
    }
    Ok(None)
}

fn id_text(record: &PersonRecord) -> String {
    record.id_no.clone().unwrap_or_default()
}

/// The two sides to choose from: the list's, and what is known.
fn sides(person_id: PersonId, labels: [String; 2]) -> Vec<Choice> {
    let words = [(Precedence::List, "the list"), (Precedence::Known, "what is known")];
    let sides = words.into_iter().zip(labels).map(|((precedence, evidence), label)| Choice {
        building_id: None,
        room_id: None,
        person_id: Some(person_id),
        label,
        evidence: evidence.into(),
        alias: None,
        precedence: Some(precedence),
    });
    sides.collect()
}

/// The home of the list, and the one that is known.
fn homes(
    person_id: PersonId,
    home: Option<&Home>,
    facts: &PersonFacts,
    known: &Known,
) -> Result<Vec<Choice>, ImportError> {
    let new = match home {
        Some(Home::Known(room_id)) => {
            let (building_id, label) = room_label(known, *room_id)?;
            (Some(building_id), label)
        }
        Some(Home::New(room)) => {
            let parts = (room.unit.as_deref(), Some(room.room_no.as_str()));
            (
                Some(room.building_id),
                crate::import::kinds::homes::label(known, room.building_id, parts.0, parts.1)?,
            )
        }
        None => (None, String::new()),
    };
    let old = room_label(known, facts.room_ids[0])?;
    let mut choices = sides(person_id, [new.1, old.1]);
    (choices[0].building_id, choices[1].building_id) = (new.0, Some(old.0));
    Ok(choices)
}

/// Fields that say something else: the field, the list's value and the known one, masked.
fn differing(
    record: &PersonRecord,
    facts: &PersonFacts,
    known: &Known,
) -> Vec<(&'static str, [String; 2])> {
    let label = |code_list, key| known.places.lists.label(code_list, key, Lang::Zh).to_owned();
    let phones = |text: &str| text.split(';').map(mask_phone).collect::<Vec<_>>().join("; ");
    let mut found = Vec::new();
    if let (Some(new), Some(old)) = (&record.phone, &facts.phone)
        && new != old
    {
        found.push(("phone", [phones(new), phones(old)]));
    }
    if let Some(sex) = record.sex.filter(|sex| facts.sex != 0 && *sex != facts.sex) {
        found.push(("sex", [label(list::SEX, sex), label(list::SEX, facts.sex)]));
    }
    // A month says nothing against a day in it.
    let same_month = |new: &str, old: &str| record.is_birth_month && new.get(..7) == old.get(..7);
    if let (Some(new), Some(old)) = (record.birth_date, &facts.birth_date)
        && new.to_string() != *old
        && !same_month(&new.to_string(), old)
    {
        found.push(("birth_date", [new.year().to_string(), old.chars().take(4).collect()]));
    }
    if let Some(new) = record.population_type.filter(|t| *t != facts.population_type) {
        let values = [new, facts.population_type].map(|t| label(list::POPULATION_TYPE, t));
        found.push(("population_type", values));
    }
    found
}
