//! What rows of persons are checked and joined against.

use std::collections::HashMap;

use jiff::civil::Date;

use crate::domain::id_number;
use crate::domain::ids::{BuildingId, PersonId, RoomId, TagId};
use crate::domain::records::Precedence;
use crate::import::error::ImportError;
use crate::import::fields::{ColumnMap, tag_name};
use crate::import::kinds::identity::NamesInList;
use crate::import::kinds::known_places::KnownPlaces;
use crate::import::request::Request;
use crate::import::table::rows::Table;
use crate::store::{Workspace, lookup};

/// What rows are checked and joined against.
pub(crate) struct Known {
    pub(crate) places: KnownPlaces,
    pub(crate) tags: HashMap<String, TagId>,
    /// Columns named after a tag, with the tag's row id.
    pub(crate) tag_columns: Vec<(usize, TagId)>,
    pub(crate) sex_codes: SexCodes,
    pub(crate) today: Date,
    pub(crate) create_rooms: bool,
    /// What wins where a row disagrees with what is known.
    pub(crate) precedence: Precedence,
    /// Names of the list's ID numbers.
    pub(crate) names_in_list: NamesInList,
    /// Titles above the headings, names of sheet and file: they may name the estate.
    pub(crate) titles: String,
    /// What somebody has chosen for the row.
    pub(crate) given: Given,
}

impl Known {
    /// Reads what rows with these columns are held against.
    pub(crate) fn read(
        workspace: &Workspace,
        request: &Request,
        (map, headings): (&ColumnMap, &[String]),
        sex_codes: SexCodes,
    ) -> Result<Self, ImportError> {
        let places = KnownPlaces::open(workspace)?;
        let tags = lookup::tag_ids(&places.reader)?;
        let tag_columns = headings
            .iter()
            .enumerate()
            .filter(|(column, _)| map.columns.iter().all(|(_, used)| used != column))
            .filter(|(column, _)| !map.left_out.contains(column))
            .filter_map(|(column, heading)| Some((column, *tags.get(&tag_name(heading))?)))
            .collect();
        Ok(Self {
            tags,
            names_in_list: NamesInList::default(),
            titles: String::new(),
            tag_columns,
            sex_codes,
            today: request.today,
            create_rooms: request.create_rooms,
            precedence: request.precedence,
            given: Given::default(),
            places,
        })
    }
}

/// What somebody has chosen for a row that was held.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Given {
    /// The room.
    pub(crate) room_id: Option<RoomId>,
    /// The person it is.
    pub(crate) person_id: Option<PersonId>,
    /// It is somebody new, whoever else has the name.
    pub(crate) is_new: bool,
    /// Which side is right where the row disagrees with what is known.
    pub(crate) precedence: Option<Precedence>,
    /// Which side has the right name.
    pub(crate) name: Option<Precedence>,
    /// The building whose estate the row belongs to.
    pub(crate) estate_of: Option<BuildingId>,
    /// The building in which the room is made that the row names.
    pub(crate) room_in: Option<BuildingId>,
}

/// How a column writes sexes as digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SexCodes {
    /// GB/T 2261.1: 1 male, 2 female.
    Standard,
    /// Systems of the field: 0 male, 1 female.
    Field,
    /// Zeros and ones that nothing explains.
    Unknown,
}

impl SexCodes {
    /// Holds the digits against the 17th digit of the ID numbers beside them.
    pub(crate) fn of(table: &Table) -> Self {
        let (mut standard, mut field, mut has_two, mut has_zero) = (0u32, 0u32, false, false);
        for row in table.sample() {
            let Some(digit @ ("0" | "1" | "2")) = row.get("sex") else { continue };
            has_two |= digit == "2";
            has_zero |= digit == "0";
            let number = row.get("id_no").map(id_number::normalise);
            if let Some(facts) = number.and_then(|number| id_number::check(&number).ok()) {
                standard += u32::from(digit == if facts.is_male { "1" } else { "2" });
                field += u32::from(digit == if facts.is_male { "0" } else { "1" });
            }
        }
        match (standard, field) {
            _ if field > standard => Self::Field,
            _ if standard > field || has_two || !has_zero => Self::Standard,
            _ => Self::Unknown,
        }
    }
}
