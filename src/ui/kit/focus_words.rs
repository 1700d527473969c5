//! The filter in words, for the legend and the status bar.

use crate::ui::ctx::Ctx;

/// The filter in words.
pub(crate) fn filter_words(cx: &Ctx<'_>) -> String {
    cx.session.filter.sentence(&cx.session.vocabulary, cx.lang)
}
