// Generated from the Rust types by `cargo xtask wire`. Do not edit.

export type BookId = number;

export type SectionId = number;

export type JobId = number;

export type CallId = number;

export type Format = "epub" | "text" | "markdown" | "html" | "pdf" | "docx" | "fb2" | "mobi";

export type BookMeta = { title: string, authors: Array<string>, 
/**
 * BCP 47 tag, such as `en` or `zh-Hant`.
 */
language: string | null, series: Series | null, };

export type Series = { name: string, 
/**
 * The book's place in it as the book tells it, such as `3` or `2.5`.
 */
number: string | null, };

export type ChapterMethod = "navigation" | "ncx" | "outline" | "spine" | "headings" | "sized" | "whole" | "pattern";

export type Sureness = "sure" | "likely" | "unsure";

export type Certainty = { sureness: Sureness, 
/**
 * One or two plain sentences.
 */
reason: string, };

export type LeftOutReason = "cover" | "title_page" | "imprint" | "contents" | "licence" | "index" | "notes" | "blank" | "excluded" | "missing";

export type LeftOut = { title: string, 
/**
 * Unicode scalar values.
 */
chars: number, reason: LeftOutReason, };

export type Coverage = { 
/**
 * All characters of the source.
 */
source_chars: number, 
/**
 * Characters in chapters.
 */
chapter_chars: number, 
/**
 * Characters in chapters that have a summary.
 */
summarised_chars: number, left_out: Array<LeftOut>, };

export type CallKind = "map" | "reduce" | "title" | "merge";

export type ChapterState = "waiting" | "planned" | "mapping" | "reducing" | "titling" | "done" | "failed" | "left_out";

export type JobState = "waiting" | "running" | "unreachable" | "paused" | "stopped" | "done" | "incomplete";

export type Wanted = "run" | "pause" | "finish" | "stop";

export type Usage = { prompt_tokens: number, output_tokens: number, 
/**
 * Loading the model, or waiting for a load.
 */
load_ms: number, 
/**
 * Reading the prompt.
 */
prompt_ms: number, 
/**
 * Writing the answer.
 */
output_ms: number, 
/**
 * From sending to the last byte, as the server tells.
 */
total_ms: number, 
/**
 * The server told no counts of tokens: they are counted from what arrived and from the length of the prompt.
 */
estimated: boolean, };

export type ErrorCode = "file_missing" | "file_is_folder" | "file_not_readable" | "not_a_book" | "book_empty" | "book_broken" | "book_protected" | "book_too_large" | "format_not_supported" | "several_books" | "ledger_mismatch" | "already_in_library" | "data_folder_not_writable" | "disk_full" | "data_too_new" | "data_damaged" | "unreachable" | "not_a_server" | "busy" | "load_failed" | "out_of_memory" | "first_token_timeout" | "stalled" | "cut_stream" | "malformed" | "truncated" | "context_exceeded" | "refused" | "looping" | "empty_answer" | "model_missing" | "model_not_chosen" | "cloud_model" | "bad_request" | "cancelled" | "key_refused" | "no_keyring" | "not_found" | "bad_setting" | "bad_use" | "write_failed" | "already_running" | "internal";

export type WireError = { code: ErrorCode, 
/**
 * One plain sentence: what happened, and to what.
 */
message: string, 
/**
 * One plain sentence: what to do. Empty when there is nothing to do.
 */
hint: string, };

export type ProviderKind = "ollama" | "openai" | "built_in";

export type ServerState = "ready" | "no_model" | "not_found" | "not_ollama";

export type ModelInfo = { name: string, 
/**
 * Content digest; part of what makes a result reusable.
 */
digest: string, 
/**
 * Bytes on disk.
 */
size: number, 
/**
 * Such as `8.0B`.
 */
parameters: string, 
/**
 * Such as `Q4_K_M`.
 */
quantization: string, 
/**
 * Trained window in tokens, where the server tells.
 */
window: number | null, 
/**
 * Thinks before it answers unless told not to.
 */
thinking: boolean, 
/**
 * Would send text to another machine; refused.
 */
cloud: boolean, 
/**
 * Whether all of it fits this machine's card; absent where the card is not known, or is another machine's.
 */
fits: boolean | null, };

