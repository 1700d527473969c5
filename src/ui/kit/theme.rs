//! Fonts and egui styles made from the tokens.

use std::sync::Arc;

use eframe::egui::{
    self, Color32, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, Margin, Stroke,
    TextStyle, Theme, Vec2,
};

use crate::ui::kit::tokens::{self, Colours, colours};

/// Family name of the bold face.
const BOLD: &str = "bold";

/// A bold font of a size.
#[must_use]
pub fn bold(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name(BOLD.into()))
}

/// Installs fonts and both themes on a context.
pub fn install(ctx: &egui::Context) {
    ctx.set_fonts(fonts());
    for (theme, dark) in [(Theme::Light, false), (Theme::Dark, true)] {
        ctx.set_style_of(theme, style(dark));
    }
    ctx.options_mut(|options| {
        options.zoom_with_keyboard = false;
        options.quit_shortcuts.clear();
        // Where the system does not say, paper is light.
        options.fallback_theme = Theme::Light;
    });
}

fn fonts() -> FontDefinitions {
    let mut fonts = FontDefinitions::empty();
    let regular = FontData::from_static(crate::text::fonts::REGULAR);
    let strong = FontData::from_static(crate::text::fonts::BOLD);
    fonts.font_data.insert("regular".into(), Arc::new(regular));
    fonts.font_data.insert(BOLD.into(), Arc::new(strong));
    let plain = vec!["regular".to_owned()];
    fonts.families.insert(FontFamily::Proportional, plain.clone());
    fonts.families.insert(FontFamily::Monospace, plain);
    let both = vec![BOLD.to_owned(), "regular".to_owned()];
    fonts.families.insert(FontFamily::Name(BOLD.into()), both);
    fonts
}

fn style(dark: bool) -> egui::Style {
    let c = colours(dark);
    let mut style = egui::Style {
        text_styles: [
            (TextStyle::Heading, bold(tokens::SECTION)),
            (TextStyle::Body, FontId::proportional(tokens::BODY)),
            (TextStyle::Button, FontId::proportional(tokens::BODY)),
            (TextStyle::Monospace, FontId::proportional(tokens::BODY)),
            (TextStyle::Small, FontId::proportional(tokens::SMALL)),
        ]
        .into(),
        ..egui::Style::default()
    };
    style.spacing.item_spacing = Vec2::new(tokens::GAP, tokens::GAP_SMALL);
    style.spacing.button_padding = Vec2::new(10.0, 4.0);
    style.spacing.interact_size = Vec2::new(28.0, tokens::CONTROL_HEIGHT);
    style.spacing.menu_margin = Margin::same(6);
    style.spacing.window_margin = Margin::same(16);
    style.spacing.scroll = egui::style::ScrollStyle::floating();
    style.interaction.tooltip_delay = 0.35;
    style.interaction.selectable_labels = false;
    style.visuals = visuals(dark, c);
    style
}

fn visuals(dark: bool, c: &Colours) -> egui::Visuals {
    let mut v = if dark { egui::Visuals::dark() } else { egui::Visuals::light() };
    let radius = CornerRadius::same(tokens::RADIUS);
    v.override_text_color = None;
    v.panel_fill = c.panel;
    v.window_fill = c.panel;
    v.window_stroke = Stroke::new(1.0, c.line);
    v.window_corner_radius = CornerRadius::same(10);
    v.menu_corner_radius = CornerRadius::same(8);
    v.extreme_bg_color = c.field;
    v.text_edit_bg_color = Some(c.field);
    v.faint_bg_color = c.hover;
    v.code_bg_color = c.field;
    v.hyperlink_color = c.accent;
    v.warn_fg_color = c.warn;
    v.error_fg_color = c.danger;
    v.weak_text_color = Some(c.secondary);
    v.selection.bg_fill = c.accent_soft;
    v.selection.stroke = Stroke::new(1.0, c.ink);
    v.slider_trailing_fill = true;
    let shadow = Color32::from_black_alpha(if dark { 110 } else { 40 });
    v.window_shadow = egui::Shadow { offset: [0, 8], blur: 28, spread: 0, color: shadow };
    v.popup_shadow = egui::Shadow { offset: [0, 4], blur: 14, spread: 0, color: shadow };
    let widgets = &mut v.widgets;
    widgets.noninteractive.bg_stroke = Stroke::new(1.0, c.line);
    widgets.noninteractive.fg_stroke = Stroke::new(1.0, c.ink);
    widgets.noninteractive.corner_radius = radius;
    for (w, fill, stroke) in [
        (&mut widgets.inactive, c.field, c.edge),
        (&mut widgets.hovered, c.hover, c.ink),
        (&mut widgets.active, c.accent_soft, c.accent),
        (&mut widgets.open, c.hover, c.line),
    ] {
        w.bg_fill = fill;
        w.weak_bg_fill = fill;
        // What the keyboard is on is drawn as active: a ring, and not a hover.
        let width = if stroke == c.accent { 2.0 } else { 1.0 };
        w.bg_stroke = Stroke::new(width, stroke);
        w.fg_stroke = Stroke::new(1.2, c.ink);
        w.corner_radius = radius;
        w.expansion = 0.0;
    }
    v
}
