//! The workspace as a file: links, modes, leftovers, logs of dead processes, files that are replaced.

use std::path::{Path, PathBuf};

use menpai::access::AuditEntry;
use menpai::store::{OpenMode, Passphrase, StoreError, Workspace, check, copies};

use super::totals;
use super::{district, stamp};

fn open(path: &Path) -> Result<Workspace, StoreError> {
    Workspace::open(path, None, OpenMode::ReadWrite)
}

fn new(path: &Path) -> Workspace {
    Workspace::create(path, None, &stamp()).unwrap()
}

fn deed(workspace: &Workspace, what: &str) -> Result<(), StoreError> {
    workspace.write(&stamp(), |_| Ok(((), AuditEntry::done("visit", what))))
}

/// Objects of the audit log, in order.
fn deeds(workspace: &Workspace) -> Vec<String> {
    let reader = workspace.reader().unwrap();
    let mut select = reader.prepare("SELECT object FROM audit_log ORDER BY seq").unwrap();
    select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    PathBuf::from(format!("{}{ending}", path.display()))
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn phrase() -> Passphrase {
    Passphrase::new("Xindu-2026-grid").unwrap()
}

fn is_plain(path: &Path) -> bool {
    std::fs::read(path).unwrap().starts_with(b"SQLite")
}

#[cfg(unix)]
#[test]
fn a_change_of_passphrase_follows_links_and_keeps_the_mode() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("real.gpkg");
    drop(new(&file));
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
    let link = folder.path().join("link.gpkg");
    std::os::unix::fs::symlink(&file, &link).unwrap();
    drop(open(&link).unwrap().rekey(Some(&phrase()), &stamp()).unwrap());
    assert!(link.is_symlink());
    assert!(!is_plain(&file));
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
    // A second name would keep the old content.
    let second = folder.path().join("second.gpkg");
    std::fs::hard_link(&file, &second).unwrap();
    let workspace = Workspace::open(&file, Some(&phrase()), OpenMode::ReadWrite).unwrap();
    let failure = workspace.rekey(None, &stamp()).unwrap_err();
    assert!(matches!(failure.error, StoreError::OtherName(_)), "{failure}");
    assert!(failure.workspace.is_some());
    assert!(!is_plain(&file));
}

#[test]
fn nobody_works_on_a_file_whose_passphrase_is_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w.gpkg");
    let first = new(&path);
    let second = open(&path).unwrap();
    let failure = first.rekey(Some(&phrase()), &stamp()).unwrap_err();
    assert!(matches!(failure.error, StoreError::OpenElsewhere), "{failure}");
    let first = failure.workspace.unwrap();
    // What was not done is not told as done.
    assert_eq!(deeds(&first), ["w.gpkg"]);
    deed(&second, "a").unwrap();
    drop(second);
    let first = first.rekey(Some(&phrase()), &stamp()).unwrap();
    assert_eq!(deeds(&first), ["w.gpkg", "a", "w.gpkg"]);
    assert_eq!(names(folder.path()), ["w.gpkg", "w.gpkg-shm", "w.gpkg-wal"]);
}

#[test]
fn no_commit_falls_between_the_old_file_and_the_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w.gpkg");
    let mut workspace = Some(new(&path));
    for round in 0..12 {
        let key = if round % 2 == 0 { Some(phrase()) } else { None };
        let before = if round % 2 == 0 { None } else { Some(phrase()) };
        let (rekeyed, written) = std::thread::scope(|scope| {
            let (path, before) = (&path, &before);
            let other = scope.spawn(move || {
                let mut written = Vec::new();
                for n in 0..6 {
                    let name = format!("{round}/{n}");
                    let Ok(other) = Workspace::open(path, before.as_ref(), OpenMode::ReadWrite)
                    else {
                        continue;
                    };
                    if deed(&other, &name).is_ok() {
                        written.push(name);
                    }
                }
                written
            });
            let rekeyed = workspace.take().unwrap().rekey(key.as_ref(), &stamp());
            (rekeyed, other.join().unwrap())
        });
        workspace = Some(match rekeyed {
            Ok(workspace) => workspace,
            Err(failure) => {
                let back = failure.workspace.unwrap_or_else(|| panic!("{}", failure.error));
                back.rekey(key.as_ref(), &stamp()).unwrap()
            }
        });
        let stored = deeds(workspace.as_ref().unwrap());
        for name in written {
            assert!(stored.contains(&name), "round {round}: {name} was written and is gone");
        }
    }
}

