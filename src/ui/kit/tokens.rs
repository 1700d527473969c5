//! Design tokens: every colour, size and distance of the window stands here and nowhere else.

use eframe::egui::Color32;

use crate::map::style::{self, BaseColours, ClassColours, Ramp};

/// Distance between unrelated things, points; everything is a multiple of 4.
pub const GAP: f32 = 8.0;
/// Distance between related things.
pub const GAP_SMALL: f32 = 4.0;
/// Inside of a panel.
pub const PANEL_PADDING: i8 = 12;
/// Height of buttons and fields.
pub const CONTROL_HEIGHT: f32 = 28.0;
/// Height of a list row.
pub const ROW_HEIGHT: f32 = 26.0;
/// Height of a row with a second line.
pub const TWO_LINES_HEIGHT: f32 = 42.0;
/// Corners.
pub const RADIUS: u8 = 6;
/// Width of the left panel.
pub const LEFT_WIDTH: f32 = 280.0;
/// Width of the right panel.
pub const RIGHT_WIDTH: f32 = 400.0;
/// Height of the result table.
pub const TABLE_HEIGHT: f32 = 190.0;

/// Text sizes.
pub const TITLE: f32 = 22.0;
/// Section headings.
pub const SECTION: f32 = 16.0;
/// Body.
pub const BODY: f32 = 14.0;
/// Secondary text.
pub const SMALL: f32 = 12.0;
/// Text inside a matrix cell.
pub const CELL: f32 = 11.0;

/// Colours of one theme.
#[derive(Debug, Clone, Copy)]
#[expect(missing_docs, reason = "named by use")]
pub struct Colours {
    pub paper: Color32,
    pub panel: Color32,
    pub field: Color32,
    pub ink: Color32,
    pub secondary: Color32,
    pub line: Color32,
    pub edge: Color32,
    pub hover: Color32,
    pub accent: Color32,
    pub accent_soft: Color32,
    pub on_accent: Color32,
    pub ok: Color32,
    pub warn: Color32,
    pub danger: Color32,
    pub ground: Color32,
    pub grid_border: Color32,
    pub label: Color32,
    pub halo: Color32,
    pub selected: Color32,
    pub selected_casing: Color32,
}

const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

/// Light theme.
pub const LIGHT: Colours = Colours {
    paper: rgb(0xF7_F6F3),
    panel: rgb(0xFF_FFFF),
    field: rgb(0xF3_F2EF),
    ink: rgb(0x1F_2328),
    secondary: rgb(0x59_636E),
    line: rgb(0xD9_DCE0),
    edge: rgb(0x87_8F99),
    hover: rgb(0xEE_F1F5),
    accent: rgb(0x1F_6FEB),
    accent_soft: rgb(0xDD_EBFF),
    on_accent: rgb(0xFF_FFFF),
    ok: rgb(0x1A_7F37),
    warn: rgb(0x9A_6700),
    danger: rgb(0xCF_222E),
    ground: rgb(0xEF_EDE8),
    grid_border: rgb(0x7A_5CC0),
    label: rgb(0x3A_3F45),
    halo: rgb(0xF7_F6F3),
    selected: rgb(0x1F_6FEB),
    selected_casing: rgb(0xFF_FFFF),
};

/// Dark theme.
pub const DARK: Colours = Colours {
    paper: rgb(0x14_171A),
    panel: rgb(0x1C_2024),
    field: rgb(0x26_2B30),
    ink: rgb(0xE6_EAEE),
    secondary: rgb(0x98_A2AD),
    line: rgb(0x2E_343A),
    edge: rgb(0x71_7B86),
    hover: rgb(0x2A_3036),
    accent: rgb(0x58_A6FF),
    accent_soft: rgb(0x1B_3A5C),
    on_accent: rgb(0x0B_1A2B),
    ok: rgb(0x3F_B950),
    warn: rgb(0xD2_9922),
    danger: rgb(0xF8_5149),
    ground: rgb(0x1A_1D20),
    grid_border: rgb(0xA3_8BE0),
    label: rgb(0xC9_D1D9),
    halo: rgb(0x14_171A),
    selected: rgb(0x58_A6FF),
    selected_casing: rgb(0x0B_1A2B),
};

