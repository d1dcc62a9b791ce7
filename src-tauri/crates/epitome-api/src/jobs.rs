//! Jobs: starting, holding, going on; and the board of each.

use std::sync::Arc;
use std::time::Duration;

use epitome_llm::Server;
use epitome_model::{
    Board, BookId, ErrorCode, History, JobId, JobSettings, JobState, ProviderChoice, ProviderKind, Sample, SectionId,
    ServerState, StartJob, Wanted, WireError,
};
use epitome_pipeline::{LiveBoard, RunError, Speed};
use epitome_store::{book, chapter, job, measure, speed, views};
use tokio::sync::watch;

use crate::Api;

/// Characters of a book from which its script is told.
const SAMPLE_CHARS: usize = 4_000;

/// How often a job that another process runs is looked at.
const ELSEWHERE: Duration = Duration::from_millis(500);

/// A job that this process runs.
#[derive(Clone)]
pub(crate) struct Running {
    pub(crate) board: Option<Arc<LiveBoard>>,
    /// The state it ended in, once it has.
    pub(crate) ended: watch::Receiver<Option<JobState>>,
    /// The person wanted it to go on while it was at work: if it ends all the same, it was just being stopped.
    pub(crate) again: bool,
}

impl Api {
    pub(crate) async fn start(&self, book: BookId, start: StartJob) -> Result<JobId, WireError> {
        let settings = self.job_settings(&start).await?;
        let created_ms = self.now_ms();
        let job = self
            .store()
            .write(move |tx| {
                if !book::exists(tx, book)? {
                    return Ok(None);
                }
                // One job of a book at a time: an older one that waits would do the same work.
                job::stop_unfinished(tx, book)?;
                let generation = if start.fresh { created_ms } else { 0 };
                let new =
                    job::NewJob { book, settings: &settings, scope: start.sections.as_deref(), generation, created_ms };
                let id = job::insert(tx, &new)?;
                // A book that has grown is gone on with; who asks for another model or for new words gets all of them.
                if !start.fresh
                    && start.sections.is_none()
                    && start.settings.is_empty()
                    && chapter::has_grown(tx, book)?
                {
                    let asked = start.provider.is_some() || start.model.is_some();
                    chapter::carry(tx, id, book, asked.then_some((settings.provider, settings.model.as_str())))?;
                }
                Ok(Some(id))
            })
            .await?;
        let job = job.ok_or_else(not_there)?;
        self.run(job);
        self.changed();
        Ok(job)
    }

    /// What the job would run with: the person's choice, checked against what is there.
    pub(crate) async fn job_settings(&self, start: &StartJob) -> Result<JobSettings, WireError> {
        let own = start.settings.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        let settings = self.settings_now().for_one_job(own)?;
        let asked = start.provider;
        if asked == Some(ProviderKind::BuiltIn) || (asked.is_none() && settings.provider() == ProviderChoice::BuiltIn) {
            return settings.job(ProviderKind::BuiltIn, String::new());
        }
        if asked == Some(ProviderKind::OpenAi) || (asked.is_none() && settings.provider() == ProviderChoice::OpenAi) {
            return self.openai_job(&settings, start.model.as_deref()).await;
        }
        let status = self.ollama_status(&settings).await;
        let must = asked == Some(ProviderKind::Ollama) || settings.provider() == ProviderChoice::Ollama;
        if !must && status.using == ProviderKind::BuiltIn {
            return settings.job(ProviderKind::BuiltIn, String::new());
        }
        // Until it is there, others may take over; its model must be known for that.
        let model = start.model.clone().unwrap_or_else(|| settings.value("ollama.model").to_owned());
        if status.server == ServerState::NotFound && !model.is_empty() {
            let job = settings.job(ProviderKind::Ollama, model)?;
            if !job.fallback.is_empty() {
                return Ok(job);
            }
        }
        match status.server {
            ServerState::NotFound | ServerState::NotOllama | ServerState::NoModel => {
                let code = match status.server {
                    ServerState::NotFound => ErrorCode::Unreachable,
                    ServerState::NotOllama => ErrorCode::NotAServer,
                    _ => ErrorCode::ModelMissing,
                };
                Err(WireError::new(code, status.sentence, status.hint))
            }
            ServerState::Ready => {
                let model = start.model.clone().or(status.model).unwrap_or_default();
                let known = status.models.iter().find(|known| same_model(&known.name, &model));
                match known {
                    Some(known) if known.cloud => Err(WireError::new(
                        ErrorCode::CloudModel,
                        format!("The model {model} would send the book to another machine."),
                        "Choose a model that runs on this one.",
                    )),
                    Some(known) => settings.job(ProviderKind::Ollama, known.name.clone()),
                    None => Err(WireError::new(
                        ErrorCode::ModelMissing,
                        format!("Ollama has no model named \u{201c}{model}\u{201d}."),
                        format!(
                            "Fetch it with \u{201c}ollama pull {model}\u{201d}, or choose one of: {}.",
                            names(&status.models)
                        ),
                    )),
                }
            }
        }
    }

