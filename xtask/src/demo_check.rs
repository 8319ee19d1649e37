//! The sample page as a newcomer starts it: one command, an address, Ctrl-C.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::browsers;
use crate::process::{command, run};
use crate::project::Project;

const START_LIMIT: Duration = Duration::from_secs(600);
const STOP_LIMIT: Duration = Duration::from_secs(15);

/// The demo while it runs; it does not outlive this.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only when it has already ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub(crate) fn check(project: &Project) -> Result<()> {
    let script = "tests/e2e/demo-check.mjs";
    if !project.path(script).is_file() {
        bail!("there is no {script}");
    }
    let started = Instant::now();
    let child = command(project, "cargo")
        .args(["xtask", "demo", "--", "--port", "0"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot run cargo xtask demo")?;
    let mut demo = Running(child);
    let lines = demo.0.stdout.take().context("the demo has no output")?;
    let address = await_address(&lines_of(lines))?;
    eprintln!(
        "the demo listens on {address} after {:.1} s",
        started.elapsed().as_secs_f64()
    );

    let mut node = command(project, "node");
    node.arg(script).arg(&address);
    if let Some(chromium) = browsers::chromium(project) {
        node.env("CHROMIUM", chromium);
    }
    run(&mut node)?;

    run(Command::new("kill").args(["-INT", &demo.0.id().to_string()]))?;
    let status = await_end(&mut demo.0)?;
    if !status.success() {
        bail!("after Ctrl-C the demo ended with {status}");
    }
    Ok(())
}

/// Reads on after the receiver has gone, so that the server never finds its output closed.
fn lines_of(stdout: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            println!("{line}");
            let _ = sender.send(line);
        }
    });
    receiver
}

fn await_address(lines: &Receiver<String>) -> Result<String> {
    let deadline = Instant::now() + START_LIMIT;
    let mut offers_faults = false;
    let mut shows_operator = false;
    loop {
        match lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(line) => {
                offers_faults |= line.contains("faults can be armed");
                shows_operator |= line.contains("/operator, with the token in ");
                if let Some((_, address)) = line.split_once("listening on ") {
                    if !offers_faults {
                        bail!("the demo's server takes no orders to misbehave");
                    }
                    if !shows_operator {
                        bail!("the demo's server has no page for its operator");
                    }
                    return Ok(address.trim().to_owned());
                }
            }
            Err(RecvTimeoutError::Timeout) => bail!("the demo told no address in {START_LIMIT:?}"),
            Err(RecvTimeoutError::Disconnected) => {
                bail!("the demo ended without telling an address")
            }
        }
    }
}

fn await_end(child: &mut Child) -> Result<ExitStatus> {
    let deadline = Instant::now() + STOP_LIMIT;
    while Instant::now() < deadline {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        thread::sleep(Duration::from_millis(50));
    }
    bail!("the demo still runs {STOP_LIMIT:?} after Ctrl-C")
}
