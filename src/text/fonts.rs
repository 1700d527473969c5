//! The fonts that everything is set in, on the screen and on paper: Noto Sans SC (SIL Open Font License 1.1).

/// The regular face (OpenType, CFF outlines).
pub const REGULAR: &[u8] = include_bytes!("../../assets/fonts/NotoSansSC-Regular.otf");
/// The bold face; it holds fewer signs than the regular one.
pub const BOLD: &[u8] = include_bytes!("../../assets/fonts/NotoSansSC-Bold.otf");
