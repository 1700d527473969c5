//! Row ids in memory: four bytes each while they fit, and values looked up by them.

use std::collections::HashMap;
use std::marker::PhantomData;

use crate::domain::ids::RowId;

/// A column of row ids; any from 0 to 2⁶² may stand in it.
#[derive(Debug, Clone)]
pub struct IdColumn<I> {
    ids: Raw,
    of: PhantomData<I>,
}

#[derive(Debug, Clone)]
enum Raw {
    /// All fit into four bytes.
    Narrow(Vec<u32>),
    /// Some do not.
    Wide(Vec<i64>),
}

impl<I> Default for IdColumn<I> {
    fn default() -> Self {
        Self { ids: Raw::Narrow(Vec::new()), of: PhantomData }
    }
}

impl<I: RowId> IdColumn<I> {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.ids {
            Raw::Narrow(ids) => ids.len(),
            Raw::Wide(ids) => ids.len(),
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The id in a row.
    #[must_use]
    pub fn get(&self, row: usize) -> I {
        I::from(self.ids.get(row))
    }

    /// All of them, in their order.
    pub fn iter(&self) -> impl Iterator<Item = I> {
        (0..self.len()).map(|row| self.get(row))
    }

    /// Adds one.
    pub fn push(&mut self, id: I) {
        self.ids.push(id.into());
    }

    /// Adds the ids of another column.
    pub fn append(&mut self, other: &Self) {
        match (&mut self.ids, &other.ids) {
            (Raw::Narrow(ids), Raw::Narrow(more)) => ids.extend_from_slice(more),
            _ => other.iter().for_each(|id| self.push(id)),
        }
    }

    /// Gives back memory that nothing stands in.
    pub fn shrink_to_fit(&mut self) {
        match &mut self.ids {
            Raw::Narrow(ids) => ids.shrink_to_fit(),
            Raw::Wide(ids) => ids.shrink_to_fit(),
        }
    }

    /// Writes all of them: whether they are wide, how many, and the ids, little-endian.
    pub fn encode(&self, bytes: &mut Vec<u8>) {
        bytes.push(u8::from(matches!(self.ids, Raw::Wide(_))));
        bytes.extend_from_slice(&(self.len() as u32).to_le_bytes());
        match &self.ids {
            Raw::Narrow(ids) => bytes.extend(ids.iter().flat_map(|id| id.to_le_bytes())),
            Raw::Wide(ids) => bytes.extend(ids.iter().flat_map(|id| id.to_le_bytes())),
        }
    }

    /// Reads what [`IdColumn::encode`] has written, and cuts it off; `None` for anything else.
    #[must_use]
    pub fn decode(bytes: &mut &[u8]) -> Option<Self> {
        let is_wide = *bytes.split_off_first()? == 1;
        let len = u32::from_le_bytes(bytes.split_off(..4)?.try_into().ok()?) as usize;
        let width = if is_wide { 8 } else { 4 };
        let body = bytes.split_off(..len.checked_mul(width)?)?;
        let ids = if is_wide {
            Raw::Wide(
                body.chunks_exact(8)
                    .map_while(|b| Some(i64::from_le_bytes(b.try_into().ok()?)))
                    .collect(),
            )
        } else {
            Raw::Narrow(
                body.chunks_exact(4)
                    .map_while(|b| Some(u32::from_le_bytes(b.try_into().ok()?)))
                    .collect(),
            )
        };
        Some(Self { ids, of: PhantomData })
    }

    /// The same ids in another order.
    #[must_use]
    pub fn reordered(&self, order: &[u32]) -> Self {
        let ids = match &self.ids {
            Raw::Narrow(ids) => Raw::Narrow(order.iter().map(|i| ids[*i as usize]).collect()),
            Raw::Wide(ids) => Raw::Wide(order.iter().map(|i| ids[*i as usize]).collect()),
        };
        Self { ids, of: PhantomData }
    }
}

impl Raw {
    fn get(&self, row: usize) -> i64 {
        match self {
            Self::Narrow(ids) => i64::from(ids[row]),
            Self::Wide(ids) => ids[row],
        }
    }

    fn widen_for(&mut self, id: i64) {
        if let Self::Narrow(ids) = self
            && u32::try_from(id).is_err()
        {
            *self = Self::Wide(ids.iter().map(|id| i64::from(*id)).collect());
        }
    }

    fn push(&mut self, id: i64) {
        self.widen_for(id);
        match self {
            Self::Narrow(ids) => ids.push(id as u32),
            Self::Wide(ids) => ids.push(id),
        }
    }
}

/// A value for every row id: a plain list as far as ids are dense, a table beyond.
#[derive(Debug, Clone)]
pub struct ById<I, T> {
    dense: Vec<T>,
    sparse: HashMap<I, T>,
    none: T,
}

impl<I: RowId, T: Copy> ById<I, T> {
    /// Ids that a list holds in any case.
    const USUAL: usize = 1 << 20;

    /// No values yet; what is asked for and not there is `none`.
    #[must_use]
    pub fn new(none: T) -> Self {
        Self { dense: Vec::new(), sparse: HashMap::new(), none }
    }

    /// Sets the value of an id. Ids that come in ascending order take the least memory.
    pub fn set(&mut self, id: I, value: T) {
        let most = 2 * self.dense.len() + Self::USUAL;
        match usize::try_from(id.into()) {
            Ok(index) if index < self.dense.len() => self.dense[index] = value,
            Ok(index) if index < most && self.sparse.is_empty() => {
                self.dense.resize(index + 1, self.none);
                self.dense[index] = value;
            }
            _ => {
                self.sparse.insert(id, value);
            }
        }
    }

    /// The value of an id.
    #[must_use]
    pub fn get(&self, id: I) -> T {
        let dense = usize::try_from(id.into()).ok().and_then(|index| self.dense.get(index));
        dense.or_else(|| self.sparse.get(&id)).copied().unwrap_or(self.none)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::RoomId;

    #[test]
    fn a_column_grows_wide_when_it_must() {
        let mut column = IdColumn::default();
        [1, 2, 2, 7].into_iter().for_each(|id| column.push(RoomId(id)));
        assert!(matches!(column.ids, Raw::Narrow(_)));
        column.push(RoomId(1 << 61));
        assert_eq!(column.iter().collect::<Vec<_>>(), [1, 2, 2, 7, 1 << 61].map(RoomId));
        assert!(matches!(column.ids, Raw::Wide(_)));
    }

    #[test]
    fn values_by_id_lie_anywhere() {
        let mut values = ById::new(0u8);
        for (id, value) in [(3, 1), (4, 2), (1 << 61, 3), (5, 4), (2_000_000, 5)] {
            values.set(RoomId(id), value);
        }
        let found = [0, 3, 4, 5, 6, 1 << 61, 2_000_000, -1].map(|id| values.get(RoomId(id)));
        assert_eq!(found, [0, 1, 2, 4, 0, 3, 5, 0]);
    }
}
