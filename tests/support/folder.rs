//! The executable, as a user runs it on a data folder.

use std::cell::Cell;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::http::{Connection, Request, Response};
use super::{get, wait_for};

/// What is tested: the executable that is shipped, or else the one that cargo has built.
pub fn executable() -> PathBuf {
    std::env::var_os("USINA_EXE").map_or_else(|| env!("CARGO_BIN_EXE_usina").into(), PathBuf::from)
}

/// A folder of a test's own: the data folder is in it, and files beside it. Gone when it is dropped.
pub struct Folder {
    top: TempDir,
    started: Cell<u32>,
    /// What is run: the executable, or what runs it.
    program: Vec<OsString>,
    env: Vec<(String, OsString)>,
}

impl Folder {
    pub fn new() -> Self {
        Self {
            top: TempDir::with_prefix("usina-test-").unwrap(),
            started: Cell::new(0),
            program: vec![executable().into()],
            // Quicker than looking for a GPU, and the same on every machine.
            env: vec![("USINA_DEVICE".to_owned(), "cpu".into())],
        }
    }

    /// The same, with this in the environment of its commands.
    pub fn with(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.env.push((name.to_owned(), value.into()));
        self
    }

    /// The same, with commands that are run by `program` in place of the executable.
    pub fn run_by(mut self, program: &[&OsStr]) -> Self {
        self.program = program.iter().map(|part| part.to_os_string()).collect();
        self
    }

    /// The data folder; the first command makes it.
    pub fn data(&self) -> PathBuf {
        self.top.path().join("data")
    }

    /// Where the commands put temporary files, should they have any.
    pub fn temporary(&self) -> PathBuf {
        let path = self.path("tmp");
        std::fs::create_dir_all(&path).unwrap();
        path
    }

    /// The path of the file `name` beside the data folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.top.path().join(name)
    }

    /// Writes the file `name` beside the data folder; commands find it by its name alone.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    /// Starts `usina` with `arguments` on the data folder.
    pub fn start<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Running {
        self.start_with(arguments, Stdio::null())
    }

    fn start_with<A: AsRef<OsStr>>(&self, arguments: &[A], input: Stdio) -> Running {
        self.started.set(self.started.get() + 1);
        let file = |kind: &str| self.path(&format!("{}.{kind}", self.started.get()));
        let (out, err) = (file("out"), file("err"));
        let (program, before) = self.program.split_first().unwrap();
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            let is_ours = name.to_str().is_some_and(|name| name.starts_with("USINA_"));
            if is_ours {
                command.env_remove(name);
            }
        }
        let child = command
            .args(before)
            .args(arguments)
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .env("USINA_DATA", self.data())
            .env("TMPDIR", self.temporary())
            .current_dir(self.top.path())
            .stdin(input)
            .stdout(File::create(&out).unwrap())
            .stderr(File::create(&err).unwrap())
            .spawn()
            .unwrap();
        Running { child, out, err }
    }

    /// Runs `usina` with `arguments` on the data folder to its end.
    pub fn run<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Ran {
        self.start(arguments).wait()
    }

    /// As [`Folder::run`], with `input` on standard input.
    pub fn run_with_input<A: AsRef<OsStr>>(&self, arguments: &[A], input: &str) -> Ran {
        let file = self.file("input", input);
        self.start_with(arguments, File::open(file).unwrap().into())
            .wait()
    }

    /// Runs `line`, which begins with `usina`, as a shell runs what was pasted, from another folder.
    pub fn paste(&self, line: &str) -> Ran {
        let elsewhere = self.temporary();
        let (out, err) = (self.path("pasted.out"), self.path("pasted.err"));
        let function = format!("usina() {{ '{}' \"$@\"; }}\n{line}", executable().display());
        let status = Command::new("sh")
            .args(["-c", &function])
            .env_remove("USINA_DATA")
            .current_dir(elsewhere)
            .stdin(Stdio::null())
            .stdout(File::create(&out).unwrap())
            .stderr(File::create(&err).unwrap())
            .status()
            .unwrap();
        Ran::new(status, &out, &err)
    }

    /// What `arguments` and `--json` print.
    #[track_caller]
    pub fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.run(&[arguments, &["--json"]].concat()).done()).unwrap()
    }

    /// Serves the data folder on a free port.
    pub fn serve(&self) -> Server {
        self.serve_with(&["serve"])
    }

    /// As [`Folder::serve`], with `arguments`: `serve` or `up`, and options.
    pub fn serve_with(&self, arguments: &[&str]) -> Server {
        let mut running = self.start(&[arguments, &["--listen", "127.0.0.1:0"]].concat());
        let address = wait_for("the server to be ready", || {
            assert!(!running.has_ended(), "the server ended: {}", running.told());
            let status = self.run(&["status", "--json"]);
            let info: Value = serde_json::from_str(&status.out)
                .ok()
                .filter(|_| status.code == Some(0))?;
            Some(
                info["address"]
                    .as_str()
                    .unwrap()
                    .strip_prefix("http://")
                    .unwrap()
                    .parse()
                    .unwrap(),
            )
        });
        Server { running, address }
    }
}

/// A process that was started; killed when it is dropped.
pub struct Running {
    child: Child,
    out: PathBuf,
    err: PathBuf,
}

impl Running {
    /// Sends a signal, by its name: TERM, INT.
    pub fn signal(&self, name: &str) {
        // The shell's own `kill`, which is there on every system.
        let kill = format!("kill -s {name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// Kills it, as a power cut would.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// What it has written to standard error so far.
    pub fn told(&self) -> String {
        read(&self.err)
    }

    /// Waits until it ends by itself.
    pub fn wait(mut self) -> Ran {
        let status = wait_for("a command to end", || self.child.try_wait().unwrap());
        Ran::new(status, &self.out, &self.err)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read(path: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned()
}

/// A process that has ended.
#[derive(Debug)]
pub struct Ran {
    /// The exit code; none when a signal ended it.
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Ran {
    fn new(status: ExitStatus, out: &Path, err: &Path) -> Self {
        Self {
            code: status.code(),
            out: read(out),
            err: read(err),
        }
    }

    /// What it printed; it has done what was asked.
    #[track_caller]
    pub fn done(self) -> String {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.out
    }

    /// What it told; it has ended with `code`, and printed nothing that a script would take for a result.
    #[track_caller]
    pub fn refused(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert_eq!(self.out, "", "{self:?}");
        assert!(!self.err.is_empty());
        self.err
    }
}

/// A server that runs; killed when it is dropped.
pub struct Server {
    pub running: Running,
    pub address: SocketAddr,
}

impl Server {
    /// Sends a request on a connection of its own.
    pub fn send(&self, request: &Request) -> Response {
        Connection::open(self.address).send(request)
    }

    /// The JSON at `path`.
    #[track_caller]
    pub fn json(&self, path: &str) -> Value {
        self.send(&get(path)).json()
    }

    /// The job `id`, once it has ended.
    pub fn job_end(&self, id: &str) -> Value {
        wait_for("a job to end", || {
            let job = self.json(&format!("/api/v1/jobs/{id}"));
            matches!(job["state"].as_str(), Some("done" | "failed" | "cancelled")).then_some(job)
        })
    }

    /// Asks it to stop, and waits until it has.
    #[track_caller]
    pub fn stop(self) -> Ran {
        self.running.signal("TERM");
        let ran = self.running.wait();
        assert_eq!(ran.code, Some(0), "{ran:?}");
        ran
    }
}
