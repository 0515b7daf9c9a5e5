//! moto: an emulator of AWS, on this machine only.
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use std::{fs, thread};

use super::process::{Running, run};
use super::{FILES, Tree, venv};

const READY_WITHIN: Duration = Duration::from_mins(1);
const DEPLOYED_WITHIN: Duration = Duration::from_mins(1);

/// An emulator of its own for one test: it starts in a second, and is empty.
pub struct Moto {
    /// Where it listens.
    pub endpoint: String,
    // The server goes before the folder that it writes its log to.
    _server: Running,
    log: Tree,
    programs: PathBuf,
}

impl Moto {
    /// Starts one on a free port and waits until it answers. It ends when this is dropped, and
    /// when the tests die.
    pub fn start() -> Option<Self> {
        let programs = venv::cfn_lint_and_moto()?;
        let log = Tree::new([("stdout", ""), ("stderr", "")]);
        let open = |name| fs::File::create(log.path(name)).expect("a log");
        let mut command = venv::tool(&programs, "python", log.root());
        command.arg(Path::new(FILES).join("server.py"));
        command.stdin(Stdio::piped()).stdout(open("stdout")).stderr(open("stderr"));
        let mut server = Running::start(&mut command);
        let endpoint = format!("http://127.0.0.1:{}", port(&mut server, &log));
        Some(Self { endpoint, _server: server, log, programs })
    }

    /// Deploys a template through a change set, and reads back what is then there: a line for
    /// each thing that is wrong.
    pub fn deploy(&self, region: &str, stack: &str, template: &Path) -> Vec<String> {
        let mut command = venv::tool(&self.programs, "python", self.log.root());
        command.arg(Path::new(FILES).join("change_set.py"));
        command.args([&self.endpoint, region, stack]).arg(template);
        match run(&mut command, DEPLOYED_WITHIN).exits_with(&[0]) {
            Ok(run) => run.stdout.lines().map(str::to_owned).collect(),
            Err(said) => vec![said],
        }
    }

    /// The calls that the models of their services have something against.
    pub fn violations(&self) -> Vec<String> {
        // moto's own ARN of a consumer has no time in it.
        let known = "DescribeStreamConsumer.ConsumerARN";
        let wrong = |line: &&str| line.starts_with("violation") && !line.contains(known);
        self.log().lines().filter(wrong).map(str::to_owned).collect()
    }

    /// Every request so far, and what went wrong inside.
    pub fn log(&self) -> String {
        read(&self.log, "stderr")
    }
}

fn port(server: &mut Running, log: &Tree) -> u16 {
    let start = Instant::now();
    while server.is_alive() && start.elapsed() < READY_WITHIN {
        if let Some(line) = read(log, "stdout").strip_suffix('\n') {
            let port = line.strip_prefix("listening on ").expect("the server's first words");
            return port.parse().expect("a port");
        }
        thread::sleep(Duration::from_millis(20));
    }
    panic!("the emulator does not start:\n{}", read(log, "stderr"));
}

fn read(log: &Tree, name: &str) -> String {
    fs::read_to_string(log.path(name)).expect("the emulator's log")
}