    pub(crate) async fn pause(&self, job: JobId) -> Result<(), WireError> {
        self.want(job, Wanted::Pause).await
    }

    pub(crate) async fn stop(&self, job: JobId) -> Result<(), WireError> {
        self.want(job, Wanted::Stop).await
    }

    pub(crate) async fn finish(&self, job: JobId) -> Result<(), WireError> {
        self.want(job, Wanted::Finish).await
    }

    pub(crate) async fn resume(&self, job: JobId) -> Result<(), WireError> {
        self.want(job, Wanted::Run).await?;
        self.run(job);
        Ok(())
    }

    /// Pauses everything that is at work or waits for its turn; gives how many books.
    pub async fn pause_all(&self) -> Result<usize, WireError> {
        let jobs = self.read_store(job::unfinished).await?;
        for row in &jobs {
            self.pause(row.id).await?;
        }
        Ok(jobs.len())
    }

    /// Goes on with every book whose newest job is paused; gives how many.
    pub async fn resume_all(&self) -> Result<usize, WireError> {
        let cards = self.library().await?;
        let paused: Vec<JobId> =
            cards.iter().filter(|card| card.state == Some(JobState::Paused)).filter_map(|card| card.job).collect();
        for job in &paused {
            self.resume(*job).await?;
        }
        Ok(paused.len())
    }

    /// Title of the book of a job.
    pub async fn title_of(&self, id: JobId) -> Option<String> {
        let title = move |conn: &epitome_store::Connection| {
            let Some(row) = job::find(conn, id)? else { return Ok(None) };
            Ok(book::find(conn, row.book)?.map(|book| book.meta.title))
        };
        self.read_store(title).await.ok().flatten()
    }

    /// Writes down what the person wants. The process that runs the job follows; one that nobody runs is changed here.
    async fn want(&self, job: JobId, wanted: Wanted) -> Result<(), WireError> {
        let found = self
            .store()
            .write(move |tx| {
                let Some(row) = job::find(tx, job)? else { return Ok(false) };
                job::set_wanted(tx, job, wanted)?;
                if wanted == Wanted::Run && !matches!(row.state, JobState::Done) {
                    job::set_state(tx, job, JobState::Waiting, None)?;
                }
                Ok(true)
            })
            .await?;
        if !found {
            return Err(not_there());
        }
        if let Some(running) = self.runs().get_mut(&job) {
            running.again = wanted == Wanted::Run;
        }
        if self.is_running(job) {
            self.conductor().heed(job).await;
        } else if wanted != Wanted::Run {
            self.settle(job, wanted).await?;
        }
        self.changed();
        Ok(())
    }

    /// Gives a job that no process runs the state that was asked for.
    async fn settle(&self, job: JobId, wanted: Wanted) -> Result<(), WireError> {
        let lock = epitome_pipeline::JobLock::take(self.store().folder(), job).map_err(crate::internal)?;
        if lock.is_none() {
            return Ok(());
        }
        let state = if wanted == Wanted::Pause { JobState::Paused } else { JobState::Stopped };
        self.store().write(move |tx| job::set_state(tx, job, state, None)).await?;
        Ok(())
    }

    /// Goes on with every job a former run left, except those another process is at.
    pub async fn resume_unfinished(&self) -> Result<Vec<JobId>, WireError> {
        let jobs = self.read_store(job::unfinished).await?;
        let jobs: Vec<JobId> = jobs.into_iter().map(|row| row.id).collect();
        for job in &jobs {
            self.run(*job);
        }
        Ok(jobs)
    }

    /// Whether this process runs the job.
    pub(crate) fn is_running(&self, job: JobId) -> bool {
        self.runs().get(&job).is_some_and(|running| running.board.is_some() && running.ended.borrow().is_none())
    }

