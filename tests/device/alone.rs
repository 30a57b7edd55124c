//! The released file and nothing else.

use std::ffi::OsStr;
use std::process::Command;

use super::with_net;
use crate::support::{Folder, executable};

/// What makes a command of this user root's, who may change the root; none where nothing does.
fn as_root() -> Option<&'static [&'static str]> {
    let ways: [&[&str]; 2] = [&["env"], &["sudo", "-n", "env"]];
    let works = |way: &&&[&str]| {
        let tried = Command::new(way[0])
            .args(&way[1..])
            .args(["chroot", "/", "true"])
            .output();
        tried.is_ok_and(|tried| tried.status.success())
    };
    ways.iter().find(works).copied()
}

#[test]
fn the_file_alone_trains_a_net_and_answers_where_there_is_no_library_and_no_proc() {
    let Some(as_root) = as_root() else {
        assert!(
            std::env::var_os("CI").is_none_or(|ci| ci != "true"),
            "this user may not change the root"
        );
        eprintln!("left out: this user may not change the root");
        return;
    };
    let rooted = |arguments: &[&OsStr]| {
        let mut command = Command::new(as_root[0]);
        command.args(&as_root[1..]).args(arguments).output().unwrap()
    };
    let folder = with_net(Folder::new());
    let root = folder.path("");
    // A copy: a link would lead out of the root.
    std::fs::copy(executable(), root.join("usina")).unwrap();
    // What every container has, and all that it takes: where randomness comes from.
    std::fs::create_dir(root.join("dev")).unwrap();
    for (name, minor) in [("random", "8"), ("urandom", "9")] {
        let device = root.join("dev").join(name);
        let words = ["mknod", "-m666"].map(OsStr::new).into_iter();
        let words = words
            .chain([device.as_os_str()])
            .chain(["c", "1", minor].map(OsStr::new));
        let made = rooted(&words.collect::<Vec<_>>());
        assert!(made.status.success(), "{made:?}");
    }
    let inside = |arguments: &[&str]| {
        let before: [&OsStr; 4] = [
            "-i".as_ref(),
            "/usr/sbin/chroot".as_ref(),
            root.as_os_str(),
            "/usina".as_ref(),
        ];
        let arguments = arguments.iter().chain(&["--data", "/data"]).map(OsStr::new);
        let ended = rooted(&before.into_iter().chain(arguments).collect::<Vec<_>>());
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (ended.status.code(), text(&ended.stdout), text(&ended.stderr))
    };
    let trained = inside(&["train", "/net.toml", "--device", "auto"]);
    assert_eq!(trained.0, Some(0), "{trained:?}");
    let refused = inside(&["train", "/net.toml", "--device", "gpu"]);
    assert!(
        refused.0 == Some(1) && refused.2.contains("--device cpu"),
        "{refused:?}"
    );
    let row = crate::support::good_customer().to_string();
    let answer = inside(&["predict", "net", "--json", &row]);
    assert!(
        answer.0 == Some(0) && answer.1.contains("probability"),
        "{answer:?}"
    );
}
