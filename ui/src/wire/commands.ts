// Generated from the Rust types by `cargo xtask wire`. Do not edit.

import type { BookId, SectionId, JobId, ProviderStatus, SettingRow, Board, BookCard, Edit, SectionParagraphs, AddAs, AddPreview, PreviewOutcome, StartJob, BookView, ChapterText, ExportFormat, Added, Exported, About } from './types'

export interface Commands {
  library: { args: {  }; reply: Array<BookCard> };
  files: { args: { paths: Array<string> }; reply: Array<string> };
  preview: { args: { paths: Array<string> }; reply: Array<PreviewOutcome> };
  edit_preview: { args: { token: string; edits: Array<Edit> }; reply: AddPreview };
  preview_text: { args: { token: string; section: number; from: number }; reply: SectionParagraphs };
  add: { args: { token: string; start: StartJob | null; how: AddAs }; reply: Added };
  discard: { args: { token: string }; reply: null };
  try_sample: { args: {  }; reply: Added };
  start: { args: { book: BookId; start: StartJob }; reply: JobId };
  pause: { args: { job: JobId }; reply: null };
  resume: { args: { job: JobId }; reply: null };
  stop: { args: { job: JobId }; reply: null };
  front: { args: { job: JobId; section: SectionId | null }; reply: null };
  board: { args: { job: JobId }; reply: Board };
  book: { args: { book: BookId }; reply: BookView };
  chapter: { args: { section: SectionId }; reply: ChapterText };
  remove: { args: { book: BookId }; reply: null };
  export: { args: { book: BookId; format: ExportFormat; path: string }; reply: Exported };
  provider: { args: {  }; reply: ProviderStatus };
  pull: { args: { model: string }; reply: null };
  cancel_pull: { args: {  }; reply: null };
  set_key: { args: { url: string; key: string }; reply: null };
  has_key: { args: { url: string }; reply: boolean };
  settings: { args: {  }; reply: Array<SettingRow> };
  set: { args: { key: string; value: string }; reply: Array<SettingRow> };
  about: { args: {  }; reply: About };
}