export type ProviderStatus = { 
/**
 * Who would write the next summaries.
 */
using: ProviderKind, server: ServerState, 
/**
 * Address that was asked.
 */
url: string, version: string | null, models: Array<ModelInfo>, 
/**
 * Model that would be used.
 */
model: string | null, 
/**
 * Memory of the cards of this machine in MiB, where they are the server's and their driver tells.
 */
card_mib: number | null, 
/**
 * One sentence that says all this to the person.
 */
sentence: string, 
/**
 * What to do to get more out of it; empty when nothing.
 */
hint: string, };

export type PullProgress = { model: string, 
/**
 * What the server says it is doing.
 */
status: string, 
/**
 * Bytes of the present layer.
 */
completed: number, total: number, done: boolean, 
/**
 * Set when the pull failed.
 */
error: string | null, };

export type Profile = "baseline" | "track1" | "auto";

export type ProviderChoice = "auto" | "ollama" | "openai" | "built_in";

export type Concurrency = "auto" | { "fixed": number };

export type Permit = "call" | "chapter";

export type ChapterOrder = "reading" | "backwards" | "shortest" | "longest";

export type Commit = "at_once" | "batched";

export type BreakerRule = "broken" | "figures" | "off";

export type BreakerSettings = { rule: BreakerRule, 
/**
 * Slow-call threshold on the 95th percentile of the window, in seconds; only for [`BreakerRule::Figures`].
 */
p95_s: number, 
/**
 * Waiting calls that count as overload; only for [`BreakerRule::Figures`].
 */
queue: number, 
/**
 * Share of failed calls in the window, 0 to 1.
 */
error_rate: number, 
/**
 * Least time open, in seconds.
 */
cooldown_s: number, 
/**
 * Trial calls before it closes.
 */
half_open_attempts: number, };

export type Fallback = { provider: ProviderKind, 
/**
 * Empty for the built-in summariser.
 */
url: string, model: string, };

export type Wording = { 
/**
 * How to write: the last part of what the model is told before everything else.
 */
style: string | null, 
/**
 * Asks for the summary of a chapter in one go.
 */
chapter: string | null, 
/**
 * Asks for notes on a part of a longer chapter.
 */
part: string | null, 
/**
 * Asks for a chapter's summary from its notes.
 */
reduce: string | null, 
/**
 * Asks for one summary of several.
 */
merge: string | null, };

export type TrialAnswer = { title: string | null, preview: string | null, 
/**
 * The summary, or the notes where the chapter has several pieces.
 */
summary: string, provider: ProviderKind, model: string, 
/**
 * From the request to the last token, in milliseconds; loading the model not counted.
 */
took_ms: number, };

export type WordsTrial = { 
/**
 * What goes to the model, the text of the book shortened.
 */
system: string, user: string, 
/**
 * Pieces the chapter is read in; the first of them is shown.
 */
pieces: number, 
/**
 * Absent where nothing was asked.
 */
answer: TrialAnswer | null, };