/// The colours of a theme.
#[must_use]
pub const fn colours(dark: bool) -> &'static Colours {
    if dark { &DARK } else { &LIGHT }
}

/// Ramps from few to many: one hue each, told apart by lightness (also in grey).
const fn ramp_steps(ramp: Ramp, dark: bool) -> [u32; style::RAMP_STEPS] {
    match (ramp, dark) {
        (Ramp::Orange, false) => [0xFD_D9A5, 0xFD_B863, 0xF0_8A2C, 0xC9_5A12, 0x8C_3504],
        (Ramp::Orange, true) => [0x5C_3510, 0x8F_4E12, 0xC4_6C1A, 0xF0_9A3E, 0xFF_D08A],
        (Ramp::Blue, false) => [0xC6_DBEF, 0x9E_CAE1, 0x5F_A2CE, 0x2F_77B5, 0x0B_4A8C],
        (Ramp::Blue, true) => [0x1F_3A56, 0x28_5680, 0x35_78AE, 0x5F_A5D8, 0xA9_D5F5],
        (Ramp::Red, false) => [0xFC_C5B3, 0xF9_9B80, 0xEA_6450, 0xC5_2F2F, 0x84_0F1E],
        (Ramp::Red, true) => [0x5A_2420, 0x8C_312B, 0xC2_4A3E, 0xEE_7B66, 0xFF_BFAE],
        (Ramp::Purple, false) => [0xDA_DAEB, 0xBC_BDDC, 0x95_8FC4, 0x70_59AB, 0x4A_2483],
        (Ramp::Purple, true) => [0x33_2D4D, 0x4D_4277, 0x6D_60A3, 0x98_8ACD, 0xCB_C3EC],
    }
}

/// Colour of a step of the focus ramp.
#[must_use]
pub fn ramp(dark: bool, step: usize) -> Color32 {
    ramp_of(Ramp::Orange, dark, step)
}

/// Colour of a step of a ramp.
#[must_use]
pub fn ramp_of(ramp: Ramp, dark: bool, step: usize) -> Color32 {
    rgb(ramp_steps(ramp, dark)[step.min(style::RAMP_STEPS - 1)])
}

/// Fills of the groups of uses (`style::USE_KINDS`), told apart by the colour-blind too (after
/// Okabe and Ito, muted for a map).
const fn use_fills(dark: bool) -> [u32; style::USE_GROUPS] {
    if dark {
        [0x8A_7A4A, 0x9A_6A3C, 0xA6_5648, 0x4E_7FA8, 0x75_6A8C, 0x4B_8C78, 0x4A_4F55]
    } else {
        [0xE8_D9A0, 0xE3_B477, 0xD9_8C7A, 0x86_B4D8, 0xB0_A3C9, 0x83_C2AC, 0xD5_D2CB]
    }
}

/// How much louder than its neighbours a building of the first focus step is in a cell, so that
/// one such house in a quarter still shows from afar.
const FOCUS_WEIGHT: f32 = 2.5;

/// Colours of the map's style classes, by class number.
#[must_use]
pub fn map_palette(dark: bool, ramp: Ramp) -> Vec<ClassColours> {
    // From afar, a cell is mostly ground: its colour is stronger than a building's own.
    let ink = colours(dark).ink;
    let class = |fill: u32, outline: u32| ClassColours {
        fill: rgb(fill).to_array(),
        outline: rgb(outline).to_array(),
        shadow: shadow(dark, 1.0),
        cell: rgb(outline).lerp_to_gamma(ink, 0.2).to_array(),
        weight: 1.0,
    };
    let count = style::PLAIN as usize + style::PLAIN_KINDS * style::PLAIN_BANDS;
    let mut classes = vec![ClassColours::default(); count];
    for (place, class) in classes[style::PLAIN as usize..].iter_mut().enumerate() {
        *class = plain_colours(dark, place / style::PLAIN_BANDS, place % style::PLAIN_BANDS);
    }
    classes[style::RAMP_NONE as usize] =
        if dark { class(0x2A_2E33, 0x48_4F57) } else { class(0xDF_DBD3, 0xBD_B7AB) };
    for step in 0..style::RAMP_STEPS {
        let fill = ramp_of(ramp, dark, step);
        let edge = fill.lerp_to_gamma(if dark { Color32::WHITE } else { Color32::BLACK }, 0.25);
        classes[style::RAMP_FIRST as usize + step] = ClassColours {
            fill: fill.to_array(),
            outline: edge.to_array(),
            shadow: shadow(dark, 1.0),
            cell: fill.to_array(),
            weight: FOCUS_WEIGHT * (1.0 + step as f32),
        };
    }
    for (group, hex) in use_fills(dark).into_iter().enumerate() {
        let fill = rgb(hex);
        let edge = fill.lerp_to_gamma(ink, 0.3);
        classes[style::USE_FIRST as usize + group] = ClassColours {
            fill: fill.to_array(),
            outline: edge.to_array(),
            shadow: shadow(dark, 1.0),
            cell: fill.lerp_to_gamma(ink, 0.1).to_array(),
            weight: 1.0,
        };
    }
    select_classes(&mut classes, colours(dark).accent);
    classes
}

