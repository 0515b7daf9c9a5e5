//! moto: an emulator of AWS, on this machine only.
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use serde::Deserialize;
use serde_json::Value as Json;

use super::process::{Running, run};
use super::{FILES, Tree, venv};

const READY_WITHIN: Duration = Duration::from_mins(1);
const DEPLOYED_WITHIN: Duration = Duration::from_mins(3);

/// What came of a deployment.
#[derive(Debug, Default, Deserialize)]
pub struct Deployment {
    /// A line for each thing that is wrong; among them, why it failed.
    pub wrong: Vec<String>,
    /// The changes of the change set, as `describe-change-set` says them.
    pub changes: Vec<Json>,
    /// What became of each resource: `add`, `change`, `replace` or `remove`.
    pub done: BTreeMap<String, String>,
}

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

    /// Deploys a template through a change set, and reads back what is then there: a stack is
    /// made, or updated where it is there. The stack policy holds from then on.
    pub fn deploy(
        &self,
        region: &str,
        stack: &str,
        template: &Path,
        policy: Option<&Path>,
    ) -> Deployment {
        let mut command = self.script("change_set.py");
        command.args(["deploy", &self.endpoint, region, stack]).arg(template).args(policy);
        let run = run(&mut command, DEPLOYED_WITHIN).exits_with(&[0]);
        let read = run.and_then(|run| {
            serde_json::from_str(&run.stdout).map_err(|error| format!("{error}: {}", run.stdout))
        });
        read.unwrap_or_else(|said| Deployment { wrong: vec![said], ..Deployment::default() })
    }

    /// What change sets say that bring a deployed stack to each of the templates. Nothing is
    /// carried out.
    pub fn changes(&self, region: &str, stack: &str, templates: &[PathBuf]) -> Vec<Vec<Json>> {
        let mut command = self.script("change_set.py");
        command.args(["look", &self.endpoint, region, stack]).args(templates);
        let run = run(&mut command, DEPLOYED_WITHIN).exits_with(&[0]).expect("change sets");
        serde_json::from_str(&run.stdout).expect("JSON")
    }

    /// What a service answers to one call of its API; what it refuses stands in `Error`.
    pub fn ask(&self, region: &str, service: &str, operation: &str, parameters: &Json) -> Json {
        let mut command = self.script("ask.py");
        command.args([&self.endpoint, region, service, operation, &parameters.to_string()]);
        let run = run(&mut command, DEPLOYED_WITHIN).exits_with(&[0]).expect("an answer");
        serde_json::from_str(&run.stdout).expect("JSON")
    }

    fn script(&self, name: &str) -> Command {
        let mut command = venv::tool(&self.programs, "python", self.log.root());
        command.arg(Path::new(FILES).join(name));
        command
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