export type JobSettings = { profile: Profile, provider: ProviderKind, 
/**
 * Address of the server; unused by the built-in summariser.
 */
url: string, 
/**
 * Further servers of the same kind with the same model, which share the work.
 */
more_urls: Array<string>, 
/**
 * Providers that may take over while the first does not answer, in this order; none means: wait.
 */
fallback: Array<Fallback>, 
/**
 * Model name; empty for the built-in summariser.
 */
model: string, 
/**
 * Language of the summaries as a BCP 47 tag; the book's own when absent.
 */
language: string | null, concurrency: Concurrency, 
/**
 * `num_ctx` of every call of the job, in tokens; found from model and book when absent.
 */
window: number | null, 
/**
 * Largest window chosen by itself, in tokens (slots × window must fit the card's memory).
 */
window_max: number, 
/**
 * Memory of the card for what the model remembers of the calls at a time (its KV cache), in MiB.
 */
kv_mib: number, temperature: number, wording: Wording, 
/**
 * How long the server keeps the model after the last call, as Ollama writes it (`10m`).
 */
keep_alive: string, 
/**
 * Longest wait for the first token, loading and queueing included, in seconds.
 */
first_token_s: number, 
/**
 * Longest silence between two tokens, in seconds.
 */
stall_s: number, 
/**
 * Tries of one call before its chapter fails.
 */
attempts: number, 
/**
 * How long an unreachable server is waited for before the job stops and says so, in seconds; 0 means for ever.
 */
outage_s: number, 
/**
 * Largest piece in characters; `None` means as large as the window allows.
 */
chunk_size: number | null, 
/**
 * Characters shared by neighbouring pieces.
 */
chunk_overlap: number, 
/**
 * Longer chapters are cut, where `chunk_size` is set.
 */
chunk_threshold: number, 
/**
 * Room of the queue of calls before the workers.
 */
summary_capacity: number, 
/**
 * Room of the queue before the database writer.
 */
write_capacity: number, 
/**
 * Write-queue depth above which workers take no new work.
 */
backpressure_at: number, 
/**
 * Chapters planned in one go; `None` means until the queue is full.
 */
enqueue_batch: number | null, 
/**
 * Share of the summary queue above which no further batch is planned, 0 to 1; `None` means: only when it is full.
 */
enqueue_high_water: number | null, 
/**
 * Workers kept ready, and the most there may be; those beyond the calls allowed in flight stand by.
 */
workers_min: number, workers_max: number, permit: Permit, order: ChapterOrder, commit: Commit, 
/**
 * A batch is committed after so many milliseconds or so many items, whichever comes first; metrics and events
 * always, results only with [`Commit::Batched`].
 */
writer_flush_ms: number, writer_flush_items: number, breaker: BreakerSettings, 
/**
 * Share of the card among jobs that run at the same time; 1 is usual.
 */
weight: number, };

export type SettingSource = "command_line" | "environment" | "file" | "profile";

export type SettingForm = "line" | "choice" | "words" | "folder";

export type TakesEffect = "at_once" | "next_job" | "next_start";

export type SettingRow = { 
/**
 * Such as `llm.concurrency`.
 */
key: string, group: string, 
/**
 * Belongs to a group that is folded away until it is asked for.
 */
expert: boolean, label: string, 
/**
 * One sentence: what it does.
 */
help: string, value: string, 
/**
 * What it would be without the person's own choice.
 */
default: string, 
/**
 * The profiles have values of their own for it.
 */
of_profile: boolean, unit: string, 
/**
 * Allowed values in words, such as `1 to 64, or auto`.
 */
range: string, 
/**
 * The values of a choice; empty for numbers and text.
 */
choices: Array<string>, form: SettingForm, 
/**
 * Environment variable that sets it.
 */
environment: string, source: SettingSource, takes_effect: TakesEffect, };

export type Gauge = { value: number, bound: number, };

export type Remaining = { low_s: number, likely_s: number, high_s: number, };

export type HostState = "ready" | "trial" | "open";

export type HostVitals = { 
/**
 * Address, or the name of the built-in summariser.
 */
name: string, state: HostState, 
/**
 * Why it is not ready.
 */
reason: string | null, 
/**
 * Calls in flight against the most allowed now.
 */
in_flight: Gauge, 
/**
 * Whether the best number of calls at a time is still being looked for.
 */
seeking: boolean, 
/**
 * Calls the server was seen to work on at the same time, where that is known.
 */
slots: number | null, 
/**
 * Output tokens per second over the last seconds.
 */
tokens_out_per_s: number, };

export type Spread = { count: number, p50: number, p95: number, p99: number, };

export type Stages = { 
/**
 * A chapter's text from the library.
 */
read: Spread, 
/**
 * Cutting a chapter into pieces, planning its calls and looking whether they were made before.
 */
chunk: Spread, map: Spread, reduce: Spread, title: Spread, merge: Spread, 
/**
 * All calls together.
 */
call: Spread, 
/**
 * A durable commit of the library.
 */
commit: Spread, };

export type Machine = { 
/**
 * Share of all processors that is busy, 0 to 1.
 */
cpu: number | null, 
/**
 * Share of the time the card was busy in the last second, 0 to 1; the busiest card of several.
 */
gpu: number | null, 
/**
 * Memory of the cards, in MiB.
 */
gpu_memory: Gauge | null, };

export type CallEnd = "answered" | "failed" | "broken_off";

