//! Remembers which graphics driver broke off while the window was opening, so that the next
//! start takes another one.
//!
//! A note is written before the driver is touched and taken back once a few frames have been
//! drawn. A driver that kills the program leaves the note behind. Whoever names a driver gets it,
//! note or not; removing the file forgets everything.

use std::path::{Path, PathBuf};

/// The drivers that are tried, by their names on the command line: the best first, and at last
/// one that asks nothing of the map's own drawing.
const ORDER: [&str; 4] = ["auto", "gl", "cpu", "none"];

/// The note.
#[derive(Debug)]
pub struct StartGuard {
    path: PathBuf,
    failed: Vec<String>,
    chosen: &'static str,
}

/// Where the note lies; `None` without a home folder.
#[must_use]
pub fn path() -> Option<PathBuf> {
    use etcetera::BaseStrategy as _;
    let base = etcetera::choose_base_strategy().ok()?;
    let folder = base.state_dir().unwrap_or_else(|| base.data_dir());
    Some(folder.join("menpai").join("graphics.txt"))
}

impl StartGuard {
    /// Reads the note of the start before, chooses a driver and notes that it is being tried.
    #[must_use]
    pub fn begin(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        // "starting X" left behind means that X never got so far as to draw.
        let names = text.lines().filter_map(|line| {
            let name = line.strip_prefix("failed ").or_else(|| line.strip_prefix("starting "))?;
            ORDER.contains(&name).then(|| name.to_owned())
        });
        let mut failed: Vec<String> = names.collect();
        failed.dedup();
        let chosen = ORDER.into_iter().find(|name| !failed.iter().any(|f| f == name));
        let guard = Self { path: path.to_owned(), failed, chosen: chosen.unwrap_or("none") };
        guard.write(true);
        guard
    }

    /// The driver that is tried.
    #[must_use]
    pub fn chosen(&self) -> &'static str {
        self.chosen
    }

    /// Drivers that broke off before.
    #[must_use]
    pub fn failed(&self) -> &[String] {
        &self.failed
    }

    /// Frames were drawn: the driver works.
    pub fn done(self) {
        self.write(false);
    }

    fn write(&self, is_starting: bool) {
        let failed = self.failed.iter().map(|name| ("failed", name.as_str()));
        let starting = is_starting.then_some(("starting", self.chosen));
        let lines = failed.chain(starting);
        let text = lines.map(|(word, name)| [word, " ", name, "\n"].concat()).collect::<String>();
        // Without the note everything still works; it is only not remembered.
        if text.is_empty() {
            let _ = std::fs::remove_file(&self.path);
        } else {
            let folder = self.path.parent().map(std::fs::create_dir_all);
            if folder.is_some_and(|made| made.is_ok()) {
                let _ = std::fs::write(&self.path, text);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_driver_that_broke_off_is_skipped() {
        let folder = std::env::temp_dir().join(format!("menpai-guard-{}", std::process::id()));
        let path = folder.join("graphics.txt");
        let _ = std::fs::remove_dir_all(&folder);
        let first = StartGuard::begin(&path);
        assert_eq!((first.chosen(), first.failed().len()), ("auto", 0));
        first.done();
        assert!(!path.exists(), "a start that went well leaves nothing behind");
        // Two starts that break off, then one that goes well, then one more.
        assert_eq!(StartGuard::begin(&path).chosen(), "auto");
        assert_eq!(StartGuard::begin(&path).chosen(), "gl");
        let third = StartGuard::begin(&path);
        assert_eq!((third.chosen(), third.failed()), ("cpu", &["auto".into(), "gl".into()][..]));
        third.done();
        assert_eq!(StartGuard::begin(&path).chosen(), "cpu");
        std::fs::write(&path, "rubbish\nfailed nonsense\n\0").unwrap();
        assert_eq!(StartGuard::begin(&path).chosen(), "auto");
        for _ in 0..6 {
            let _ = StartGuard::begin(&path);
        }
        assert_eq!(StartGuard::begin(&path).chosen(), "none");
        let _ = std::fs::remove_dir_all(&folder);
    }
}
