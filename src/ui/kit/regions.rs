//! F6: from one part of the window to the next, as the keyboard goes.

use eframe::egui::{Context, Id, Ui};

/// The parts, in the order in which F6 visits them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Region {
    /// The search box.
    Search,
    /// The left panel.
    Left,
    /// The map.
    Map,
    /// The card, or what is on the screen.
    Right,
    /// The result table.
    Results,
}

const ALL: [Region; 5] =
    [Region::Search, Region::Left, Region::Map, Region::Right, Region::Results];

fn key(region: Region) -> Id {
    Id::unique(("region", region))
}

/// Notes where the keyboard enters a part; the first widget of a frame counts.
pub fn note(ui: &Ui, region: Region, widget: Id) {
    let frame = ui.ctx().cumulative_frame_nr();
    ui.data_mut(|data| {
        let noted: Option<(u64, Id)> = data.get_temp(key(region));
        if noted.is_none_or(|(at, _)| at != frame) {
            data.insert_temp(key(region), (frame, widget));
        }
    });
}

/// Moves the keyboard to the next part that is shown, or to the one before.
pub fn go(ctx: &Context, backwards: bool) {
    let last = Id::unique("F6 region");
    let frame = ctx.cumulative_frame_nr();
    let shown: Vec<(usize, Id)> = ALL
        .iter()
        .enumerate()
        .filter_map(|(place, region)| {
            let noted: Option<(u64, Id)> = ctx.data(|data| data.get_temp(key(*region)));
            // Drawn with this frame or the one before.
            noted.filter(|(at, _)| at + 1 >= frame).map(|(_, widget)| (place, widget))
        })
        .collect();
    let at: Option<usize> = ctx.data(|data| data.get_temp(last));
    let next = match (at, backwards) {
        (None, false) => shown.first(),
        (None, true) => shown.last(),
        (Some(at), false) => shown.iter().find(|(place, _)| *place > at).or(shown.first()),
        (Some(at), true) => shown.iter().rev().find(|(place, _)| *place < at).or(shown.last()),
    };
    if let Some((place, widget)) = next {
        ctx.data_mut(|data| data.insert_temp(last, *place));
        ctx.memory_mut(|memory| memory.request_focus(*widget));
    }
}