#[test]
fn what_a_killed_change_of_passphrase_left_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w.gpkg");
    drop(new(&path));
    std::fs::copy(&path, beside(&path, ".rekey")).unwrap();
    drop(open(&path).unwrap());
    assert_eq!(names(folder.path()), ["w.gpkg"]);
}

#[test]
fn files_appear_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w.gpkg");
    // A killed creation of earlier versions left an empty file, which blocked the next one.
    std::fs::write(&path, "").unwrap();
    std::fs::write(beside(&path, ".partial"), "left").unwrap();
    let workspace = new(&path);
    let copy = folder.path().join("copy.gpkg");
    let cancelled = workspace.save_copy(&copy, &stamp(), |_| false);
    assert!(matches!(cancelled, Err(StoreError::Cancelled)));
    assert!(!copy.exists() && !beside(&copy, ".partial").exists());
    std::fs::write(beside(&copy, ".partial"), "left by a killed copy").unwrap();
    workspace.save_copy(&copy, &stamp(), |_| true).unwrap();
    drop(workspace);
    assert_eq!(names(folder.path()), ["copy.gpkg", "w.gpkg"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        for file in [&path, &copy] {
            assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}

/// Writes, and returns the log as a dead process would leave it.
fn log_after(path: &Path, deeds: &[&str]) -> Vec<u8> {
    let workspace = open(path).unwrap();
    // A reader keeps the log from being emptied.
    let _reader = workspace.reader().unwrap();
    deeds.iter().for_each(|d| deed(&workspace, d).unwrap());
    std::fs::read(beside(path, "-wal")).unwrap()
}

#[test]
fn a_log_is_used_with_its_own_file_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w.gpkg");
    let log = beside(&path, "-wal");
    drop(new(&path));
    let monday = std::fs::read(&path).unwrap();
    let copy = folder.path().join("copy.gpkg");
    open(&path).unwrap().save_copy(&copy, &stamp(), |_| true).unwrap();
    let tuesday_log = log_after(&path, &["a", "b"]);
    let wednesday = std::fs::read(&path).unwrap();
    let wednesday_log = log_after(&path, &["c"]);
    let put = |file: &[u8], its_log: &[u8]| {
        std::fs::write(&path, file).unwrap();
        std::fs::write(&log, its_log).unwrap();
        let workspace = open(&path).unwrap();
        let aside = workspace.log_set_aside().map(Path::to_owned);
        let found = deeds(&workspace);
        for result in check::run(&workspace.reader().unwrap()).unwrap() {
            assert!(result.findings.is_empty(), "{result:?}");
        }
        drop(workspace);
        if let Some(aside) = &aside {
            std::fs::remove_file(aside).unwrap();
        }
        (found.join(" "), aside.is_some())
    };
    let told = |deeds: &str, is_aside: bool| (deeds.to_owned(), is_aside);
    // Its own log, from its beginning.
    assert_eq!(put(&monday, &tuesday_log), told("w.gpkg a b", false));
    assert_eq!(put(&wednesday, &wednesday_log), told("w.gpkg a b c", false));
    // A checkpoint that was cut off: the file is further than the log's beginning.
    assert_eq!(put(&wednesday, &tuesday_log), told("w.gpkg a b", false));
    // The log of Wednesday goes on from a file that this one is not yet.
    assert_eq!(put(&monday, &wednesday_log), told("w.gpkg", true));
    // A saved copy in the place of the file.
    let copied = std::fs::read(&copy).unwrap();
    assert_eq!(put(&copied, &tuesday_log), told("w.gpkg w.gpkg", true));
    assert_eq!(put(&copied, &wednesday_log), told("w.gpkg w.gpkg", true));
    // Another workspace altogether.
    let other = folder.path().join("other.gpkg");
    drop(new(&other));
    let other = log_after(&other, &["x", "y", "z"]);
    let (found, is_aside) = put(&wednesday, &other);
    assert_eq!((found.as_str(), is_aside), ("w.gpkg a b", true));
}

#[test]
fn a_log_of_an_encrypted_file_is_known_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w.gpkg");
    let open = || Workspace::open(&path, Some(&phrase()), OpenMode::ReadWrite).unwrap();
    drop(Workspace::create(&path, Some(&phrase()), &stamp()).unwrap());
    let monday = std::fs::read(&path).unwrap();
    let log_of = |name: &str| {
        let workspace = open();
        let _reader = workspace.reader().unwrap();
        deed(&workspace, name).unwrap();
        std::fs::read(beside(&path, "-wal")).unwrap()
    };
    let tuesday_log = log_of("a");
    let wednesday_log = log_of("b");
    for (log, expect, is_aside) in
        [(&tuesday_log, "w.gpkg a", false), (&wednesday_log, "w.gpkg", true)]
    {
        std::fs::write(&path, &monday).unwrap();
        std::fs::write(beside(&path, "-wal"), log).unwrap();
        let workspace = open();
        assert_eq!(workspace.log_set_aside().is_some(), is_aside);
        assert_eq!(deeds(&workspace).join(" "), expect);
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_was_replaced_is_not_written_to() {
    let (folder, workspace) = district(2);
    let path = workspace.path().to_owned();
    let copy = folder.path().join("copy.gpkg");
    workspace.save_copy(&copy, &stamp(), |_| true).unwrap();
    std::fs::rename(&copy, &path).unwrap();
    assert!(matches!(deed(&workspace, "lost"), Err(StoreError::Replaced(_))));
    assert!(matches!(workspace.reader(), Err(StoreError::Replaced(_))));
    std::fs::remove_file(&path).unwrap();
    assert!(matches!(deed(&workspace, "lost"), Err(StoreError::Replaced(_))));
    assert!(!path.exists());
}

#[test]
fn a_copy_is_put_back() {
    let (folder, workspace) = district(12);
    let path = workspace.path().to_owned();
    let before = totals(&workspace.reader().unwrap()).unwrap();
    let copy = folder.path().join("copy.gpkg");
    workspace.save_copy(&copy, &stamp(), |_| true).unwrap();
    workspace
        .write(&stamp(), |tx| {
            tx.execute("DELETE FROM event", [])?;
            Ok(((), AuditEntry::done("x", "x")))
        })
        .unwrap();
    let busy = copies::restore(&copy, &path, None, &stamp(), |_| true);
    assert!(matches!(busy, Err(StoreError::OpenElsewhere)), "{busy:?}");
    drop(workspace);
    let kept = copies::restore(&copy, &path, None, &stamp(), |_| true).unwrap().unwrap();
    assert_eq!(totals(&open(&path).unwrap().reader().unwrap()).unwrap(), before);
    assert_ne!(totals(&open(&kept).unwrap().reader().unwrap()).unwrap(), before);
    let fresh = folder.path().join("fresh.gpkg");
    assert_eq!(copies::restore(&copy, &fresh, None, &stamp(), |_| true).unwrap(), None);
    assert_eq!(totals(&open(&fresh).unwrap().reader().unwrap()).unwrap(), before);
    // A damaged copy takes nobody's place.
    let mut bytes = std::fs::read(&copy).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 20_000].fill(0x55);
    std::fs::write(&copy, &bytes).unwrap();
    let refused = copies::restore(&copy, &path, None, &stamp(), |_| true);
    assert!(refused.is_err());
    assert_eq!(totals(&open(&path).unwrap().reader().unwrap()).unwrap(), before);
}

#[test]
fn a_passphrase_keeps_its_blanks_and_older_ones_still_open() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w.gpkg");
    let typed = Passphrase::new("Xindu-2026-grid ").unwrap();
    drop(Workspace::create(&path, Some(&typed), &stamp()).unwrap());
    let of_file = Passphrase::of_line("\u{FEFF}Xindu-2026-grid \r\n").unwrap();
    assert!(Workspace::open(&path, Some(&of_file), OpenMode::ReadWrite).is_ok());
    // Earlier versions cut the blank off when the passphrase came from a file.
    let older = folder.path().join("older.gpkg");
    drop(Workspace::create(&older, Some(&phrase()), &stamp()).unwrap());
    assert!(Workspace::open(&older, Some(&of_file), OpenMode::ReadWrite).is_ok());
}
