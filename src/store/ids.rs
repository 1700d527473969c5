//! Typed row ids as SQL has them.

use rusqlite::ToSql;
use rusqlite::types::{FromSql, FromSqlResult, ToSqlOutput, ValueRef};

use crate::domain::ids::{
    BuildingId, DeedId, DeviceId, EnterpriseId, EstateId, EventId, FloorId, GridId, HouseholdId,
    MatchJobId, OrganisationId, PersonId, PersonTagId, PlaceNoteId, PlanId, QueueRowId, RequestId,
    ResidencyId, RoomId, StaffId, StepId, TagId, UnitId, VisitId,
};

macro_rules! sql_ids {
    ($($name:ident),*) => {
        $(
            impl ToSql for $name {
                fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                    self.0.to_sql()
                }
            }

            impl FromSql for $name {
                fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                    i64::column_result(value).map(Self)
                }
            }
        )*
    };
}
sql_ids!(
    BuildingId,
    DeedId,
    DeviceId,
    EnterpriseId,
    EstateId,
    EventId,
    FloorId,
    GridId,
    HouseholdId,
    MatchJobId,
    OrganisationId,
    PersonId,
    PersonTagId,
    PlaceNoteId,
    PlanId,
    QueueRowId,
    RequestId,
    ResidencyId,
    RoomId,
    StaffId,
    StepId,
    TagId,
    UnitId,
    VisitId
);
