//! The kinds of tables by their names, in the order in which they are offered.

use crate::query::table::TableKind;
use crate::text::Text;

pub(crate) const TABLE_KINDS: [(TableKind, Text); 7] = [
    (TableKind::Persons, Text::Persons),
    (TableKind::Rooms, Text::Rooms),
    (TableKind::Households, Text::Households),
    (TableKind::Buildings, Text::Buildings),
    (TableKind::Enterprises, Text::Enterprises),
    (TableKind::Events, Text::Events),
    (TableKind::Devices, Text::Devices),
];