export type LaneCall = { 
/**
 * Rising with the time of sending.
 */
id: number, 
/**
 * Place of its server in [`Vitals::hosts`].
 */
host: number, 
/**
 * The lowest slot of the server that was free, from 0.
 */
slot: number, kind: CallKind, 
/**
 * Chapter number; absent for the synopsis.
 */
number: number | null, section: SectionId | null, 
/**
 * Whether it is a call of this job; others share the card with it.
 */
ours: boolean, 
/**
 * Unix times in milliseconds: when it was sent, when its first token came, when it ended.
 */
sent_ms: number, first_ms: number | null, end_ms: number | null, end: CallEnd | null, };

export type AlertKind = "queue" | "workers" | "timeouts" | "commit" | "errors";

export type Alert = { kind: AlertKind, 
/**
 * Unix time in milliseconds.
 */
since_ms: number, 
/**
 * What is so, and what it comes of.
 */
cause: string, 
/**
 * What to do.
 */
hint: string, };

export type KeptAlert = { job: JobId, alert: Alert, 
/**
 * It is no longer so.
 */
over: boolean, seen: boolean, };

export type Sample = { 
/**
 * Unix time in milliseconds.
 */
at_ms: number, summary_queue: number, write_queue: number, workers_busy: number, workers: number, in_flight: number, in_flight_most: number, tokens_in_per_s: number, tokens_out_per_s: number, chunks_done: number, chapters_done: number, errors: number, 
/**
 * Latency of the last calls, in milliseconds.
 */
call_p50: number, call_p95: number, call_p99: number, commit_p95: number, 
/**
 * Writes in the last commit.
 */
commit_batch: number, 
/**
 * Shares, 0 to 1.
 */
cpu: number | null, gpu: number | null, 
/**
 * MiB.
 */
gpu_memory: number | null, };

export type History = { samples: Array<Sample>, 
/**
 * Time between two samples while the job runs, in milliseconds.
 */
every_ms: number, };

export type Vitals = { summary_queue: Gauge, write_queue: Gauge, 
/**
 * Busy workers of all.
 */
workers: Gauge, 
/**
 * Calls in flight against the most allowed.
 */
in_flight: Gauge, 
/**
 * Output tokens per second over the last seconds.
 */
tokens_out_per_s: number, 
/**
 * Prompt tokens per second over the last seconds.
 */
tokens_in_per_s: number, 
/**
 * Pieces of all chapters: done, planned so far, failed.
 */
chunks_done: number, chunks_planned: number, chunks_failed: number, chapters_done: number, chapters_failed: number, chapters_all: number, 
/**
 * Requests answered or failed so far, retries included.
 */
calls: number, 
/**
 * Requests that failed, whether or not a retry mended it.
 */
errors: number, retries: number, 
/**
 * Calls given up because nothing was heard of them.
 */
timeouts: number, 
/**
 * Calls answered from the store because the same call was already paid for.
 */
reused: number, remaining: Remaining | null, 
/**
 * The servers calls go to.
 */
hosts: Array<HostVitals>, 
/**
 * What the person could set up better, in words; absent when nothing.
 */
advice: string | null, 
/**
 * How long planning was held back by a full queue, in milliseconds.
 */
producer_blocked_ms: number, 
/**
 * From the beginning of this run to its first finished chapter, in milliseconds.
 */
first_summary_ms: number | null, stages: Stages, 
/**
 * Writes that the last commit of the library made durable together.
 */
commit_batch: number, machine: Machine, 
/**
 * What is not as it should be.
 */
alerts: Array<Alert>, 
/**
 * Since the job began running in this process, in milliseconds.
 */
elapsed_ms: number, };

export type CellState = { state: ChapterState, 
/**
 * Finished calls of this chapter.
 */
done: number, 
/**
 * Planned calls of this chapter; 0 while unplanned.
 */
planned: number, };

export type Cell = { section: SectionId, 
/**
 * Chapter number; absent for a part left out.
 */
number: number | null, title: string, cell: CellState, };

export type EventLevel = "info" | "good" | "warning" | "bad";

export type Event = { 
/**
 * Rising within a job.
 */
id: number, 
/**
 * Unix time in milliseconds.
 */
at_ms: number, level: EventLevel, text: string, 
/**
 * Chapter it is about.
 */
section: SectionId | null, };

