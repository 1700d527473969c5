//! The real window under a virtual X server: start, click, a picture that is not blank.
//!
//! Needs `Xvfb`, `xdotool` and ImageMagick's `import`; where one is missing the test says so and
//! passes, unless `MENPAI_REQUIRE_GPU` is set.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use menpai::store::{Passphrase, Workspace};

const DISPLAY: &str = ":97";

struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn is_there(program: &str) -> bool {
    Command::new("sh")
        .args(["-c", &format!("command -v {program}")])
        .stdout(Stdio::null())
        .status()
        .is_ok_and(|s| s.success())
}

/// How many different pixels a screenshot has.
fn colours() -> usize {
    let shot = Command::new("import")
        .args(["-display", DISPLAY, "-window", "root", "-depth", "8", "rgb:-"])
        .stderr(Stdio::null())
        .output()
        .unwrap();
    let pixels: std::collections::HashSet<&[u8]> = shot.stdout.chunks_exact(3).collect();
    pixels.len()
}

fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let until = Instant::now() + Duration::from_secs(90);
    while !done() {
        assert!(Instant::now() < until, "{what}");
        std::thread::sleep(Duration::from_millis(250));
    }
}

#[test]
fn the_real_window_starts_and_answers_a_click() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let missing: Vec<&str> =
        ["Xvfb", "xdotool", "import"].into_iter().filter(|p| !is_there(p)).collect();
    if !missing.is_empty() {
        assert!(std::env::var_os("MENPAI_REQUIRE_GPU").is_none(), "missing: {missing:?}");
        eprintln!("missing {missing:?}: skipped");
        return;
    }
    let (folder, workspace) = super::district(60);
    let path = workspace.path().to_owned();
    let _server = Killed(
        Command::new("Xvfb")
            .args([DISPLAY, "-screen", "0", "1440x900x24"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap(),
    );
    wait_until("Xvfb did not start", || {
        let probe =
            Command::new("xdotool").arg("getmouselocation").env("DISPLAY", DISPLAY).output();
        probe.is_ok_and(|o| o.status.success())
    });
    let before = colours();
    let start = |path: &Path| {
        Killed(
            Command::new(env!("CARGO_BIN_EXE_menpai"))
                .args(["--lang", "en", "--gpu", "cpu"])
                .arg(path)
                .env("DISPLAY", DISPLAY)
                .env_remove("WAYLAND_DISPLAY")
                .env("HOME", folder.path())
                .env("XDG_RUNTIME_DIR", folder.path())
                .stderr(Stdio::null())
                .spawn()
                .unwrap(),
        )
    };
    let mut app = start(&path);
    wait_until("the window stayed blank", || {
        assert!(app.0.try_wait().unwrap().is_none(), "the window closed by itself");
        colours() > before + 200
    });
    std::thread::sleep(Duration::from_secs(2));
    let reveals = || -> i64 {
        let reader = workspace.reader().unwrap();
        reader
            .query_row("SELECT count(*) FROM audit_log WHERE action = 'reveal'", [], |r| r.get(0))
            .unwrap()
    };
    assert_eq!(reveals(), 0);
    // A name in the search box, Enter: the household card opens, and that is in the audit log.
    let reader = workspace.reader().unwrap();
    let pinyin: String = reader
        .query_row("SELECT pinyin FROM person ORDER BY person_id LIMIT 1", [], |r| r.get(0))
        .unwrap();
    let drive = |arguments: &[&str]| {
        let done = Command::new("xdotool").args(arguments).env("DISPLAY", DISPLAY).status();
        assert!(done.unwrap().success(), "{arguments:?}");
        std::thread::sleep(Duration::from_millis(400));
    };
    drive(&["search", "--sync", "--onlyvisible", "--name", "Menpai", "windowfocus"]);
    drive(&["mousemove", "720", "24", "click", "1"]);
    drive(&["type", "--delay", "60", &pinyin]);
    std::thread::sleep(Duration::from_secs(1));
    drive(&["key", "Return"]);
    wait_until("the household card did not open", || reveals() > 0);
    drop(app);
    // Started on an encrypted workspace: the prompt takes keys, also after a wrong passphrase.
    let locked = folder.path().join("locked.gpkg");
    let passphrase = Passphrase::new("Xindu-2026-grid").unwrap();
    drop(Workspace::create(&locked, Some(&passphrase), &super::stamp()).unwrap());
    let _app = start(&locked);
    wait_until("the second window did not open", || window_name().is_some());
    std::thread::sleep(Duration::from_secs(2));
    drive(&["search", "--sync", "--onlyvisible", "--name", "Menpai", "windowfocus"]);
    for typed in ["wrong-one-11A", "Xindu-2026-grid"] {
        assert_eq!(window_name().as_deref(), Some("Menpai 门牌"));
        drive(&["type", "--delay", "60", typed]);
        drive(&["key", "Return"]);
        std::thread::sleep(Duration::from_secs(2));
    }
    wait_until("the passphrase did not open the workspace", || {
        window_name().is_some_and(|name| name.starts_with("locked.gpkg"))
    });
}

/// Title of the window, once there is one.
fn window_name() -> Option<String> {
    let found = Command::new("xdotool")
        .args(["search", "--onlyvisible", "--name", "Menpai", "getwindowname"])
        .env("DISPLAY", DISPLAY)
        .output()
        .ok()?;
    let name = String::from_utf8_lossy(&found.stdout).trim().to_owned();
    (!name.is_empty()).then_some(name)
}
