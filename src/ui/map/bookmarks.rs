//! Bookmarks: views of a workspace that somebody gave a name.

use eframe::egui::{self, Ui};

use crate::app::Settings;
use crate::app::settings::Bookmark;
use crate::geo::mercator::{lon_lat_from_world, world_from_lon_lat};
use crate::map::{Camera, Scene};
use crate::text::Text;
use crate::ui::ctx::{Ctx, Wish};

/// A bookmark of a view, named after the nearest estate.
pub(crate) fn of_view(camera: &Camera, scene: &Scene, workspace: &std::path::Path) -> Bookmark {
    let at = lon_lat_from_world(camera.center);
    let nearest = scene.estates.iter().min_by(|a, b| {
        let far = |e: &crate::map::scene::EstateLabel| at.distance_m(e.at);
        far(a).total_cmp(&far(b))
    });
    let name = nearest.map_or_else(|| format!("{:.4}, {:.4}", at.lon, at.lat), |e| e.name.clone());
    Bookmark { workspace: workspace.to_owned(), name, at, zoom: camera.zoom }
}

/// The camera of a bookmark.
pub(crate) fn camera(bookmark: &Bookmark, now: &Camera) -> Camera {
    Camera { center: world_from_lon_lat(bookmark.at), zoom: bookmark.zoom, size: now.size }
}

/// The submenu: the bookmarks of this workspace.
pub(crate) fn menu(ui: &mut Ui, cx: &mut Ctx<'_>) {
    let Some(workspace) = &cx.session.workspace else { return };
    let all = &cx.session.settings.bookmarks;
    let here: Vec<(usize, Bookmark)> = all
        .iter()
        .enumerate()
        .filter(|(_, b)| b.workspace == workspace.path())
        .map(|(index, b)| (index, b.clone()))
        .collect();
    ui.add_enabled_ui(!here.is_empty(), |ui| {
        ui.menu_button(cx.t(Text::Bookmarks), |ui| {
            for (index, bookmark) in here {
                ui.horizontal(|ui| {
                    let button =
                        egui::Button::new(&bookmark.name).min_size(egui::Vec2::new(160.0, 0.0));
                    if ui.add(button).clicked() {
                        cx.wishes.push(Wish::GoTo(bookmark));
                        ui.close();
                    }
                    let remove = ui.small_button("×").on_hover_text(cx.t(Text::RemoveBookmark));
                    if remove.clicked() {
                        let forget = move |s: &mut Settings| {
                            if index < s.bookmarks.len() {
                                s.bookmarks.remove(index);
                            }
                        };
                        cx.wishes.push(Wish::Settings(Box::new(forget)));
                    }
                });
            }
        });
    });
}
