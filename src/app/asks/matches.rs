//! A list that was matched.

use std::sync::Arc;

use crate::app::ask::Query;
use crate::app::desk::{Desk, told};
use crate::domain::ids::MatchJobId;
use crate::query::match_result::{MatchLine, match_lines};
use crate::store::match_jobs::{self, Job};
use crate::text::Message;

/// A list that is to be matched.
#[derive(Debug, Clone)]
pub struct MatchOrder {
    /// The list.
    pub path: std::path::PathBuf,
    /// What for.
    pub purpose: String,
    /// The law or order that allows it.
    pub legal_basis: String,
    /// After how many days list and result are deleted.
    pub days: i64,
}

/// A list and its result.
#[derive(Debug, Clone)]
pub struct MatchView {
    /// What is known of the list.
    pub job: Job,
    /// Its rows.
    pub lines: Arc<[MatchLine]>,
}

/// A list that was matched; `None` where it is gone.
pub struct AskMatchJob(pub MatchJobId);

impl Query for AskMatchJob {
    type Answer = Option<MatchView>;
    fn answer(self, desk: &mut Desk, _: &dyn Fn(Self::Answer)) -> Result<Self::Answer, Message> {
        let Some(job) = told(match_jobs::job_of(&desk.reader, self.0))? else { return Ok(None) };
        let lines = match_lines(&desk.reader, &desk.vocabulary, self.0, desk.today);
        Ok(Some(MatchView { job, lines: told(lines)?.into() }))
    }
}
