//! Chunks as bytes, as they are kept in the file: little-endian columns one after another, a checksum at the end.
//! What is read back is looked at as something a stranger may have written.

use super::bits::Bits;
use super::chunk::{Chunk, Residents, Rooms};
use crate::derived::bytes::{
    put_f32, put_len, put_u8, put_u16, put_u32, put_u64, sealed, take_f32, take_len, take_u8,
    take_u16, take_u32, take_u64, unsealed,
};
use crate::store::id_column::IdColumn;

/// First byte of every chunk; another one is another layout.
const LAYOUT: u8 = 1;

fn take_bits(bytes: &mut &[u8], len: usize) -> Option<Bits> {
    Bits::of_words(take_u64(bytes)?, len)
}

/// Whether ends never fall, and the last one is the number of rows.
fn are_ends(ends: &[u32], rows: usize) -> bool {
    ends.is_sorted() && ends.last().map_or(0, |last| *last as usize) == rows
}

impl Chunk {
    /// The chunk as bytes.
    pub(super) fn encode(&self) -> Vec<u8> {
        let (rooms, people) = (&self.rooms, &self.residents);
        let mut bytes = Vec::with_capacity(self.bytes() + 256);
        bytes.push(LAYOUT);
        put_u32(&mut bytes, &self.rooms_end);
        put_u32(&mut bytes, &self.residents_end);
        rooms.ids.encode(&mut bytes);
        put_u8(&mut bytes, &rooms.kinds);
        put_u8(&mut bytes, &rooms.statuses);
        put_f32(&mut bytes, &rooms.areas_m2);
        put_u16(&mut bytes, &rooms.verified);
        put_u32(&mut bytes, &rooms.residents_end);
        people.ids.encode(&mut bytes);
        put_u16(&mut bytes, &people.births);
        put_u16(&mut bytes, &people.verified);
        for column in [
            &people.sexes,
            &people.population_types,
            &people.relations,
            &people.roles,
            &people.household_matches,
        ] {
            put_u8(&mut bytes, column);
        }
        put_u16(&mut bytes, &people.reviews);
        put_u64(&mut bytes, people.alone.words());
        put_u64(&mut bytes, people.has_homes.words());
        put_len(&mut bytes, people.tags.len());
        for (tag, bits) in &people.tags {
            bytes.extend_from_slice(&tag.to_le_bytes());
            put_u64(&mut bytes, bits.words());
        }
        sealed(bytes)
    }

    /// The chunk that bytes hold; `None` where they are none, or it does not add up. `tags` is how many
    /// tags the vocabulary has.
    pub(super) fn decode(bytes: &[u8], tags: usize) -> Option<Self> {
        let mut bytes = unsealed(bytes)?;
        let bytes = &mut bytes;
        if *bytes.split_off_first()? != LAYOUT {
            return None;
        }
        let (rooms_end, residents_end) = (take_u32(bytes)?, take_u32(bytes)?);
        let rooms = Rooms {
            ids: IdColumn::decode(bytes)?,
            kinds: take_u8(bytes)?,
            statuses: take_u8(bytes)?,
            areas_m2: take_f32(bytes)?,
            verified: take_u16(bytes)?,
            residents_end: take_u32(bytes)?,
        };
        let ids = IdColumn::decode(bytes)?;
        let len = ids.len();
        let mut residents = Residents {
            ids,
            births: take_u16(bytes)?,
            verified: take_u16(bytes)?,
            sexes: take_u8(bytes)?,
            population_types: take_u8(bytes)?,
            relations: take_u8(bytes)?,
            roles: take_u8(bytes)?,
            household_matches: take_u8(bytes)?,
            reviews: take_u16(bytes)?,
            alone: take_bits(bytes, len)?,
            has_homes: take_bits(bytes, len)?,
            tags: Vec::new(),
        };
        for _ in 0..take_len(bytes)? {
            let tag = u16::from_le_bytes(bytes.split_off(..2)?.try_into().ok()?);
            let is_next = residents.tags.last().is_none_or(|(before, _)| *before < tag);
            if !is_next || usize::from(tag) >= tags {
                return None;
            }
            residents.tags.push((tag, take_bits(bytes, len)?));
        }
        let chunk = Self { rooms_end, residents_end, rooms, residents };
        (bytes.is_empty() && chunk.adds_up()).then_some(chunk)
    }

    fn adds_up(&self) -> bool {
        let (rooms, people) = (&self.rooms, &self.residents);
        let (rows, persons) = (rooms.ids.len(), people.ids.len());
        let room_columns = [
            rooms.kinds.len(),
            rooms.statuses.len(),
            rooms.areas_m2.len(),
            rooms.verified.len(),
            rooms.residents_end.len(),
        ];
        let columns = [
            people.births.len(),
            people.verified.len(),
            people.sexes.len(),
            people.population_types.len(),
            people.relations.len(),
            people.roles.len(),
            people.household_matches.len(),
        ];
        let buildings = self.rooms_end.iter().zip(&self.residents_end);
        // A building ends where its last room does.
        let ends_agree = buildings.clone().all(|(rooms_end, residents_end)| {
            let last = (*rooms_end as usize).checked_sub(1);
            last.map_or(0, |last| rooms.residents_end.get(last).copied().unwrap_or(u32::MAX))
                == *residents_end
        });
        room_columns.iter().all(|len| *len == rows)
            && columns.iter().all(|len| *len == persons)
            && (people.reviews.is_empty() || people.reviews.len() == persons)
            && self.rooms_end.len() == self.residents_end.len()
            && are_ends(&self.rooms_end, rows)
            && are_ends(&self.residents_end, persons)
            && are_ends(&rooms.residents_end, persons)
            && ends_agree
            && people.sexes.iter().all(|sex| *sex <= 3)
    }
}
