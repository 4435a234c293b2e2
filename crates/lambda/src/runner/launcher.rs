//! Starts worker processes from one thread that lives as long as the gate.
//!
//! The kernel sends a worker its parent-death signal when the *thread* that started it ends, so no thread of a runtime
//! may start one.

use std::ffi::OsString;
use std::io::{PipeWriter, Write};
use std::process::Stdio;
use std::sync::mpsc;

use tokio::process::{Child, Command};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::worker_init::WorkerSpec;

/// The door to the launcher thread, which ends when this is dropped.
pub(super) struct Launcher {
    requests: mpsc::Sender<Request>,
}

struct Request {
    spec: WorkerSpec,
    output: PipeWriter,
    reply: oneshot::Sender<std::io::Result<Child>>,
}

impl Launcher {
    pub(super) fn start(command: Vec<OsString>, runtime: Handle) -> std::io::Result<Self> {
        let (requests, inbox) = mpsc::channel::<Request>();
        std::thread::Builder::new().name("worker-launcher".into()).spawn(move || {
            // Child processes register with the runtime of the thread that starts them.
            let _runtime = runtime.enter();
            for Request { spec, output, reply } in inbox {
                // A supervisor that stopped waiting drops the child, and with it the process.
                let _ = reply.send(launch(&command, &spec, output));
            }
        })?;
        Ok(Self { requests })
    }

    /// Starts a process for `spec` whose standard output and error are both `output`, in order.
    pub(super) async fn launch(&self, spec: WorkerSpec, output: PipeWriter) -> std::io::Result<Child> {
        let (reply, child) = oneshot::channel();
        let gone = || std::io::Error::other("the launcher thread is gone");
        self.requests.send(Request { spec, output, reply }).map_err(|_| gone())?;
        child.await.map_err(|_| gone())?
    }
}

fn launch(command: &[OsString], spec: &WorkerSpec, output: PipeWriter) -> std::io::Result<Child> {
    let Some((program, arguments)) = command.split_first() else {
        return Err(std::io::Error::other("no worker program is configured"));
    };
    let (input, mut spec_writer) = std::io::pipe()?;
    let mut process = Command::new(program);
    process.args(arguments).env_clear().kill_on_drop(true);
    process.stdin(Stdio::from(input)).stdout(Stdio::from(output.try_clone()?)).stderr(Stdio::from(output));
    let child = process.spawn()?;
    // The command holds the parent's ends; dropped now, the log pipe ends with the worker's last process.
    drop(process);
    // A worker that died before it read its specification is reported by its exit.
    let _ = spec_writer.write_all(&serde_json::to_vec(spec)?);
    Ok(child)
}