export type JobHead = { job: JobId, book: BookId, book_title: string, state: JobState, 
/**
 * Why it does not go on, where it does not; what to do.
 */
reason: string | null, profile: Profile, provider: ProviderKind, model: string, 
/**
 * Tokens; absent for the built-in summariser.
 */
window: number | null, 
/**
 * Unix time in milliseconds.
 */
started_ms: number | null, 
/**
 * Characters of the source, and of them in chapters or named left-outs: equal, or something is wrong.
 */
source_chars: number, accounted_chars: number, };

export type Board = { head: JobHead, vitals: Vitals, 
/**
 * In reading order.
 */
cells: Array<Cell>, 
/**
 * Newest last; at most 200.
 */
events: Array<Event>, 
/**
 * Calls of the last two minutes at the servers of the job, by their number.
 */
calls: Array<LaneCall>, 
/**
 * Number of the last frame this board includes.
 */
seq: number, };

export type BoardFrame = { job: JobId, seq: number, state: JobState, reason: string | null, vitals: Vitals, 
/**
 * Changed cells: place in [`Board::cells`] and new state.
 */
cells: Array<[number, CellState]>, 
/**
 * New events, oldest first.
 */
events: Array<Event>, 
/**
 * Calls that began or changed, by their number.
 */
calls: Array<LaneCall>, };

export type ServiceLevel = { 
/**
 * Such as `p95 a chapter`.
 */
name: string, 
/**
 * Milliseconds that are not to be reached.
 */
goal_ms: number, measured_ms: number, 
/**
 * Absent while the run is not over.
 */
met: boolean | null, };

export type Verdict = { 
/**
 * As [`RunReport::chapters`].
 */
chapters: Spread, levels: Array<ServiceLevel>, };

export type BookCard = { id: BookId, meta: BookMeta, format: Format, file_name: string, chapters: number, 
/**
 * Chapters that have a summary.
 */
summarised: number, failed: number, source_chars: number, 
/**
 * Unix time in milliseconds.
 */
added_ms: number, 
/**
 * Bytes of the book's own cover, where it has one. Asked for by itself, and only while it is seen.
 */
cover: number | null, 
/**
 * Newest job, if any.
 */
job: JobId | null, state: JobState | null, reason: string | null, remaining: Remaining | null, 
/**
 * Who wrote the summaries of the newest job.
 */
provider: ProviderKind | null, model: string | null, };

export type Edit = { "edit": "leave_out", sections: Array<number>, } | { "edit": "put_back", sections: Array<number>, } | { "edit": "merge", section: number, following: number, } | { "edit": "split", section: number, at: number, } | { "edit": "rename", section: number, title: string, } | { "edit": "pattern", pattern: string, };

export type Paragraph = { 
/**
 * Its place in the section, in characters (Unicode scalar values).
 */
at: number, 
/**
 * Its beginning, on one line.
 */
text: string, };

export type SectionParagraphs = { paragraphs: Array<Paragraph>, 
/**
 * Where the paragraphs go on that were not given; absent at the end.
 */
next: number | null, };

export type Kinship = "same" | "changed" | "new";

export type Grown = { book: BookId, 
/**
 * Title of the book that is there.
 */
title: string, 
/**
 * Chapters of the file by what is known of them.
 */
same: number, changed: number, new: number, 
/**
 * Chapters of the book that the file does not hold any more.
 */
gone: number, };

export type AddAs = "update" | "replace" | "new_book";

export type PreviewChapter = { 
/**
 * Chapter number; absent when left out.
 */
number: number | null, title: string, 
/**
 * Part or volume it belongs to.
 */
part: string | null, chars: number, left_out: LeftOutReason | null, 
/**
 * First words of the text.
 */
opening: string, 
/**
 * What is known of it where the file is a newer version of a book that is there.
 */
kinship: Kinship | null, };

export type Estimate = { calls: number, 
/**
 * Prompt tokens, thousands rounded up.
 */
tokens_in: number, tokens_out: number, 
/**
 * Absent while no speed has been measured on this machine with this model.
 */
time: Remaining | null, 
/**
 * Where the time comes from, in a sentence.
 */
basis: string, provider: ProviderKind, model: string, };

