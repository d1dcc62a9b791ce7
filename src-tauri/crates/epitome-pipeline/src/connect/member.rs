//! A server of a tier, which may be away when the job begins: it takes part once it is ready with the tier's build of the
//! model.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use epitome_llm::{Answer, Listener, LlmError, Policy, Prepared, Provider, Task};
use epitome_model::ProviderKind;
use futures_util::future::{BoxFuture, FutureExt};
use tokio::time::Instant;

use super::Identity;

/// How long a server is left alone that is there and could not be made ready: it may try to load a model each time.
const LEFT_ALONE: Duration = Duration::from_secs(30);

/// See the module. The identity is the tier's: the first server that is seen sets it.
pub(super) struct Member {
    inner: Arc<dyn Provider>,
    url: String,
    identity: Identity,
    ready: AtomicBool,
    /// Whether its model is loaded before it counts as reachable. One that only may take over has it loaded by its first
    /// call, since the card may be the first choice's.
    loads_early: AtomicBool,
    /// When it is looked at again.
    again: Mutex<Option<Instant>>,
}

impl Member {
    pub fn new(inner: Arc<dyn Provider>, url: String, identity: Identity, loads_early: bool) -> Self {
        let (ready, loads_early) = (AtomicBool::new(false), AtomicBool::new(loads_early));
        Self { inner, url, identity, ready, loads_early, again: Mutex::new(None) }
    }

    /// Whether it has the build of the model that the tier works with.
    fn is_alike(&self) -> bool {
        let own = self.inner.identity();
        *self.identity.get_or_init(|| own.clone()) == own
    }

    /// Has it load its model, whatever build that is.
    pub async fn warm_up(&self) -> Result<Prepared, LlmError> {
        self.inner.prepare().await
    }

    /// Takes it in once it is warm; false for one with another build of the model.
    pub fn take_in(&self) -> bool {
        let alike = self.is_alike();
        self.ready.store(alike, Ordering::Relaxed);
        if !alike {
            self.leave_alone();
        }
        alike
    }

    async fn get_ready(&self) -> Result<Prepared, LlmError> {
        let prepared = self.warm_up().await?;
        if self.take_in() { Ok(prepared) } else { Err(LlmError::Unreachable { url: self.url.clone() }) }
    }

    /// The same when it is needed. What keeps it from being ready concerns this server, not the job.
    async fn join(&self) -> Result<(), LlmError> {
        if self.ready.load(Ordering::Relaxed) {
            return Ok(());
        }
        self.loads_early.store(true, Ordering::Relaxed);
        let Err(error) = self.get_ready().await else { return Ok(()) };
        tracing::warn!(url = self.url, %error, "server not ready");
        if error.policy() != Policy::WaitForServer {
            self.leave_alone();
        }
        Err(LlmError::Unreachable { url: self.url.clone() })
    }

    fn leave_alone(&self) {
        *self.again.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + LEFT_ALONE);
    }

    fn is_left_alone(&self) -> bool {
        let again = *self.again.lock().unwrap_or_else(PoisonError::into_inner);
        again.is_some_and(|again| Instant::now() < again)
    }

    async fn would_answer(&self) -> bool {
        if self.ready.load(Ordering::Relaxed) {
            return self.inner.reachable().await;
        }
        if self.is_left_alone() {
            return false;
        }
        if self.loads_early.load(Ordering::Relaxed) {
            return self.inner.reachable().await && self.join().await.is_ok();
        }
        self.meet().await.is_ok()
    }
}

impl Provider for Member {
    fn kind(&self) -> ProviderKind {
        self.inner.kind()
    }

    fn identity(&self) -> String {
        self.identity.get().cloned().unwrap_or_else(|| self.inner.identity())
    }

