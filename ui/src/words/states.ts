/** States, reasons and methods in words. Pure. */
import type {
  BookCard,
  BookMeta,
  ChapterMethod,
  ChapterState,
  JobState,
  LeftOutReason,
  ProviderKind,
  SettingSource,
  TakesEffect,
} from '../wire/types'
import { count, counted } from './numbers'

/** A job's state as the library and the board say it. */
export const jobWords: Record<JobState, string> = {
  waiting: 'Waiting',
  running: 'Running',
  unreachable: 'Waiting for the server',
  paused: 'Paused',
  stopped: 'Stopped',
  done: 'Done',
  incomplete: 'Finished with failures',
}

/** Values of the setting `chapter.order`. */
export const orderWords: Record<string, string> = {
  reading: 'In reading order',
  backwards: 'Newest first, from the end',
  shortest: 'Shortest first',
  longest: 'Longest first',
}

export const chapterWords: Record<ChapterState, string> = {
  waiting: 'waiting',
  planned: 'planned',
  mapping: 'reading',
  reducing: 'merging',
  titling: 'titling',
  done: 'done',
  failed: 'failed',
  left_out: 'left out',
}

/** The same words as the exports use (`LeftOutReason::words`). */
export const leftOutWords: Record<LeftOutReason, string> = {
  cover: 'cover',
  title_page: 'title page',
  imprint: 'imprint',
  contents: 'contents',
  licence: 'licence',
  index: 'index',
  notes: 'notes and lists',
  blank: 'no text',
  excluded: 'excluded by the reader',
  missing: 'missing in the file',
}

export const methodWords: Record<ChapterMethod, string> = {
  navigation: 'Chapters taken from the book’s own table of contents',
  ncx: 'Chapters taken from the book’s own table of contents',
  outline: 'Chapters taken from the bookmarks of the PDF',
  spine: 'The book names no chapters; each of its documents is one',
  headings: 'Chapters found by the headings in the text',
  sized: 'No headings found; split into sections of about equal length',
  whole: 'The whole text is one chapter',
  pattern: 'Chapters begin where your pattern fits',
}

/** When a change of a setting takes effect. */
export const effectWords: Record<TakesEffect, string> = {
  at_once: 'takes effect at once',
  next_job: 'with the next job',
  next_start: 'with the next start',
}

export const sourceWords: Record<SettingSource, string> = {
  command_line: 'command line',
  environment: 'environment',
  file: 'changed here',
  profile: 'default',
}

export const providerWords: Record<ProviderKind, string> = {
  ollama: 'Ollama',
  openai: 'OpenAI-compatible server',
  built_in: 'Built-in summariser',
}

/** Who wrote something, always naming the built-in summariser as what it is. */
export function writer(provider: ProviderKind | null, model: string | null): string {
  if (provider === 'built_in') return 'built-in summariser, no model'
  return model || providerWords[provider ?? 'ollama']
}

export function authors(meta: BookMeta): string {
  if (meta.authors.length > 3) return `${meta.authors.slice(0, 2).join(', ')} and ${meta.authors.length - 2} others`
  return meta.authors.join(', ')
}

/** Whether a job moves, or will by itself. */
export function isActive(state: JobState | null): boolean {
  return state === 'waiting' || state === 'running' || state === 'unreachable' || state === 'paused'
}

/** One job of a book at a time: starting another would stop the one at work. */
export const busyWords = 'The book is being worked on. Wait until it is done, or stop it first.'

/** The state of a book on the shelf, in a word or a few. */
export function shelfState(card: BookCard): string {
  const part = `${count(card.summarised)} of ${count(card.chapters)}`
  if (card.state === null) return card.summarised > 0 ? part : `Not begun · ${counted(card.chapters, 'chapter')}`
  if (card.state === 'done')
    return card.summarised < card.chapters ? part : `Done · ${counted(card.chapters, 'chapter')}`
  if (card.state === 'incomplete') return `${counted(card.failed, 'chapter')} failed`
  if (card.state === 'paused' || card.state === 'stopped') return `${jobWords[card.state]} · ${part}`
  return jobWords[card.state]
}

/** What a language tag means, where the system knows. */
export function language(tag: string | null): string {
  if (!tag) return ''
  try {
    return new Intl.DisplayNames('en', { type: 'language' }).of(tag) ?? tag
  } catch {
    return tag
  }
}

/** Files the drop overlay may promise to add. The host decides in the end. */
const BOOK_ENDINGS = /\.(epub|pdf|docx|mobi|azw3?|prc|fb2|x?html?|txt|text|md|markdown|zip|gz)$/i
/** A name without an ending is a folder's, as far as a name tells. */
const FILE = /\.[^./\\ ]{1,8}$/

export function baseName(path: string): string {
  return path.split(/[/\\]/).filter(Boolean).pop() ?? path
}

export function sortDropped(paths: string[]): { books: string[]; folders: string[]; others: string[] } {
  const books = paths.filter((path) => BOOK_ENDINGS.test(path))
  const folders = paths.filter((path) => !FILE.test(baseName(path)))
  return { books, folders, others: paths.filter((path) => !BOOK_ENDINGS.test(path) && !folders.includes(path)) }
}

/** Paragraphs of a text, for rendering as text nodes. Blank lines part them. */
export function paragraphs(text: string): string[] {
  return text
    .replace(/\r\n?/g, '\n')
    .split(/\n[ \t]*\n+/)
    .map((part) => part.trim())
    .filter(Boolean)
}

/** A file name made of a title: nothing that a file system refuses. */
export function fileName(title: string, ending: string): string {
  const safe = title
    .replace(/[\p{Cc}<>:"/\\|?*]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/^[. ]+|[. ]+$/g, '')
    .slice(0, 120)
  return `${safe || 'Summary'}.${ending}`
}