export type AddPreview = { 
/**
 * Names this preview when it is confirmed.
 */
token: string, file_name: string, meta: BookMeta, format: Format, method: ChapterMethod, sections: Array<PreviewChapter>, coverage: Coverage, estimate: Estimate, 
/**
 * The same file is in the library already.
 */
known: BookId | null, 
/**
 * How sure it is that these are the book's chapters.
 */
certainty: Certainty, 
/**
 * A book of the library that the file is a newer version of.
 */
grown: Grown | null, 
/**
 * What the reader changed; the sections are as it left them.
 */
edits: Array<Edit>, };

export type PreviewOutcome = { "outcome": "book", preview: AddPreview, } | { "outcome": "refused", file_name: string, error: WireError, };

export type StartJob = { provider: ProviderKind | null, model: string | null, 
/**
 * Only these chapters; all when absent.
 */
sections: Array<SectionId> | null, 
/**
 * Ask anew even where the same call was already paid for.
 */
fresh: boolean, 
/**
 * Settings of this job alone, by key, as a person would type them. Those that take effect in running jobs at once
 * belong to all jobs and are refused.
 */
settings: { [key in string]: string }, };

export type ChapterRow = { section: SectionId, number: number | null, 
/**
 * As the source names it.
 */
source_title: string, part: string | null, chars: number, left_out: LeftOutReason | null, state: ChapterState, 
/**
 * Written title; absent until there is one.
 */
title: string | null, preview: string | null, error: WireError | null, };

export type BookView = { card: BookCard, method: ChapterMethod, coverage: Coverage, synopsis: string | null, chapters: Array<ChapterRow>, settings: JobSettings | null, };

export type ChapterText = { section: SectionId, number: number | null, source_title: string, title: string | null, preview: string | null, summary: string | null, source: string, pieces: number, provider: ProviderKind | null, model: string | null, 
/**
 * Unix time in milliseconds.
 */
written_ms: number | null, state: ChapterState, error: WireError | null, };

export type ExportFormat = "markdown" | "json";

export type Added = { book: BookId, job: JobId | null, };

export type Exported = { path: string, bytes: number, };

export type About = { version: string, data_folder: string, settings_file: string, log_folder: string, };

export type PutAside = { path: string, bytes: number, };

export type DiskUse = { 
/**
 * The library with its log: books, summaries, answers, figures.
 */
library: number, 
/**
 * Of it, left by what was removed: used again by what comes, or given back to the disk by cleaning.
 */
free: number, 
/**
 * Damaged libraries that were put aside, oldest first.
 */
aside: Array<PutAside>, };

export type SearchIn = "everything" | "summaries" | "sources";

export type Place = "book" | "synopsis" | "title" | "preview" | "summary" | "source";

export type Mark = { from: number, to: number, };

export type Hit = { 
/**
 * None where it is of the book as a whole.
 */
section: SectionId | null, number: number | null, 
/**
 * The chapter's written title, else the source's; the book's where it is of the book as a whole.
 */
title: string, place: Place, 
/**
 * Some of the text around the first of the words.
 */
snippet: string, 
/**
 * The words in the snippet.
 */
marks: Array<Mark>, 
/**
 * How often one of the words is in the whole text.
 */
times: number, 
/**
 * Where in the whole text the first of the snippet's marks begins, in Unicode scalar values.
 */
at: number, };

export type BookHits = { book: BookId, title: string, authors: Array<string>, hits: Array<Hit>, 
/**
 * Places in the book that hold the words, shown or not.
 */
total: number, };

export type Found = { books: Array<BookHits>, 
/**
 * Places that hold the words, shown or not.
 */
total: number, 
/**
 * Chapters that were added lately and cannot be found yet.
 */
unindexed: number, };

export type ChapterMarks = { title: Array<Mark>, preview: Array<Mark>, summary: Array<Mark>, source: Array<Mark>, };

export type FeedMessage = { "kind": "frames", frames: Array<BoardFrame>, } | { "kind": "changed" } | { "kind": "provider", status: ProviderStatus, } | { "kind": "pull", progress: PullProgress, } | { "kind": "settings", rows: Array<SettingRow>, } | { "kind": "notice", 
/**
 * One or a few plain sentences.
 */
text: string, } | { "kind": "closing", 
/**
 * Books at work.
 */
books: number, } | { "kind": "open", paths: Array<string>, };