    fn meet(&self) -> BoxFuture<'_, Result<(), LlmError>> {
        async {
            self.inner.meet().await?;
            if self.is_alike() { Ok(()) } else { Err(LlmError::Unreachable { url: self.url.clone() }) }
        }
        .boxed()
    }

    fn prepare(&self) -> BoxFuture<'_, Result<Prepared, LlmError>> {
        self.get_ready().boxed()
    }

    fn call<'a>(&'a self, task: &'a Task, listener: Listener<'a>) -> BoxFuture<'a, Result<Answer, LlmError>> {
        async move {
            self.join().await?;
            self.inner.call(task, listener).await
        }
        .boxed()
    }

    fn reachable(&self) -> BoxFuture<'_, bool> {
        self.would_answer().boxed()
    }

    fn let_go(&self) -> BoxFuture<'_, ()> {
        self.inner.let_go()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::OnceLock;
    use std::sync::atomic::AtomicU32;

    use epitome_model::Usage;

    use super::*;

    /// A server that is told how to behave.
    #[derive(Default)]
    struct Told {
        build: &'static str,
        away: AtomicBool,
        /// Has no memory for the model.
        full: AtomicBool,
        loads: AtomicU32,
    }

    impl Provider for Told {
        fn kind(&self) -> ProviderKind {
            ProviderKind::Ollama
        }

        fn identity(&self) -> String {
            self.build.to_owned()
        }

        fn meet(&self) -> BoxFuture<'_, Result<(), LlmError>> {
            async {
                if self.away.load(Ordering::Relaxed) {
                    return Err(LlmError::Unreachable { url: String::new() });
                }
                Ok(())
            }
            .boxed()
        }

        fn prepare(&self) -> BoxFuture<'_, Result<Prepared, LlmError>> {
            async {
                self.meet().await?;
                self.loads.fetch_add(1, Ordering::Relaxed);
                if self.full.load(Ordering::Relaxed) {
                    return Err(LlmError::OutOfMemory { model: String::new() });
                }
                Ok(Prepared { window: 4096 })
            }
            .boxed()
        }

        fn call<'a>(&'a self, _: &'a Task, _: Listener<'a>) -> BoxFuture<'a, Result<Answer, LlmError>> {
            async { Ok(Answer { text: self.build.to_owned(), usage: Usage::default() }) }.boxed()
        }

        fn reachable(&self) -> BoxFuture<'_, bool> {
            async { self.meet().await.is_ok() }.boxed()
        }
    }

    fn member(told: &Arc<Told>, identity: &Identity, loads_early: bool) -> Member {
        let inner: Arc<dyn Provider> = Arc::clone(told) as Arc<dyn Provider>;
        Member::new(inner, "http://host".to_owned(), Arc::clone(identity), loads_early)
    }

    fn task() -> Task {
        Task {
            kind: epitome_model::CallKind::Map,
            book_title: String::new(),
            chapter_title: None,
            language: None,
            piece: 1,
            pieces: 1,
            carried: None,
            text: "text".into(),
            target_words: 10,
            wants_title: false,
            sampling: 0,
        }
    }

    #[tokio::test]
    async fn a_server_that_was_away_joins_and_names_the_build_of_the_tier() {
        let told = Arc::new(Told { build: "one", away: AtomicBool::new(true), ..Told::default() });
        let identity: Identity = Arc::new(OnceLock::new());
        let first = member(&told, &identity, true);
        assert!(!first.reachable().await && identity.get().is_none());
        told.away.store(false, Ordering::Relaxed);
        assert!(first.reachable().await);
        assert_eq!(identity.get().map(String::as_str), Some("one"));
        let other = Arc::new(Told { build: "two", ..Told::default() });
        assert!(!member(&other, &identity, true).reachable().await, "another build would give other answers");
    }

    #[tokio::test]
    async fn one_that_may_take_over_loads_its_model_only_when_it_has_to() {
        let told = Arc::new(Told { build: "one", ..Told::default() });
        let other = member(&told, &Arc::new(OnceLock::new()), false);
        assert!(other.meet().await.is_ok() && other.reachable().await);
        assert_eq!(told.loads.load(Ordering::Relaxed), 0);
        assert!(other.call(&task(), &|_| {}).await.is_ok());
        assert_eq!(told.loads.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn one_without_memory_stops_nobody_and_is_tried_again_after_a_while() {
        let told = Arc::new(Told { build: "one", full: AtomicBool::new(true), ..Told::default() });
        let member = member(&told, &Arc::new(OnceLock::new()), true);
        let error = member.call(&task(), &|_| {}).await.unwrap_err();
        assert_eq!(error.policy(), Policy::WaitForServer);
        for _ in 0..5 {
            assert!(!member.reachable().await);
        }
        assert_eq!(told.loads.load(Ordering::Relaxed), 1, "it is left alone");
        told.full.store(false, Ordering::Relaxed);
        // The while is over.
        *member.again.lock().unwrap() = Some(Instant::now());
        assert!(member.reachable().await && member.call(&task(), &|_| {}).await.is_ok());
    }
}