    /// Runs a job in the background, together with others: they share the card. A job that another
    /// process runs is waited for, and taken over should that process die.
    pub(crate) fn run(&self, job: JobId) {
        let (end, ended) = watch::channel(None);
        {
            let mut runs = self.runs();
            if runs.get(&job).is_some_and(|running| running.ended.borrow().is_none()) {
                return;
            }
            runs.insert(job, Running { board: None, ended, again: false });
        }
        let api = self.clone();
        tokio::spawn(async move {
            let state = loop {
                match api.work(job).await {
                    Some(state) => break state,
                    None => tokio::time::sleep(ELSEWHERE).await,
                }
            };
            api.last_frame(job);
            end.send_replace(Some(state));
            // Whoever wants it to go on from now on runs it anew; who wanted it until now is heard here.
            match api.goes_on(job, state).await {
                Ok(true) => api.run(job),
                Ok(false) => {}
                Err(error) => tracing::error!(%job, error = error.message, "whether the job goes on could not be read"),
            }
            api.changed();
        });
    }

    /// Whether the person took a pause or a stop back while the job was ending because of it.
    async fn goes_on(&self, id: JobId, ended: JobState) -> Result<bool, WireError> {
        let again = self.runs().get(&id).is_some_and(|running| running.again);
        if ended != JobState::Paused && !(again && ended == JobState::Stopped) {
            return Ok(false);
        }
        let take_back = move |tx: &epitome_store::Connection| {
            let wants = job::find(tx, id)?.is_some_and(|row| row.wanted == Wanted::Run);
            if wants {
                job::set_state(tx, id, JobState::Waiting, None)?;
            }
            Ok(wants)
        };
        Ok(self.store().write(take_back).await?)
    }

    /// Gives the jobs that run here the settings that take effect at once.
    pub(crate) async fn retune(&self) {
        let running: Vec<JobId> = self.runs().keys().copied().collect();
        for id in running.into_iter().filter(|id| self.is_running(*id)) {
            match self.settings_in_force(id).await {
                Ok(Some(settings)) => self.conductor().set(id, settings).await,
                Ok(None) => {}
                Err(error) => tracing::warn!(job = %id, error = error.message, "settings not taken"),
            }
        }
    }

    /// The settings a job goes on with where they differ from those it has; stored, so that they stay.
    async fn settings_in_force(&self, id: JobId) -> Result<Option<JobSettings>, WireError> {
        let Some(row) = self.read_store(move |conn| job::find(conn, id)).await? else { return Ok(None) };
        let settings = self.settings_now().live_changes(&row.settings);
        if settings == row.settings {
            return Ok(None);
        }
        let stored = settings.clone();
        self.store().write(move |tx| job::set_settings(tx, id, &stored)).await?;
        Ok(Some(settings))
    }

    /// The reader waits for a chapter, or for a whole book: its calls go before others.
    pub(crate) async fn front(&self, job: JobId, section: Option<SectionId>) -> Result<(), WireError> {
        match section {
            Some(section) => self.conductor().front_chapter(section).await,
            None => self.conductor().front_job(job).await,
        }
        Ok(())
    }

    /// Runs a job to its end; `None` while another process does.
    async fn work(&self, id: JobId) -> Option<JobState> {
        let row = match self.read_store(move |conn| job::find(conn, id)).await {
            Ok(Some(row)) => row,
            Ok(None) => return Some(JobState::Stopped),
            Err(error) => {
                tracing::error!(job = %id, %error, "job could not be read");
                return Some(JobState::Stopped);
            }
        };
        if !row.state.resumes() {
            return Some(row.state);
        }
        let _turn = match row.scope {
            // A few chapters are what the reader waits for.
            Some(_) => None,
            None => self.turns().acquire().await.ok(),
        };
        if let Err(error) = self.settings_in_force(id).await {
            tracing::warn!(job = %id, error = error.message, "settings not taken");
        }
        let api = self.clone();
        let register = move |board: Arc<LiveBoard>| {
            if let Some(running) = api.runs().get_mut(&id) {
                running.board = Some(board);
            }
            api.changed();
        };
        match self.conductor().run(id, register).await {
            Ok(state) => Some(state),
            Err(RunError::RunsElsewhere) => None,
            Err(error) => {
                tracing::error!(job = %id, %error, "run ended");
                let error = WireError::from(error);
                let reason = Some(format!("{} {}", error.message, error.hint).trim().to_owned());
                if let Some(board) = self.runs().get(&id).and_then(|running| running.board.clone()) {
                    board.set_state(JobState::Stopped, reason.clone());
                }
                let written =
                    self.store().write(move |tx| job::set_state(tx, id, JobState::Stopped, reason.as_deref()));
                if let Err(error) = written.await {
                    tracing::error!(job = %id, %error, "state could not be written");
                }
                Some(JobState::Stopped)
            }
        }
    }

