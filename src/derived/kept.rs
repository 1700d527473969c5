//! Derived data in the file, so that a large workspace opens without reading its tables.
//!
//! What is kept is true as of an audit entry. Whoever opens it brings it up to date with the commits since, as a
//! window does that was open meanwhile; where those are not known any more, it reads everything. A commit that is
//! too large for being patched takes the head away, and what another program has edited makes it worth nothing.

use super::bytes::{put_numbers, sealed, take_numbers, unsealed};
use super::census::Census;
use super::totals::Totals;
use super::vocabulary::Vocabulary;
use crate::access::{AuditEntry, Stamp};
use crate::domain::ids::TagId;
use crate::msg;
use crate::store::changes::{self, ChangeSet, News};
use crate::store::derived_chunks::{self, State};
use crate::store::{Connection, Result, Workspace};
use crate::text::Message;

/// Rooms and residents from which a scan takes so long that keeping its result is worth it.
pub const WORTH_KEEPING: usize = 200_000;

/// What is kept in a file, before its chunks are read.
pub struct Kept {
    state: State,
    head: Census,
    totals: Totals,
}

impl Kept {
    /// What a file keeps, if it can be used with this vocabulary.
    ///
    /// # Errors
    /// SQLite's errors.
    pub fn find(conn: &Connection, vocabulary: &Vocabulary) -> Result<Option<Self>> {
        let Some(state) = derived_chunks::state(conn)? else { return Ok(None) };
        let read = read_head(&state.body, vocabulary);
        Ok(read.map(|(head, totals)| Self { state, head, totals }))
    }

    /// The commits since it was kept; `None` where they are not known.
    fn commits(&self, conn: &Connection) -> Result<Option<(i64, Vec<ChangeSet>)>> {
        let (last, news) = changes::news(conn, self.state.seq)?;
        Ok(match news {
            News::Nothing => Some((last, Vec::new())),
            News::Changes(commits) => Some((last, commits)),
            News::Unknown => None,
        })
    }

    /// The totals as of now, and the last audit entry they know; `None` where they must be counted.
    ///
    /// # Errors
    /// SQLite's errors.
    pub fn totals(&self, conn: &Connection) -> Result<Option<(Totals, i64)>> {
        let Some((last, commits)) = self.commits(conn)? else { return Ok(None) };
        let mut totals = self.totals.clone();
        for commit in &commits {
            if !totals.patch(conn, commit)? {
                return Ok(None);
            }
        }
        Ok(Some((totals, last)))
    }

    /// Rooms and residents as of now; `None` where they must be read.
    ///
    /// # Errors
    /// SQLite's errors.
    pub fn census(self, conn: &Connection, vocabulary: &Vocabulary) -> Result<Option<Census>> {
        let Some((_, commits)) = self.commits(conn)? else { return Ok(None) };
        let (tags, wanted) = (vocabulary.tags.len(), self.state.chunks);
        let mut census = self.head;
        let mut is_whole = true;
        derived_chunks::each_chunk(conn, |number, bytes| {
            is_whole = is_whole && census.take_chunk(number, bytes, tags);
            Ok(())
        })?;
        if !is_whole || !census.is_complete(wanted) {
            return Ok(None);
        }
        for commit in &commits {
            if !commit.is_small() || !census.patch(conn, vocabulary, commit)? {
                return Ok(None);
            }
        }
        census.kept = Some(self.state.seq);
        Ok(Some(census))
    }
}

/// Rooms and residents: from what the file keeps, or from its tables.
///
/// # Errors
/// A table that cannot be read.
pub fn census(conn: &Connection, vocabulary: &Vocabulary) -> Result<Census> {
    if let Some(kept) = Kept::find(conn, vocabulary)?
        && let Some(census) = kept.census(conn, vocabulary)?
    {
        return Ok(census);
    }
    Census::read(conn, vocabulary)
}

/// Layout of the head.
const LAYOUT: u8 = 1;

