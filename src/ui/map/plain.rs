//! The map without shaders of its own: the buildings in sight as triangles of the widgets'
//! painter. For machines whose drivers fail at more; small workspaces only.

use std::collections::HashMap;

use eframe::egui::{Align2, Color32, FontId, Mesh, Rect, Shape, Ui, pos2};

use crate::map::chunks::build_chunk;
use crate::map::style::ClassColours;
use crate::map::{Camera, Chunk, Scene};
use crate::text::Text;
use crate::ui::ctx::Ctx;
use crate::ui::kit::tokens;
use crate::ui::kit::widgets::theme;

/// More buildings than this in sight would stutter: they are not drawn, and that is said.
const MOST_BUILDINGS: usize = 12_000;
/// Chunks that are kept.
const MOST_CHUNKS: usize = 64;

/// The triangles of the chunks seen last.
#[derive(Default)]
pub(crate) struct PlainMap {
    scene_version: u64,
    chunks: HashMap<usize, Chunk>,
}

impl PlainMap {
    /// Paints the buildings in sight.
    pub(crate) fn paint(
        &mut self,
        ui: &Ui,
        cx: &Ctx<'_>,
        rect: Rect,
        (scene, camera): (&Scene, &Camera),
        (states, palette): (&[u8], &[ClassColours]),
    ) {
        let visible: Vec<usize> = scene.chunks.visible(camera.bounds()).collect();
        if self.scene_version != cx.session.scene_version {
            self.chunks.clear();
            self.scene_version = cx.session.scene_version;
        }
        if self.chunks.len() > MOST_CHUNKS {
            self.chunks.retain(|number, _| visible.contains(number));
        }
        let buildings: usize = visible.iter().map(|c| scene.chunks.chunks[*c].count as usize).sum();
        let painter = ui.painter().with_clip_rect(rect);
        if buildings > MOST_BUILDINGS {
            let c = theme(ui);
            let font = FontId::proportional(tokens::BODY);
            let text = cx.t(Text::PlainMapFull);
            painter.text(rect.center(), Align2::CENTER_CENTER, text, font, c.secondary);
            return;
        }
        for number in visible {
            let range = &scene.chunks.chunks[number];
            let chunk =
                self.chunks.entry(number).or_insert_with(|| build_chunk(scene.footprints(), range));
            let first = range.first as usize;
            painter.add(Shape::mesh(mesh(chunk, first, camera, rect, states, palette)));
        }
    }
}

fn mesh(
    chunk: &Chunk,
    first: usize,
    camera: &Camera,
    rect: Rect,
    states: &[u8],
    palette: &[ClassColours],
) -> Mesh {
    let mut mesh = Mesh::default();
    let scale = camera.points_per_world();
    let half = chunk.half_extent * scale / f64::from(i16::MAX);
    let origin = [
        (chunk.origin[0] - camera.center.x) * scale + camera.size[0] / 2.0,
        (chunk.origin[1] - camera.center.y) * scale + camera.size[1] / 2.0,
    ];
    for vertex in &chunk.vertices {
        let x = origin[0] + f64::from(vertex.offset[0]) * half;
        let y = origin[1] + f64::from(vertex.offset[1]) * half;
        let class = states.get(first + usize::from(vertex.feature[0])).copied().unwrap_or(0);
        let [r, g, b, a] = palette.get(usize::from(class)).map_or([0; 4], |class| class.fill);
        let at = pos2(rect.left() + x as f32, rect.top() + y as f32);
        mesh.colored_vertex(at, Color32::from_rgba_unmultiplied(r, g, b, a));
    }
    mesh.indices = chunk.triangles.iter().map(|index| u32::from(*index)).collect();
    mesh
}
