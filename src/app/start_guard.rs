//! Remembers which graphics driver broke off while the window was opening, so that the next
//! start takes another one.
//!
//! A note is written before the driver is touched and taken back once a few frames have been
//! drawn. A driver that kills the program leaves the note behind. Whoever names a driver gets it,
//! note or not; removing the file forgets everything.

use std::fs::File;
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

/// The drivers that are tried, by their names on the command line: the best first, and at last
/// one that asks nothing of the map's own drawing.
const ORDER: [&str; 4] = ["auto", "gl", "cpu", "none"];

/// The note.
#[derive(Debug)]
pub struct StartGuard {
    /// Locked while this start is under way; `None` where no note can be kept.
    note: Option<File>,
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
        // Without a note everything still works; it is only not remembered.
        let mut note = open(path).ok();
        let mut text = String::new();
        if let Some(note) = &mut note {
            let _ = note.read_to_string(&mut text);
        }
        // Two windows opened at once: the other one is starting, it has not broken off.
        let is_ours = note.as_ref().is_some_and(|note| note.try_lock().is_ok());
        // "starting X" left behind means that X never got so far as to draw.
        let names = text.lines().filter_map(|line| {
            let failed = line.strip_prefix("failed ");
            let broke_off = || line.strip_prefix("starting ").filter(|_| is_ours);
            let name = failed.or_else(broke_off)?;
            ORDER.contains(&name).then(|| name.to_owned())
        });
        let mut failed: Vec<String> = names.collect();
        failed.dedup();
        let chosen = ORDER.into_iter().find(|name| !failed.iter().any(|f| f == name));
        let chosen = chosen.unwrap_or("none");
        let mut guard = Self { note: note.filter(|_| is_ours), failed, chosen };
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
    pub fn done(mut self) {
        self.write(false);
    }

    fn write(&mut self, is_starting: bool) {
        let failed = self.failed.iter().map(|name| ("failed", name.as_str()));
        let starting = is_starting.then_some(("starting", self.chosen));
        let lines = failed.chain(starting);
        let text = lines.map(|(word, name)| [word, " ", name, "\n"].concat()).collect::<String>();
        if let Some(note) = &mut self.note {
            let _ = note
                .set_len(0)
                .and_then(|()| note.seek(std::io::SeekFrom::Start(0)))
                .and_then(|_| note.write_all(text.as_bytes()));
        }
    }
}

fn open(path: &Path) -> std::io::Result<File> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    File::options().read(true).write(true).create(true).truncate(false).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_driver_that_broke_off_is_skipped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("menpai/graphics.txt");
        let first = StartGuard::begin(&path);
        assert_eq!((first.chosen(), first.failed().len()), ("auto", 0));
        // Another window opens while the first one is still starting.
        assert_eq!(StartGuard::begin(&path).chosen(), "auto");
        first.done();
        assert_eq!(std::fs::read(&path).unwrap(), b"", "a start that went well is not noted");
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
        // Where no note can be kept, the best driver is tried.
        assert_eq!(StartGuard::begin(folder.path()).chosen(), "auto");
    }
}
