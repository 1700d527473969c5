//! What colours the map, and what a plan of rooms would make.

use std::sync::Arc;

use crate::app::ask::Query;
use crate::app::desk::{Desk, told};
use crate::domain::ids::BuildingId;
use crate::domain::room_plan::RoomPlan;
use crate::import::kinds::make_rooms::{self, RoomsMade};
use crate::map::style::MapTheme;
use crate::text::Message;

/// The values of a map theme.
pub struct AskTheme {
    /// Which theme.
    pub theme: MapTheme,
    /// As of this instant, UTC seconds.
    pub now: i64,
}

impl Query for AskTheme {
    /// The theme, and its values by building, sorted.
    type Answer = (MapTheme, Vec<(BuildingId, u32)>);
    fn answer(self, desk: &mut Desk, _: &dyn Fn(Self::Answer)) -> Result<Self::Answer, Message> {
        let Self { theme, now } = self;
        let values = told(theme.values(&desk.reader, &desk.derived.census, now))?;
        Ok((theme, values.unwrap_or_default()))
    }
}

/// What a plan of rooms would make in these buildings (row ids).
pub struct AskRoomPlan(pub Arc<[BuildingId]>, pub RoomPlan);

impl Query for AskRoomPlan {
    type Answer = RoomsMade;
    fn answer(self, desk: &mut Desk, _: &dyn Fn(Self::Answer)) -> Result<Self::Answer, Message> {
        told(make_rooms::preview(&desk.reader, &self.1, &self.0))
    }
}
