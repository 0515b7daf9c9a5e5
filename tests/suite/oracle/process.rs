//! Processes that cannot outlive their time.
use std::fs::File;
use std::io::{Read, Seek};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, thread};

/// Variables by which a machine would change what a judge says.
const MEDDLING: [&str; 8] =
    ["AWS_", "BC_", "CHECKOV_", "CKV_", "MOTO_", "PYTHONHOME", "PYTHONPATH", "TF_"];

const PAUSE: Duration = Duration::from_millis(20);

/// What a process left behind.
#[derive(Debug)]
pub struct Run {
    /// The exit code; none where a signal or the time limit ended it.
    pub code: Option<i32>,
    /// All that it wrote to standard output.
    pub stdout: String,
    /// All that it wrote to standard error.
    pub stderr: String,
}

impl Run {
    /// The run itself if its exit code is one of these, else all that it said.
    pub fn exits_with(self, codes: &[i32]) -> Result<Self, String> {
        match self.code {
            Some(code) if codes.contains(&code) => Ok(self),
            code => Err(format!("exit code {code:?}\n{}{}", self.stdout, self.stderr)),
        }
    }
}

/// A command that works in `folder`, gets no input, and is out of the machine's settings' reach.
pub fn command(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).stdin(Stdio::null());
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if MEDDLING.iter().any(|prefix| text.starts_with(prefix)) {
            command.env_remove(&name);
        }
    }
    command
}

/// Runs to the end, or to the end of `limit`.
pub fn run(command: &mut Command, limit: Duration) -> Run {
    // Files, because a full pipe would stop a process that nobody reads from.
    let (mut stdout, mut stderr) = (scratch(), scratch());
    command.stdout(share(&stdout)).stderr(share(&stderr));
    let code = Running::start(command).wait(limit);
    Run { code, stdout: text(&mut stdout), stderr: text(&mut stderr) }
}

/// A process, killed with all that it started when this is dropped.
pub struct Running(Child);

impl Running {
    /// Starts in a process group of its own.
    pub fn start(command: &mut Command) -> Self {
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        Self(command.spawn().unwrap_or_else(|error| panic!("{command:?} does not start: {error}")))
    }

    /// The exit code, once it has ended by itself.
    pub fn wait(&mut self, limit: Duration) -> Option<i32> {
        let start = Instant::now();
        while self.is_alive() && start.elapsed() < limit {
            thread::sleep(PAUSE);
        }
        self.0.try_wait().expect("a child can be asked").and_then(|status| status.code())
    }

    /// Whether it has not ended yet.
    pub fn is_alive(&mut self) -> bool {
        self.0.try_wait().expect("a child can be asked").is_none()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Only while it has not been waited for is the number surely still its own.
        if self.is_alive() {
            let group = format!("-{}", self.0.id());
            let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }
}

fn scratch() -> File {
    tempfile::tempfile().expect("a temporary file")
}

/// A second handle, for a process to have.
pub fn share(file: &File) -> File {
    file.try_clone().expect("a second handle")
}

fn text(file: &mut File) -> String {
    let mut bytes = Vec::new();
    file.rewind().expect("the start of a temporary file");
    file.read_to_end(&mut bytes).expect("a readable temporary file");
    String::from_utf8_lossy(&bytes).into_owned()
}
