/** Invented books with their chapters. */
import type { BookCard, BookView, Cell, ChapterRow, ChapterText, JobState, ProviderKind } from '../../wire/types'
import { chance } from './chance'
import type { Pool } from './pool'
import { chapterPreview, chapterTitle, source, summary, synopsis, written } from './texts'

export interface FakeBook {
  card: BookCard
  rows: ChapterRow[]
  /** The servers its calls go to, when there are several or one is not well. */
  pool: Pool
}

export interface Wish {
  id: number
  title: string
  authors: string[]
  chapters: number
  state: JobState | null
  /** Chapters done; all where absent and the state says so. */
  done?: number
  failed?: number[]
  provider?: ProviderKind
  language?: string
  reason?: string
  /** Has a cover of its own. */
  cover?: boolean
  leftOut?: number
  pool?: Pool
}

const HOUR = 3_600_000

function rowsOf(wish: Wish, done: number): ChapterRow[] {
  const random = chance(wish.id * 97 + 3)
  const left = wish.leftOut ?? 3
  const rows: ChapterRow[] = []
  for (let place = 0; place < wish.chapters + left; place++) {
    const number = place < left - 1 ? null : place - left + 2
    const out = number === null || number > wish.chapters
    const failed = !out && (wish.failed ?? []).includes(number)
    const finished = !out && !failed && number <= done
    rows.push({
      section: wish.id * 100_000 + place,
      number: out ? null : number,
      source_title: out
        ? place === 0
          ? 'Cover'
          : place < left
            ? 'Contents'
            : 'The full licence'
        : `Chapter ${number}`,
      part: null,
      chars: out ? 1200 : 2000 + Math.floor(random() * 14_000),
      left_out: out ? (place === 0 ? 'cover' : place < left ? 'contents' : 'licence') : null,
      state: out ? 'left_out' : failed ? 'failed' : finished ? 'done' : 'waiting',
      title: finished ? chapterTitle(number) : null,
      preview: finished ? chapterPreview(number) : null,
      error: failed
        ? {
            code: 'looping',
            message: `Chapter ${number}: the model repeated itself three times.`,
            hint: 'Try it again, or with another model.',
          }
        : null,
    })
  }
  return rows
}

export function makeBook(wish: Wish): FakeBook {
  const over = wish.state === 'done' || wish.state === 'incomplete'
  const done = wish.done ?? (over ? wish.chapters : 0)
  const rows = rowsOf(wish, done)
  const provider = wish.provider ?? 'ollama'
  const card: BookCard = {
    id: wish.id,
    meta: { title: wish.title, authors: wish.authors, language: wish.language ?? 'en', series: null },
    format: 'epub',
    file_name: `${wish.title}.epub`,
    chapters: wish.chapters,
    summarised: rows.filter((row) => row.state === 'done').length,
    failed: rows.filter((row) => row.state === 'failed').length,
    source_chars: rows.reduce((sum, row) => sum + row.chars, 0),
    added_ms: Date.now() - wish.id * 5 * HOUR,
    cover: wish.cover ? 4096 + wish.id : null,
    job: wish.state === null ? null : wish.id,
    state: wish.state,
    reason: wish.reason ?? null,
    remaining: wish.state === 'running' ? { low_s: 1320, likely_s: 1440, high_s: 1620 } : null,
    provider: wish.state === null ? null : provider,
    model: wish.state === null ? null : written(provider),
  }
  return { card, rows, pool: wish.pool ?? 'one' }
}

/** A picture of a cover, in a colour of the book's own. */
export function drawnCover(id: number): string {
  const hue = (id * 47) % 360
  const picture = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 300"><rect width="200" height="300" fill="hsl(${hue} 30% 32%)"/><circle cx="100" cy="120" r="52" fill="hsl(${hue} 45% 70%)"/></svg>`
  return `data:image/svg+xml,${encodeURIComponent(picture)}`
}

export function viewOf({ card, rows }: FakeBook): BookView {
  const chapters = rows.filter((row) => row.left_out === null)
  const sum = (some: ChapterRow[]) => some.reduce((total, row) => total + row.chars, 0)
  return {
    card,
    method: 'ncx',
    coverage: {
      source_chars: sum(rows),
      chapter_chars: sum(chapters),
      summarised_chars: sum(chapters.filter((row) => row.state === 'done')),
      left_out: rows
        .filter((row) => row.left_out !== null)
        .map((row) => ({ title: row.source_title, chars: row.chars, reason: row.left_out ?? 'excluded' })),
    },
    synopsis: card.state === 'done' || card.state === 'incomplete' ? synopsis : null,
    chapters: rows,
    settings: null,
  }
}

export function textOf({ card, rows }: FakeBook, section: number): ChapterText | null {
  const row = rows.find((found) => found.section === section)
  if (!row) return null
  const done = row.state === 'done'
  const number = row.number ?? 0
  return {
    section,
    number: row.number,
    source_title: row.source_title,
    title: row.title,
    preview: row.preview,
    summary: done ? summary(number) : null,
    source: source(number),
    pieces: row.left_out ? 0 : 1 + (number % 4),
    provider: done ? card.provider : null,
    model: done ? card.model : null,
    written_ms: done ? Date.now() - 2 * HOUR : null,
    state: row.state,
    error: row.error,
  }
}

export function cellsOf({ rows }: FakeBook): Cell[] {
  return rows.map((row) => ({
    section: row.section,
    number: row.number,
    title: row.title ?? row.source_title,
    cell: { state: row.state, done: row.state === 'done' ? 2 : 0, planned: row.state === 'done' ? 2 : 0 },
  }))
}
