//! The filter in words, for the legend and the status bar.

use crate::query::Subject;
use crate::text::Text;
use crate::ui::ctx::Ctx;

/// The filter in words.
pub(crate) fn filter_words(cx: &Ctx<'_>) -> String {
    cx.session.filter.sentence(&cx.session.vocabulary, cx.lang)
}

/// What the filter counts: people or rooms.
pub(crate) fn filter_unit(cx: &Ctx<'_>) -> Text {
    match cx.session.focused().map(|focused| focused.answer.subject) {
        Some(Subject::Rooms) => Text::LegendRooms,
        _ => Text::LegendPersons,
    }
}