/// One of the steps of a building's shadow; the strength is 1 for a house of usual height.
fn shadow(dark: bool, strength: f32) -> [u8; 4] {
    let [r, g, b, alpha] = if dark { [0, 0, 0, 66] } else { [40, 34, 24, 24] };
    [r, g, b, (f32::from(alpha) * strength) as u8]
}

/// A building without a theme: its kind gives the hue, its height the shade. All of them stand off
/// the ground by 1.6 : 1 at least, and their outlines by 2 : 1.
fn plain_colours(dark: bool, group: usize, band: usize) -> ClassColours {
    const SHADE: f32 = 0.055;
    let hues: [u32; style::PLAIN_KINDS] = if dark {
        [0x48_4D52, 0x5A_4A40, 0x3C_5249, 0x45_4A5C]
    } else {
        [0xC1_BAAD, 0xD3_AD97, 0xA8_BDB1, 0xB0_B6C9]
    };
    let (end, ink) = if dark { (Color32::WHITE, 0.22) } else { (Color32::BLACK, 0.34) };
    let fill = rgb(hues[group]).lerp_to_gamma(end, SHADE * band as f32);
    let outline = fill.lerp_to_gamma(colours(dark).ink, ink);
    ClassColours {
        fill: fill.to_array(),
        outline: outline.to_array(),
        shadow: shadow(dark, 0.6 + 0.25 * band as f32),
        // From afar, a cell is mostly ground: its colour is stronger than a building's own.
        cell: outline.to_array(),
        weight: 1.0,
    }
}

/// Adds the classes of selected buildings: tinted, and loud enough to be seen from afar.
fn select_classes(classes: &mut Vec<ClassColours>, accent: Color32) {
    const TINT: f32 = 0.55;
    const LEAST_WEIGHT: f32 = 6.0;
    let plain = classes.clone();
    classes.resize(usize::from(style::SELECTED), ClassColours::default());
    classes.extend(plain.into_iter().map(|class| {
        let [r, g, b, a] = class.fill;
        if a == 0 {
            return class;
        }
        ClassColours {
            fill: Color32::from_rgb(r, g, b).lerp_to_gamma(accent, TINT).to_array(),
            outline: accent.to_array(),
            shadow: class.shadow,
            cell: accent.to_array(),
            weight: class.weight.max(LEAST_WEIGHT),
        }
    }));
}

/// Colours of the basemap.
#[must_use]
pub fn base_colours(dark: bool) -> BaseColours {
    let [water, green, railway, path, road, main, greatest] = if dark {
        [0x1C_2F3D, 0x1D_2A20, 0x3A_3F45, 0x22_262A, 0x2A_2F34, 0x31_373D, 0x3B_4249]
    } else {
        [0xCF_E2EE, 0xDD_E8D3, 0xC4_C0B8, 0xF6_F4F0, 0xFF_FFFF, 0xFF_FFFF, 0xFF_FDF6]
    };
    let classes = [water, green, water, railway, path, road, main, greatest];
    BaseColours { classes: classes.map(|hex| rgb(hex).to_array()) }
}

/// A tag's colour from its `#RRGGBB`; secondary grey for anything else.
#[must_use]
pub fn tag_colour(hex: &str, dark: bool) -> Color32 {
    let value = hex.strip_prefix('#').and_then(|h| u32::from_str_radix(h, 16).ok());
    let Some(value) = value else { return colours(dark).secondary };
    if dark { rgb(value).lerp_to_gamma(Color32::WHITE, 0.3) } else { rgb(value) }
}

