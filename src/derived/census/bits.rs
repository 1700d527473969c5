//! Sets of rows, a bit each.

use std::ops::Range;

/// A set of the rows 0..len.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bits {
    words: Vec<u64>,
    len: usize,
}

impl Bits {
    /// No row of so many.
    #[must_use]
    pub fn none(len: usize) -> Self {
        Self { words: vec![0; len.div_ceil(64)], len }
    }

    /// All of so many rows.
    #[must_use]
    pub fn all(len: usize) -> Self {
        let mut bits = Self::none(len);
        bits.insert_range(0..len);
        bits
    }

    /// The set as words, the lowest bit the first row.
    pub(super) fn words(&self) -> &[u64] {
        &self.words
    }

    /// The set that words hold; `None` where they are not of so many rows.
    pub(super) fn of_words(words: Vec<u64>, len: usize) -> Option<Self> {
        let unused = len % 64;
        let is_clean = unused == 0 || words.last().is_none_or(|word| word >> unused == 0);
        (words.len() == len.div_ceil(64) && is_clean).then_some(Self { words, len })
    }

    /// How many rows there are, in the set or not.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether no row is in the set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// Whether a row is in the set.
    #[must_use]
    pub fn contains(&self, row: usize) -> bool {
        self.words[row / 64] >> (row % 64) & 1 == 1
    }

    /// Adds a row at the end.
    pub fn push(&mut self, is_in: bool) {
        if self.len.is_multiple_of(64) {
            self.words.push(0);
        }
        self.len += 1;
        if is_in {
            self.insert(self.len - 1);
        }
    }

    /// Lengthens the rows, none of the new ones in the set.
    pub fn grow(&mut self, len: usize) {
        self.len = self.len.max(len);
        self.words.resize(self.len.div_ceil(64), 0);
    }

    /// Takes a row in.
    pub fn insert(&mut self, row: usize) {
        self.words[row / 64] |= 1 << (row % 64);
    }

    /// Takes a row out.
    pub fn remove(&mut self, row: usize) {
        self.words[row / 64] &= !(1 << (row % 64));
    }

    /// Takes a run of rows in.
    pub fn insert_range(&mut self, rows: Range<usize>) {
        let (first, last) = (rows.start / 64, rows.end / 64);
        let low = u64::MAX << (rows.start % 64);
        let high = (1u64 << (rows.end % 64)).wrapping_sub(1);
        if rows.is_empty() {
        } else if first == last {
            self.words[first] |= low & high;
        } else {
            self.words[first] |= low;
            self.words[first + 1..last].fill(u64::MAX);
            if high != 0 {
                self.words[last] |= high;
            }
        }
    }

    /// Keeps what another set of the same rows holds too.
    pub fn and(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(a, b)| *a &= b);
    }

    /// Takes in what another set of the same rows holds.
    pub fn or(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(a, b)| *a |= b);
    }

    /// Takes out what another set of the same rows holds.
    pub fn and_not(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(a, b)| *a &= !b);
    }

    /// Keeps the rows of the set that pass.
    pub fn retain(&mut self, passes: impl Fn(usize) -> bool) {
        for (nth, word) in self.words.iter_mut().enumerate() {
            let mut left = *word;
            while left != 0 {
                let bit = left.trailing_zeros();
                left &= left - 1;
                if !passes(nth * 64 + bit as usize) {
                    *word &= !(1 << bit);
                }
            }
        }
    }

    /// How many rows are in the set.
    #[must_use]
    pub fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// How many rows are in this set and in another one.
    #[must_use]
    pub fn count_both(&self, other: &Self) -> usize {
        self.words.iter().zip(&other.words).map(|(a, b)| (a & b).count_ones() as usize).sum()
    }

    /// How many rows of a run are in the set.
    #[must_use]
    pub fn count_in(&self, rows: Range<usize>) -> usize {
        if rows.is_empty() {
            return 0;
        }
        let (first, last) = (rows.start / 64, (rows.end - 1) / 64);
        let low = u64::MAX << (rows.start % 64);
        let high = u64::MAX >> (63 - (rows.end - 1) % 64);
        if first == last {
            return (self.words[first] & low & high).count_ones() as usize;
        }
        let middle: u32 = self.words[first + 1..last].iter().map(|word| word.count_ones()).sum();
        ((self.words[first] & low).count_ones() + middle + (self.words[last] & high).count_ones())
            as usize
    }

    /// How many rows of the set come before each of these, which ascend.
    pub fn counts_before<'a>(&'a self, ends: &'a [u32]) -> impl Iterator<Item = usize> + 'a {
        let (mut word, mut before) = (0usize, 0usize);
        ends.iter().map(move |end| {
            let end = *end as usize;
            while word < end / 64 {
                before += self.words[word].count_ones() as usize;
                word += 1;
            }
            let rest = end % 64;
            let last = if rest == 0 { 0 } else { self.words[word] & ((1 << rest) - 1) };
            before + last.count_ones() as usize
        })
    }

    /// The rows of the set, ascending.
    pub fn rows(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(nth, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = (left != 0).then(|| left.trailing_zeros())?;
                left &= left - 1;
                Some(nth * 64 + bit as usize)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn bits_are_sets(
            a in prop::collection::btree_set(0..200usize, 0..60),
            b in prop::collection::btree_set(0..200usize, 0..60),
            from in 0..200usize, len in 0..200usize,
        ) {
            let of = |rows: &std::collections::BTreeSet<usize>| {
                let mut bits = Bits::none(200);
                rows.iter().for_each(|row| bits.insert(*row));
                bits
            };
            let range = from..(from + len).min(200);
            let (one, two) = (of(&a), of(&b));
            prop_assert_eq!(one.rows().collect::<Vec<_>>(), a.iter().copied().collect::<Vec<_>>());
            prop_assert_eq!(one.count_in(range.clone()), a.range(range.clone()).count());
            prop_assert_eq!(one.count_both(&two), a.intersection(&b).count());
            let mut ranged = Bits::none(200);
            ranged.insert_range(range.clone());
            prop_assert_eq!(ranged.rows().collect::<Vec<_>>(), range.collect::<Vec<_>>());
            let mut less = one.clone();
            less.and_not(&two);
            prop_assert_eq!(less, of(&a.difference(&b).copied().collect()));
            let ends: Vec<u32> = b.iter().map(|row| *row as u32).chain([200]).collect();
            let before: Vec<usize> = ends.iter().map(|end| a.range(..*end as usize).count()).collect();
            prop_assert_eq!(one.counts_before(&ends).collect::<Vec<_>>(), before);
            let mut odd = one.clone();
            odd.retain(|row| row % 2 == 1);
            prop_assert_eq!(odd, of(&a.iter().copied().filter(|r| r % 2 == 1).collect()));
            let mut pushed = Bits::default();
            (0..200).for_each(|row| pushed.push(a.contains(&row)));
            prop_assert_eq!(pushed, one);
        }
    }

    #[test]
    fn all_holds_no_row_too_many() {
        for len in [0, 1, 63, 64, 65, 128, 130] {
            assert_eq!(Bits::all(len).count(), len);
        }
    }
}