fn read_head(body: &[u8], vocabulary: &Vocabulary) -> Option<(Census, Totals)> {
    let mut bytes = unsealed(body)?;
    let bytes = &mut bytes;
    if *bytes.split_off_first()? != LAYOUT {
        return None;
    }
    // Tags stand in the chunks by their place in the vocabulary.
    let tags = take_numbers(bytes)?;
    if !tags.into_iter().map(TagId).eq(vocabulary.tags.iter().map(|tag| tag.tag_id)) {
        return None;
    }
    let totals = Totals::of_numbers(&take_numbers(bytes)?)?;
    let head = Census::decode_head(bytes)?;
    bytes.is_empty().then_some((head, totals))
}

fn head(census: &Census, totals: &Totals, vocabulary: &Vocabulary) -> Vec<u8> {
    let mut bytes = vec![LAYOUT];
    put_numbers(&mut bytes, vocabulary.tags.iter().map(|tag| tag.tag_id.0));
    put_numbers(&mut bytes, totals.numbers().into_iter());
    census.encode_head(&mut bytes);
    sealed(bytes)
}

/// Keeps derived data in the file, as of the audit entry `seq`: the chunks that changed since it was kept last, or
/// all of them where the file keeps something else. Returns the number under which it is known now.
///
/// # Errors
/// The workspace cannot be written to, or somebody else writes; SQLite's errors.
pub fn keep(
    workspace: &Workspace,
    census: &Census,
    totals: &Totals,
    vocabulary: &Vocabulary,
    (seq, stamp): (i64, &Stamp),
) -> Result<i64> {
    workspace.write_now(stamp, |tx| {
        let before = derived_chunks::state(tx)?.map(|state| state.seq);
        let goes_on = before.is_some() && before == census.kept;
        let mut written = 0;
        for (number, chunk) in census.encoded(goes_on) {
            derived_chunks::put_chunk(tx, number, &chunk)?;
            written += 1;
        }
        let chunks = census.chunks().count();
        let body = head(census, totals, vocabulary);
        derived_chunks::put_state(tx, &State { seq, chunks, body })?;
        let entry = AuditEntry::done(changes::KEEP, "workspace")
            .with_fields(format!("chunks {written} of {chunks}"));
        Ok((seq, entry))
    })
}

/// Reads everything that is derived, as of one moment, and keeps it in the file.
///
/// # Errors
/// A table that cannot be read; as [`keep`].
pub fn make(workspace: &Workspace, vocabulary: &Vocabulary, stamp: &Stamp) -> Result<()> {
    let reader = workspace.scanner()?;
    let (seq, census, totals) = {
        let tx = reader.unchecked_transaction()?;
        let (seq, _) = changes::news(&tx, 0)?;
        (seq, Census::read(&tx, vocabulary)?, Totals::read(&tx)?)
    };
    keep(workspace, &census, &totals, vocabulary, (seq, stamp))?;
    Ok(())
}

/// Holds what a file keeps against its tables: how many buildings were looked at, and what is wrong.
///
/// # Errors
/// A table that cannot be read.
pub fn check(conn: &Connection, vocabulary: &Vocabulary) -> Result<(u64, Vec<Message>)> {
    let Some(kept) = Kept::find(conn, vocabulary)? else { return Ok((0, Vec::new())) };
    let mut findings = Vec::new();
    let (totals, census) = (kept.totals(conn)?, kept.census(conn, vocabulary)?);
    // What cannot be brought up to date is read anew by whoever needs it.
    let (Some((totals, _)), Some(census)) = (totals, census) else { return Ok((0, findings)) };
    if totals != Totals::read(conn)? {
        findings.push("the totals that are kept are not those of the tables".into());
    }
    if let Some(building_id) = census.difference(&Census::read(conn, vocabulary)?) {
        findings.push(msg!(
            "rooms or residents of building {} are kept otherwise than they stand",
            building_id.0
        ));
    }
    Ok((census.building_ids().len() as u64, findings))
}
