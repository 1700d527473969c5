//! Short texts with the rows they are of, looked through whole: titles of events, names of enterprises,
//! addresses of buildings.

use std::collections::HashSet;

use memchr::memmem;

use crate::domain::fold;
use crate::domain::ids::RowId;

/// Texts, a line each, folded as [`fold`] does it.
pub struct Lines<I> {
    text: Vec<u8>,
    starts: Vec<u32>,
    ids: Vec<I>,
}

impl<I> Default for Lines<I> {
    fn default() -> Self {
        Self { text: Vec::new(), starts: Vec::new(), ids: Vec::new() }
    }
}

impl<I: RowId> Lines<I> {
    /// Adds the text of a row. What does not fit into four gigabytes is left out.
    pub fn add(&mut self, id: I, text: &str) {
        let Ok(start) = u32::try_from(self.text.len()) else { return };
        if text.is_empty() {
            return;
        }
        self.starts.push(start);
        self.ids.push(id);
        self.text.extend_from_slice(fold(text).as_bytes());
        self.text.push(b'\n');
    }

    /// Takes out rows; what they say now is added anew.
    pub fn forget(&mut self, rows: &HashSet<I>) {
        if rows.is_empty() {
            return;
        }
        let mut kept = Self::default();
        for (nth, id) in self.ids.iter().enumerate() {
            if !rows.contains(id) {
                kept.starts.push(kept.text.len() as u32);
                kept.ids.push(*id);
                kept.text.extend_from_slice(self.line(nth));
            }
        }
        *self = kept;
    }

    /// A line with its end.
    fn line(&self, nth: usize) -> &[u8] {
        let end = self.starts.get(nth + 1).map_or(self.text.len(), |next| *next as usize);
        &self.text[self.starts[nth] as usize..end]
    }

    /// Rows whose text holds another one, those that begin with it first, so many at most of each.
    #[must_use]
    pub fn holding(&self, text: &str, most: usize) -> Vec<I> {
        let needle = fold(text);
        let (mut beginning, mut within) = (Vec::new(), Vec::new());
        if needle.is_empty() {
            return beginning;
        }
        let mut next = 0;
        for at in memmem::find_iter(&self.text, needle.as_bytes()) {
            if at < next {
                continue;
            }
            let nth = self.starts.partition_point(|start| *start as usize <= at) - 1;
            next = self.starts.get(nth + 1).map_or(usize::MAX, |next| *next as usize);
            let is_beginning = self.starts[nth] as usize == at;
            let found = if is_beginning { &mut beginning } else { &mut within };
            if found.len() < most {
                found.push(self.ids[nth]);
            }
            if beginning.len() >= most {
                break;
            }
        }
        beginning.extend(within);
        beginning
    }

    /// Bytes in memory, about.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.text.len() + self.ids.len() * (4 + size_of::<I>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::EventId;

    #[test]
    fn what_begins_with_a_text_comes_first_and_rows_can_be_replaced() {
        let mut lines = Lines::default();
        for (id, text) in [(1, "三楼电梯故障"), (2, "电梯\n困人"), (3, "电梯和电梯门"), (7, "")]
        {
            lines.add(EventId(id), text);
        }
        let found = |lines: &Lines<EventId>, text: &str| {
            lines.holding(text, 9).into_iter().map(|id| id.0).collect::<Vec<_>>()
        };
        assert_eq!(found(&lines, "电梯"), [2, 3, 1]);
        assert_eq!(found(&lines, "困人"), [2]);
        assert!(found(&lines, "").is_empty() && found(&lines, "\n").is_empty());
        lines.forget(&HashSet::from([EventId(2)]));
        lines.add(EventId(2), "Ｌｉｆｔ 故障");
        assert_eq!(found(&lines, "电梯"), [3, 1]);
        assert_eq!(found(&lines, "LIFT"), [2]);
        assert_eq!(lines.holding("故障", 1).len(), 1);
    }
}
