//! The server: its port, its connections, and the handle that tests hold.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::sleep;

use super::http::{After, Incoming, Outgoing};
use super::record::Record;
use super::routes::answer;
use super::scheduler::Scheduler;
use super::{Faults, SimConfig, SimModel, SimRequest, SimStats, locked};

/// Whether the server is to listen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Door {
    Open,
    Shut,
}

/// Whether it listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stands {
    Open,
    Shut,
    /// The port could not be taken again.
    Stuck(io::ErrorKind),
}

/// Everything that a request can reach.
#[derive(Debug)]
pub struct Sim {
    pub config: SimConfig,
    pub models: Mutex<Vec<SimModel>>,
    pub scheduler: Arc<Scheduler>,
    pub record: Arc<Record>,
    /// A server that loads its model by itself is at it.
    pub loading: AtomicBool,
    /// What is wanted of the door.
    door: watch::Sender<Door>,
    /// What it is.
    stands: watch::Sender<Stands>,
}

impl Sim {
    /// Real time of so many simulated milliseconds.
    pub fn scaled(&self, ms: f64) -> Duration {
        Duration::try_from_secs_f64(ms / 1_000.0 * self.config.time_scale).unwrap_or(Duration::MAX)
    }

    pub fn stats(&self) -> SimStats {
        let (loads, unloads) = self.scheduler.counts();
        SimStats { loads, unloads, ..self.record.stats() }
    }

    /// Goes away as a process does that is ended: connections cut, models gone.
    pub async fn go_away(&self) {
        self.door.send_replace(Door::Shut);
        let mut stands = self.stands.subscribe();
        // Ends with the server at the latest.
        let _ = stands.wait_for(|stands| *stands != Stands::Open).await;
        self.scheduler.kill_all();
    }

    pub async fn come_back(&self) -> io::Result<()> {
        // What an earlier try came to does not count.
        self.stands.send_if_modified(|stands| {
            let stuck = matches!(stands, Stands::Stuck(_));
            if stuck {
                *stands = Stands::Shut;
            }
            stuck
        });
        self.door.send_replace(Door::Open);
        let mut stands = self.stands.subscribe();
        let stands = *stands.wait_for(|stands| *stands != Stands::Shut).await.map_err(io::Error::other)?;
        match stands {
            Stands::Stuck(kind) => Err(kind.into()),
            Stands::Open | Stands::Shut => Ok(()),
        }
    }
}

/// A running simulated server. It stops when dropped.
#[derive(Debug)]
pub struct SimOllama {
    sim: Arc<Sim>,
    address: SocketAddr,
    accepting: AbortHandle,
}

impl SimOllama {
    /// Starts listening on 127.0.0.1. Must be called inside a runtime.
    pub async fn start(config: SimConfig) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, config.port.unwrap_or(0))).await?;
        let address = listener.local_addr()?;
        let sim = Arc::new(Sim {
            models: Mutex::new(config.models.clone()),
            scheduler: Arc::new(Scheduler::new(&config)),
            record: Arc::new(Record::new(config.faults.clone(), config.seed, config.record_prompts)),
            loading: AtomicBool::new(false),
            door: watch::Sender::new(Door::Open),
            stands: watch::Sender::new(Stands::Open),
            config,
        });
        let accepting = tokio::spawn(keep_door(Arc::clone(&sim), listener, address)).abort_handle();
        Ok(Self { sim, address, accepting })
    }

    /// `http://127.0.0.1:PORT`
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    pub fn stats(&self) -> SimStats {
        self.sim.stats()
    }

    /// Every chat and generate request with a prompt, in order of arrival.
    pub fn requests(&self) -> Vec<SimRequest> {
        self.sim.record.requests()
    }

    /// From now on; what was drawn for requests under way stays.
    pub fn set_faults(&self, faults: Faults) {
        self.sim.record.set_faults(faults);
    }

    pub fn add_model(&self, model: SimModel) {
        let mut models = locked(&self.sim.models);
        models.retain(|known| known.name != model.name);
        models.push(model);
    }

    pub fn remove_model(&self, name: &str) {
        locked(&self.sim.models).retain(|model| model.name != name);
    }

    /// The processes that run the models die, as after running out of memory (F21).
    pub fn kill_runner(&self) {
        self.sim.scheduler.kill_all();
    }

    /// Ends connections and refuses new ones, with all models unloaded; returns when the port is closed.
    pub async fn go_away(&self) {
        self.sim.go_away().await;
    }

    /// Listens again on the same port; returns when it does.
    pub async fn come_back(&self) -> io::Result<()> {
        self.sim.come_back().await
    }

    pub async fn stop(self) {
        self.sim.go_away().await;
    }
}

impl Drop for SimOllama {
    fn drop(&mut self) {
        self.accepting.abort();
        self.sim.scheduler.kill_all();
    }
}

/// Accepts while the door is open; shut, the port is closed and all connections are cut.
async fn keep_door(sim: Arc<Sim>, listener: TcpListener, address: SocketAddr) {
    let mut wanted = sim.door.subscribe();
    let mut listener = Some(listener);
    loop {
        if let Some(listener) = listener.take() {
            sim.stands.send_replace(Stands::Open);
            let mut connections = accept(&sim, &listener, &mut wanted).await;
            drop(listener);
            connections.shutdown().await;
            sim.stands.send_replace(Stands::Shut);
        }
        if wanted.wait_for(|door| *door == Door::Open).await.is_err() {
            return;
        }
        match bind_again(address).await {
            Ok(again) => listener = Some(again),
            Err(error) => {
                sim.door.send_replace(Door::Shut);
                sim.stands.send_replace(Stands::Stuck(error.kind()));
            }
        }
    }
}

/// Until the door is to be shut.
async fn accept(sim: &Arc<Sim>, listener: &TcpListener, wanted: &mut watch::Receiver<Door>) -> JoinSet<()> {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = wanted.wait_for(|door| *door == Door::Shut) => return connections,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => if let Ok((socket, _)) = accepted {
                sim.record.connected();
                connections.spawn(serve(Arc::clone(sim), socket));
            }
        }
    }
}

/// Some systems give a port back only after a moment.
async fn bind_again(address: SocketAddr) -> io::Result<TcpListener> {
    let mut pause = Duration::from_millis(1);
    loop {
        match TcpListener::bind(address).await {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && pause < Duration::from_secs(1) => {
                sleep(pause).await;
                pause *= 2;
            }
            other => return other,
        }
    }
}

/// One connection, request by request. A client that leaves drops whatever is being done for it, at once (F16).
async fn serve(sim: Arc<Sim>, socket: TcpStream) {
    // Without it small chunks would wait for each other.
    let _ = socket.set_nodelay(true);
    let (reading, mut writing) = socket.into_split();
    let mut incoming = Incoming::new(reading);
    loop {
        let request = match incoming.request(&mut writing).await {
            Ok(Some(request)) => request,
            Ok(None) => return,
            Err(_) => {
                let _ = Outgoing::new(&mut writing, "").text(400, "Connection: close\r\n", "400 Bad Request").await;
                return;
            }
        };
        let mut outgoing = Outgoing::new(&mut writing, &request.method);
        let after = tokio::select! {
            after = Box::pin(answer(&sim, &request, &mut outgoing)) => after,
            () = incoming.gone() => return,
        };
        match after {
            Ok(After::Next) if !request.closes() => {}
            Ok(After::Reset) => {
                let _ = writing.as_ref().set_zero_linger();
                // Dropped, this half would send an orderly end before the reset.
                writing.forget();
                return;
            }
            _ => return,
        }
    }
}
