//! The commands of menus, shortcuts and buttons: one closed list.

use crate::text::Text;

/// A key with its modifiers, as text that the window turns into its own type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Shortcut {
    /// Ctrl (⌘ on a Mac).
    pub command: bool,
    /// Shift.
    pub shift: bool,
    /// Name of the key: `N`, `F9`, `Plus`, `Home`.
    pub key: &'static str,
}

const fn ctrl(key: &'static str) -> Option<Shortcut> {
    Some(Shortcut { command: true, shift: false, key })
}

const fn plain(key: &'static str) -> Option<Shortcut> {
    Some(Shortcut { command: false, shift: false, key })
}

/// A command without arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each command's text says what it does")]
pub enum UiCommand {
    NewWorkspace,
    OpenWorkspace,
    OpenSample,
    SaveCopy,
    ChangePassphrase,
    Import,
    PastImports,
    Undo,
    Redo,
    PastDeeds,
    Review,
    MatchList,
    FillForm,
    AddRaster,
    Extract,
    ExportView,
    CopyView,
    Quit,
    Search,
    Work,
    ReportEvent,
    Figures,
    FitAll,
    FitSelection,
    ZoomIn,
    ZoomOut,
    PreviousView,
    NextView,
    AddBookmark,
    Measure,
    SelectRectangle,
    SelectPolygon,
    SelectCircle,
    SelectGrid,
    TogglePanels,
    ToggleTable,
    ToggleTheme,
    SwitchLanguage,
    UiLarger,
    UiSmaller,
    UiReset,
    Back,
    ClearFocus,
    Palette,
    About,
    Keys,
}

impl UiCommand {
    /// Every command.
    pub const ALL: [Self; 46] = [
        Self::NewWorkspace,
        Self::OpenWorkspace,
        Self::OpenSample,
        Self::SaveCopy,
        Self::ChangePassphrase,
        Self::Import,
        Self::PastImports,
        Self::Undo,
        Self::Redo,
        Self::PastDeeds,
        Self::Review,
        Self::MatchList,
        Self::FillForm,
        Self::AddRaster,
        Self::Extract,
        Self::ExportView,
        Self::CopyView,
        Self::Quit,
        Self::Search,
        Self::Work,
        Self::ReportEvent,
        Self::Figures,
        Self::FitAll,
        Self::FitSelection,
        Self::ZoomIn,
        Self::ZoomOut,
        Self::PreviousView,
        Self::NextView,
        Self::AddBookmark,
        Self::Measure,
        Self::SelectRectangle,
        Self::SelectPolygon,
        Self::SelectCircle,
        Self::SelectGrid,
        Self::TogglePanels,
        Self::ToggleTable,
        Self::ToggleTheme,
        Self::SwitchLanguage,
        Self::UiLarger,
        Self::UiSmaller,
        Self::UiReset,
        Self::Back,
        Self::ClearFocus,
        Self::Palette,
        Self::About,
        Self::Keys,
    ];

    /// Text and shortcut.
    #[must_use]
    pub const fn describe(self) -> (Text, Option<Shortcut>) {
        match self {
            Self::NewWorkspace => (Text::NewWorkspace, ctrl("N")),
            Self::OpenWorkspace => (Text::OpenWorkspace, ctrl("O")),
            Self::OpenSample => (Text::OpenSample, None),
            Self::SaveCopy => {
                (Text::SaveCopy, Some(Shortcut { command: true, shift: true, key: "S" }))
            }
            Self::ChangePassphrase => (Text::ChangePassphrase, None),
            Self::Import => (Text::ImportFile, ctrl("I")),
            Self::PastImports => (Text::PastImports, None),
            Self::Undo => (Text::Undo, ctrl("Z")),
            Self::Redo => (Text::Redo, ctrl("Y")),
            Self::PastDeeds => (Text::PastDeeds, ctrl("H")),
            Self::Review => (Text::Review, ctrl("R")),
            Self::MatchList => (Text::MatchList, None),
            Self::FillForm => (Text::FillForm, None),
            Self::AddRaster => (Text::AddRaster, None),
            Self::Extract => (Text::Extract, ctrl("E")),
            Self::ExportView => {
                (Text::ExportView, Some(Shortcut { command: true, shift: true, key: "E" }))
            }
            Self::CopyView => {
                (Text::CopyView, Some(Shortcut { command: true, shift: true, key: "C" }))
            }
            Self::Quit => (Text::Quit, ctrl("Q")),
            Self::Search => (Text::Search, ctrl("F")),
            Self::Work => (Text::MyWork, ctrl("Num1")),
            Self::ReportEvent => (Text::ReportEvent, ctrl("J")),
            Self::Figures => (Text::AllFigures, plain("F4")),
            Self::FitAll => (Text::FitAll, plain("Home")),
            Self::FitSelection => (Text::FitSelection, plain("End")),
            Self::ZoomIn => (Text::ZoomIn, None),
            Self::ZoomOut => (Text::ZoomOut, None),
            Self::PreviousView => (Text::PreviousView, plain("OpenBracket")),
            Self::NextView => (Text::NextView, plain("CloseBracket")),
            Self::AddBookmark => (Text::AddBookmark, ctrl("B")),
            Self::Measure => (Text::Measure, ctrl("M")),
            Self::SelectRectangle => (Text::SelectRectangle, plain("R")),
            Self::SelectPolygon => (Text::SelectPolygon, plain("P")),
            Self::SelectCircle => (Text::SelectCircle, plain("C")),
            Self::SelectGrid => (Text::SelectGrid, plain("G")),
            Self::TogglePanels => (Text::TogglePanels, plain("F9")),
            Self::ToggleTable => (Text::ToggleTable, plain("F10")),
            Self::ToggleTheme => (Text::ToggleTheme, ctrl("D")),
            Self::SwitchLanguage => (Text::SwitchLanguage, ctrl("L")),
            Self::UiLarger => (Text::UiLarger, ctrl("Plus")),
            Self::UiSmaller => (Text::UiSmaller, ctrl("Minus")),
            Self::UiReset => (Text::UiReset, ctrl("Num0")),
            Self::Back => (Text::Back, None),
            Self::ClearFocus => (Text::ClearAll, None),
            Self::Palette => (Text::Palette, ctrl("K")),
            Self::About => (Text::About, None),
            Self::Keys => (Text::Keys, plain("F1")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn shortcuts_do_not_clash() {
        let mut seen = HashSet::new();
        for command in UiCommand::ALL {
            if let (_, Some(shortcut)) = command.describe() {
                assert!(seen.insert(shortcut), "{command:?} clashes");
            }
        }
        assert_eq!(UiCommand::ALL.iter().collect::<HashSet<_>>().len(), UiCommand::ALL.len());
    }
}