    /// Waits until a job that this process runs has ended.
    pub async fn wait(&self, job: JobId) -> JobState {
        let running = self.runs().get(&job).cloned();
        let Some(mut running) = running else { return JobState::Stopped };
        let ended = running.ended.wait_for(Option::is_some).await;
        ended.map_or(JobState::Stopped, |state| state.unwrap_or(JobState::Stopped))
    }

    /// The board: live when the job runs here, else from what is stored.
    pub(crate) async fn board(&self, job: JobId) -> Result<Board, WireError> {
        let live = self.runs().get(&job).and_then(|running| running.board.clone());
        if let Some(board) = live {
            return Ok(board.board());
        }
        self.stored_board(job).await
    }

    /// The figures of a job over the last hours.
    pub(crate) async fn history(&self, job: JobId) -> Result<History, WireError> {
        let rows = self.read_store(move |conn| measure::since::<Sample>(conn, job, 0)).await?;
        Ok(History::of(rows.into_iter().map(|(_, sample)| sample).collect()))
    }

    /// The board as the store tells it.
    pub(crate) async fn stored_board(&self, id: JobId) -> Result<Board, WireError> {
        let board = self.read_store(move |conn| views::board(conn, id)).await?;
        board.ok_or_else(not_there)
    }

    /// Speed measured with these settings, if any.
    pub(crate) async fn speed(&self, settings: &JobSettings) -> Result<Option<Speed>, WireError> {
        let (host, model) = (settings.url.clone(), settings.model.clone());
        let tried = self.tried().get(&(host.clone(), model.clone())).copied();
        let found = self.read_store(move |conn| speed::newest(conn, &host, &model)).await?;
        let found = found.map(|row| Speed { prompt_tps: row.prompt_tps, output_tps: row.output_tps, alone: false });
        Ok(found.or(tried))
    }

    /// Asks the server at the address in force.
    pub(crate) fn server(&self) -> Result<Server, WireError> {
        Ok(Server::new(self.settings_now().value("ollama.url"))?)
    }
}

/// The beginning of a text, from which its script is told.
pub(crate) fn sample(text: &str) -> &str {
    let end = text.char_indices().nth(SAMPLE_CHARS).map_or(text.len(), |(at, _)| at);
    &text[..end]
}

/// `llama3.1` means `llama3.1:latest`, as Ollama reads it.
fn same_model(known: &str, asked: &str) -> bool {
    known == asked || known.strip_suffix(":latest") == Some(asked)
}

fn names(models: &[epitome_model::ModelInfo]) -> String {
    models.iter().filter(|model| !model.cloud).map(|model| model.name.as_str()).collect::<Vec<_>>().join(", ")
}

pub(crate) fn not_there() -> WireError {
    WireError::new(ErrorCode::NotFound, "That is no longer in the library.", "Look at the library again.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Open;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_pause_or_stop_that_was_taken_back_while_it_took_effect_does_not_hold() {
        let home = tempfile::tempdir().unwrap();
        let choices = vec![("provider.choice".to_owned(), "built-in".to_owned())];
        let api = Api::open(Open { data: Some(home.path().join("data")), choices, ..Open::default() }).await.unwrap();
        let path = home.path().join("road.txt");
        std::fs::write(&path, "The Long Road\n\n\nChapter 1\n\nThe white whale is seen from afar.\n".repeat(4))
            .unwrap();
        let book = api.import(&path).await.unwrap();
        let job = api.start(book, StartJob::default()).await.unwrap();
        api.wait(job).await;
        // What was wanted last, how the run ended, whether the wish to go on came meanwhile, and what follows.
        let cases = [
            (Wanted::Run, JobState::Paused, false, true),
            (Wanted::Pause, JobState::Paused, false, false),
            (Wanted::Run, JobState::Stopped, true, true),
            (Wanted::Stop, JobState::Stopped, true, false),
            // An error stopped it.
            (Wanted::Run, JobState::Stopped, false, false),
            (Wanted::Run, JobState::Done, true, false),
        ];
        for (wanted, ended, again, goes_on) in cases {
            let left = move |tx: &epitome_store::Connection| {
                job::set_wanted(tx, job, wanted)?;
                job::set_state(tx, job, ended, None)
            };
            api.store().write(left).await.unwrap();
            api.runs().get_mut(&job).unwrap().again = again;
            assert_eq!(api.goes_on(job, ended).await.unwrap(), goes_on, "{wanted:?}, {ended:?}");
            let state = api.read_store(move |conn| job::find(conn, job)).await.unwrap().unwrap().state;
            assert_eq!(state, if goes_on { JobState::Waiting } else { ended });
        }
    }
}
