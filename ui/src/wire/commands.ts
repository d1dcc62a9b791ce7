// Generated from the Rust types by `cargo xtask wire`. Do not edit.

import type { BookId, SectionId, JobId, ProviderStatus, Wording, WordsTrial, SettingRow, Alert, KeptAlert, History, Board, Verdict, BookCard, Edit, SectionParagraphs, AddAs, Estimate, AddPreview, PreviewOutcome, StartJob, BookView, ChapterText, ExportFormat, Added, Exported, About, DiskUse, SearchIn, Found, ChapterMarks } from './types'

export interface Commands {
  library: { args: {  }; reply: Array<BookCard> };
  cover: { args: { book: BookId }; reply: string | null };
  files: { args: { paths: Array<string> }; reply: Array<string> };
  preview: { args: { paths: Array<string> }; reply: Array<PreviewOutcome> };
  edit_preview: { args: { token: string; edits: Array<Edit> }; reply: AddPreview };
  estimate: { args: { token: string; start: StartJob }; reply: Estimate };
  try_speed: { args: { token: string; start: StartJob }; reply: Estimate };
  preview_text: { args: { token: string; section: number; from: number }; reply: SectionParagraphs };
  add: { args: { token: string; start: StartJob | null; how: AddAs }; reply: Added };
  discard: { args: { token: string }; reply: null };
  try_sample: { args: {  }; reply: Added };
  start: { args: { book: BookId; start: StartJob }; reply: JobId };
  pause: { args: { job: JobId }; reply: null };
  resume: { args: { job: JobId }; reply: null };
  stop: { args: { job: JobId }; reply: null };
  finish: { args: { job: JobId }; reply: null };
  front: { args: { job: JobId; section: SectionId | null }; reply: null };
  try_words: { args: { section: SectionId; words: Wording; ask: boolean }; reply: WordsTrial };
  board: { args: { job: JobId }; reply: Board };
  history: { args: { job: JobId }; reply: History };
  write_figures: { args: { job: JobId; path: string }; reply: Exported };
  book: { args: { book: BookId }; reply: BookView };
  chapter: { args: { section: SectionId }; reply: ChapterText };
  search: { args: { words: string; within: SearchIn; book: BookId | null; until: number | null }; reply: Found };
  marks: { args: { book: BookId; section: SectionId | null; words: string }; reply: ChapterMarks };
  remove: { args: { book: BookId }; reply: null };
  restore: { args: { book: BookId }; reply: null };
  verdict: { args: { job: JobId }; reply: Verdict };
  alerts: { args: {  }; reply: Array<KeptAlert> };
  see_alert: { args: { job: JobId; alert: Alert }; reply: null };
  export: { args: { book: BookId; format: ExportFormat; path: string }; reply: Exported };
  provider: { args: {  }; reply: ProviderStatus };
  pull: { args: { model: string }; reply: null };
  cancel_pull: { args: {  }; reply: null };
  set_key: { args: { url: string; key: string }; reply: null };
  has_key: { args: { url: string }; reply: boolean };
  settings: { args: {  }; reply: Array<SettingRow> };
  set: { args: { key: string; value: string }; reply: Array<SettingRow> };
  remembered: { args: {  }; reply: { [key in string]: string } };
  remember: { args: { name: string; value: string }; reply: null };
  about: { args: {  }; reply: About };
  storage: { args: {  }; reply: DiskUse };
  clean: { args: { put_aside: boolean }; reply: DiskUse };
}
