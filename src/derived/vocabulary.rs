//! The code lists and tags of a workspace, as most answers need them.

use crate::domain::Lang;
use crate::domain::codes::CodeLists;
use crate::domain::ids::TagId;
use crate::store::{Connection, Result, lookup};

/// A tag as lists and matrices need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// Row id.
    pub tag_id: TagId,
    /// Stable English word.
    pub code: String,
    /// Chinese label.
    pub zh: String,
    /// English label.
    pub en: String,
    /// `#RRGGBB`.
    pub colour: String,
    /// One character.
    pub glyph: String,
}

impl Tag {
    /// The label in a language.
    #[must_use]
    pub fn label(&self, lang: Lang) -> &str {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }
}

/// What most answers need: the vocabularies and the tags, read once per workspace.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    /// Code lists.
    pub lists: CodeLists,
    /// Tags in display order.
    pub tags: Vec<Tag>,
}

impl Vocabulary {
    /// Reads the workspace's own lists.
    ///
    /// # Errors
    /// SQLite's errors.
    pub fn read(conn: &Connection) -> Result<Self> {
        let mut select =
            conn.prepare("SELECT tag_id, code, zh, en, colour, glyph FROM tag ORDER BY ord")?;
        let tags = select.query_map([], |row| {
            Ok(Tag {
                tag_id: row.get(0)?,
                code: row.get(1)?,
                zh: row.get(2)?,
                en: row.get(3)?,
                colour: row.get(4)?,
                glyph: row.get(5)?,
            })
        })?;
        Ok(Self {
            tags: tags.collect::<std::result::Result<_, _>>()?,
            lists: lookup::code_lists(conn)?,
        })
    }

    /// The tag a code or label means.
    #[must_use]
    pub fn find_tag(&self, text: &str) -> Option<&Tag> {
        let wanted = crate::domain::fold(text);
        self.tags.iter().find(|t| {
            [&t.code, &t.zh, &t.en].into_iter().any(|name| crate::domain::fold(name) == wanted)
        })
    }

    /// Position of a tag in [`Vocabulary::tags`].
    #[must_use]
    pub fn tag_position(&self, tag_id: TagId) -> Option<usize> {
        self.tags.iter().position(|t| t.tag_id == tag_id)
    }
}
