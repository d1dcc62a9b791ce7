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

export type LeftOutReason = "cover" | "title_page" | "imprint" | "contents" | "licence" | "index" | "notes" | "blank" | "excluded";

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

export type Wanted = "run" | "pause" | "stop";

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
cloud: boolean, };

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
kv_mib: number, temperature: number, 
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
workers_min: number, workers_max: number, permit: Permit, commit: Commit, 
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
default: string, unit: string, 
/**
 * Allowed values in words, such as `1 to 64, or auto`.
 */
range: string, 
/**
 * The values of a choice; empty for numbers and text.
 */
choices: Array<string>, 
/**
 * Environment variable that sets it.
 */
environment: string, source: SettingSource, 
/**
 * Whether a change takes effect in running jobs at once; else with the next job.
 */
live: boolean, };

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
events: Array<Event>, };

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
 * The book's own cover as a `data:` address.
 */
cover: string | null, 
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
fresh: boolean, };

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

export type FeedMessage = { "kind": "frame", frame: BoardFrame, } | { "kind": "changed" } | { "kind": "provider", status: ProviderStatus, } | { "kind": "pull", progress: PullProgress, } | { "kind": "settings", rows: Array<SettingRow>, } | { "kind": "notice", 
/**
 * One or a few plain sentences.
 */
text: string, } | { "kind": "open", paths: Array<string>, };
