//! Row ids in memory: four bytes each while they fit, and values looked up by them.

use std::collections::HashMap;
use std::ops::Range;

/// A column of row ids; any from 0 to 2⁶² may stand in it.
#[derive(Debug, Clone)]
pub enum IdColumn {
    /// All fit into four bytes.
    Narrow(Vec<u32>),
    /// Some do not.
    Wide(Vec<i64>),
}

impl Default for IdColumn {
    fn default() -> Self {
        Self::Narrow(Vec::new())
    }
}

impl IdColumn {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Narrow(ids) => ids.len(),
            Self::Wide(ids) => ids.len(),
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The id in a row.
    #[must_use]
    pub fn get(&self, row: usize) -> i64 {
        match self {
            Self::Narrow(ids) => i64::from(ids[row]),
            Self::Wide(ids) => ids[row],
        }
    }

    /// All of them, in their order.
    pub fn iter(&self) -> impl Iterator<Item = i64> {
        (0..self.len()).map(|row| self.get(row))
    }

    fn widen_for(&mut self, id: i64) {
        if let Self::Narrow(ids) = self
            && u32::try_from(id).is_err()
        {
            *self = Self::Wide(ids.iter().map(|id| i64::from(*id)).collect());
        }
    }

    /// Adds one.
    pub fn push(&mut self, id: i64) {
        self.widen_for(id);
        match self {
            Self::Narrow(ids) => ids.push(id as u32),
            Self::Wide(ids) => ids.push(id),
        }
    }

    /// Puts others in the place of some.
    pub fn splice(&mut self, rows: Range<usize>, with: &[i64]) {
        with.iter().for_each(|id| self.widen_for(*id));
        match self {
            Self::Narrow(ids) => drop(ids.splice(rows, with.iter().map(|id| *id as u32))),
            Self::Wide(ids) => drop(ids.splice(rows, with.iter().copied())),
        }
    }

    /// Adds the ids of another column, from some rows.
    pub fn extend(&mut self, other: &Self, rows: Range<usize>) {
        match (&mut *self, other) {
            (Self::Narrow(ids), Self::Narrow(more)) => ids.extend_from_slice(&more[rows]),
            _ => rows.for_each(|row| self.push(other.get(row))),
        }
    }

    /// The same ids in another order.
    #[must_use]
    pub fn reordered(&self, order: &[u32]) -> Self {
        match self {
            Self::Narrow(ids) => Self::Narrow(order.iter().map(|i| ids[*i as usize]).collect()),
            Self::Wide(ids) => Self::Wide(order.iter().map(|i| ids[*i as usize]).collect()),
        }
    }

    /// The rows that hold an id, in a column that is sorted.
    #[must_use]
    pub fn rows_of(&self, id: i64) -> Range<usize> {
        fn rows<T: Copy + Ord>(ids: &[T], id: T) -> Range<usize> {
            ids.partition_point(|i| *i < id)..ids.partition_point(|i| *i <= id)
        }
        match self {
            Self::Narrow(ids) => match u32::try_from(id) {
                Ok(id) => rows(ids, id),
                Err(_) => ids.len()..ids.len(),
            },
            Self::Wide(ids) => rows(ids, id),
        }
    }
}

/// A value for every row id: a plain list as far as ids are dense, a table beyond.
#[derive(Debug, Clone)]
pub struct ById<T> {
    dense: Vec<T>,
    sparse: HashMap<i64, T>,
    none: T,
}

impl<T: Copy> ById<T> {
    /// Ids that a list holds in any case.
    const USUAL: usize = 1 << 20;

    /// No values yet; what is asked for and not there is `none`.
    #[must_use]
    pub fn new(none: T) -> Self {
        Self { dense: Vec::new(), sparse: HashMap::new(), none }
    }

    /// Sets the value of an id. Ids that come in ascending order take the least memory.
    pub fn set(&mut self, id: i64, value: T) {
        let most = 2 * self.dense.len() + Self::USUAL;
        match usize::try_from(id) {
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
    pub fn get(&self, id: i64) -> T {
        let dense = usize::try_from(id).ok().and_then(|index| self.dense.get(index));
        dense.or_else(|| self.sparse.get(&id)).copied().unwrap_or(self.none)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_grows_wide_when_it_must() {
        let mut column = IdColumn::default();
        [1, 2, 2, 7].into_iter().for_each(|id| column.push(id));
        assert!(matches!(column, IdColumn::Narrow(_)));
        assert_eq!(
            (column.rows_of(2), column.rows_of(3), column.rows_of(1 << 40)),
            (1..3, 3..3, 4..4)
        );
        column.splice(1..3, &[3, 1 << 61, 5]);
        assert_eq!(column.iter().collect::<Vec<_>>(), [1, 3, 1 << 61, 5, 7]);
        assert!(matches!(column, IdColumn::Wide(_)));
        let mut other = IdColumn::default();
        other.extend(&column, 1..3);
        assert_eq!(other.iter().collect::<Vec<_>>(), [3, 1 << 61]);
    }

    #[test]
    fn values_by_id_lie_anywhere() {
        let mut values = ById::new(0u8);
        for (id, value) in [(3, 1), (4, 2), (1 << 61, 3), (5, 4), (2_000_000, 5)] {
            values.set(id, value);
        }
        let found = [0, 3, 4, 5, 6, 1 << 61, 2_000_000, -1].map(|id| values.get(id));
        assert_eq!(found, [0, 1, 2, 4, 0, 3, 5, 0]);
    }
}
