//! What rows of every list are held against: the places of the workspace, and its code lists.

use std::cell::{Cell, OnceCell};
use std::collections::HashMap;

use crate::domain::codes::CodeLists;
use crate::domain::ids::BuildingId;
use crate::query::matching::Gazetteer;
use crate::store::{Reader, StoreError, Workspace, lookup};

/// The places of a workspace, read when a row first needs them: a single row costs no scan of a
/// table, and a list soon pays for tables in memory.
pub(crate) struct KnownPlaces {
    pub(crate) reader: Reader,
    pub(crate) lists: CodeLists,
    gazetteer: OnceCell<Gazetteer>,
    codes: OnceCell<HashMap<String, BuildingId>>,
    /// Codes that were asked for one by one.
    asked: Cell<u32>,
}

impl KnownPlaces {
    /// Codes that are asked for one by one before all of them are read.
    const FEW: u32 = 32;

    /// Opens a reader of its own.
    pub(crate) fn open(workspace: &Workspace) -> Result<Self, StoreError> {
        let reader = workspace.reader()?;
        Ok(Self {
            lists: lookup::code_lists(&reader)?,
            reader,
            gazetteer: OnceCell::new(),
            codes: OnceCell::new(),
            asked: Cell::new(0),
        })
    }

    /// What addresses call the places.
    pub(crate) fn gazetteer(&self) -> Result<&Gazetteer, StoreError> {
        if let Some(gazetteer) = self.gazetteer.get() {
            return Ok(gazetteer);
        }
        let read = Gazetteer::read(&self.reader)?;
        Ok(self.gazetteer.get_or_init(|| read))
    }

    /// Takes an alias of an estate into account; its name.
    pub(crate) fn learn(
        &mut self,
        alias: &str,
        building_id: BuildingId,
    ) -> Result<Option<String>, StoreError> {
        self.gazetteer()?;
        Ok(self.gazetteer.get_mut().and_then(|known| known.learn(alias, building_id)))
    }

    /// Row id of a building by its code, as it stands or as people type it, or by the id of its
    /// feature in the file it came from.
    pub(crate) fn building_id(&self, code: &str) -> Result<Option<BuildingId>, StoreError> {
        self.asked.set(self.asked.get().saturating_add(1));
        if self.asked.get() > Self::FEW && self.codes.get().is_none() {
            let read = lookup::building_ids(&self.reader)?;
            self.codes.get_or_init(|| read);
        }
        match self.codes.get().and_then(|codes| codes.get(code)) {
            Some(building_id) => Ok(Some(*building_id)),
            None => lookup::building_id(&self.reader, code),
        }
    }
}