/// Colour of a room status (`room_status` key) in the matrix: background.
#[must_use]
pub fn status_colour(status: i64, dark: bool) -> Color32 {
    match (status, dark) {
        (1, false) => rgb(0xDD_F0E2),
        (1, true) => rgb(0x1D_3B28),
        (2, false) => rgb(0xDD_E8F8),
        (2, true) => rgb(0x1C_3350),
        (3, false) => rgb(0xF3_F2EF),
        (3, true) => rgb(0x23_272B),
        (4 | 5, false) => rgb(0xFB_E6CF),
        (4 | 5, true) => rgb(0x4A_3418),
        (_, false) => rgb(0xEB_E6F5),
        (_, true) => rgb(0x2F_2A40),
    }
}

/// A colour for text on a ground: mixed with ink until it reaches 4.5 : 1 (WCAG 2.1, 1.4.3).
#[must_use]
pub fn readable(colour: Color32, ground: Color32, ink: Color32) -> Color32 {
    const LEAST: f32 = 4.5;
    const STEPS: u8 = 10;
    (0..=STEPS)
        .map(|step| colour.lerp_to_gamma(ink, f32::from(step) / f32::from(STEPS)))
        .find(|mixed| contrast(*mixed, ground) >= LEAST)
        .unwrap_or(ink)
}

/// Relative luminance contrast of two colours (WCAG 2.1), 1‥21.
#[must_use]
pub fn contrast(a: Color32, b: Color32) -> f32 {
    let luminance = |c: Color32| {
        let linear = |v: u8| {
            let v = f32::from(v) / 255.0;
            if v <= 0.040_45 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(c.r()) + 0.7152 * linear(c.g()) + 0.0722 * linear(c.b())
    };
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_readable() {
        for c in [LIGHT, DARK] {
            for text in [c.ink, c.secondary, c.accent, c.ok, c.warn, c.danger] {
                assert!(contrast(text, c.panel) >= 4.5, "{text:?} on {:?}", c.panel);
            }
            assert!(contrast(c.on_accent, c.accent) >= 4.5);
            assert!(contrast(c.label, c.ground) >= 4.5);
            // Edges of boxes and fields, and the ring of the keyboard (WCAG 2.1, 1.4.11).
            assert!(contrast(c.edge, c.panel) >= 3.0 && contrast(c.accent, c.panel) >= 3.0);
        }
    }

    #[test]
    fn buildings_stand_off_the_ground() {
        for dark in [false, true] {
            let ground = colours(dark).ground;
            let colour = |[r, g, b, _]: [u8; 4]| Color32::from_rgb(r, g, b);
            let palette = map_palette(dark, Ramp::Orange);
            for class in
                &palette[style::PLAIN as usize..][..style::PLAIN_KINDS * style::PLAIN_BANDS]
            {
                let fill = contrast(colour(class.fill), ground);
                let outline = contrast(colour(class.outline), ground);
                assert!(fill >= 1.6 && outline >= 2.0, "{class:?}: {fill} {outline}");
            }
        }
    }

    #[test]
    fn text_is_mixed_with_ink_until_it_reads() {
        for c in [LIGHT, DARK] {
            for hex in ["#FFD700", "#2DA44E", "#CF222E", "#888888", "#F5F5F5"] {
                let colour = tag_colour(hex, c.panel == DARK.panel);
                let ground = c.panel.lerp_to_gamma(colour, 0.14);
                assert!(contrast(readable(colour, ground, c.ink), ground) >= 4.5, "{hex}");
            }
        }
    }

    #[test]
    fn ramp_rises_in_grey() {
        let ramps = [Ramp::Orange, Ramp::Blue, Ramp::Red, Ramp::Purple];
        for (dark, ramp) in ramps.into_iter().flat_map(|r| [(false, r), (true, r)]) {
            let grey: Vec<f32> = (0..style::RAMP_STEPS)
                .map(|s| contrast(ramp_of(ramp, dark, s), colours(dark).ground))
                .collect();
            assert!(grey.windows(2).all(|w| w[0] < w[1]), "{grey:?}");
            assert!(grey[style::RAMP_STEPS - 1] >= 3.0);
        }
    }
}
