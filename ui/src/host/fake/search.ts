/** Searching the invented library: as the real one answers, by simpler means. */
import type { BookHits, ChapterMarks, Found, Hit, Mark, Place, SearchIn } from '../../wire/types'
import { textOf, viewOf, type FakeBook } from './books'

const fold = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
const wordsOf = (text: string) => fold(text).match(/[\p{L}\p{N}]+/gu) ?? []

interface Word extends Mark {
  folded: string
}

/** Invented texts repeat themselves, so each is read once. */
const read = new Map<string, Word[]>()

function placed(text: string): Word[] {
  const known = read.get(text) ?? placedAnew(text)
  read.set(text, known)
  return known
}

function placedAnew(text: string): Word[] {
  const letters = [...text]
  const found: Word[] = []
  let from = -1
  letters.forEach((letter, at) => {
    const within = /[\p{L}\p{N}\p{M}]/u.test(letter)
    if (within && from < 0) from = at
    if (from >= 0 && (!within || at === letters.length - 1)) {
      const to = within ? at + 1 : at
      found.push({ from, to, folded: fold(letters.slice(from, to).join('')) })
      from = -1
    }
  })
  return found
}

function marksOf(text: string, words: readonly string[]): Mark[] {
  const last = words.length - 1
  const asked = (folded: string) =>
    words.some((word, place) => (place === last ? folded.startsWith(word) : folded === word))
  return placed(text)
    .filter(({ folded }) => asked(folded))
    .map(({ from, to }) => ({ from, to }))
}

function holds(text: string, words: readonly string[]): boolean {
  const found = placed(text)
  return words.every((word, place) =>
    found.some(({ folded }) => (place === words.length - 1 ? folded.startsWith(word) : folded === word)),
  )
}

const AROUND = 90

function cut(text: string, marks: readonly Mark[]): Pick<Hit, 'snippet' | 'marks' | 'at'> {
  const letters = [...text]
  const at = marks[0]?.from ?? 0
  const [from, to] = [Math.max(0, at - AROUND / 2), Math.min(letters.length, at + 2 * AROUND)]
  const shift = from > 0 ? 1 - from : 0
  const snippet = `${from > 0 ? '…' : ''}${letters.slice(from, to).join('').replace(/\s/g, ' ')}${to < letters.length ? '…' : ''}`
  const shown = marks.filter((mark) => mark.to <= to)
  return { snippet, at, marks: shown.map((mark) => ({ from: mark.from + shift, to: mark.to + shift })) }
}

function hitsOf(book: FakeBook, words: readonly string[], within: SearchIn, until: number | null): Hit[] {
  const hits: Hit[] = []
  const look = (of: Pick<Hit, 'section' | 'number' | 'title'>, place: Place, text: string | null) => {
    if (text === null || !holds(text, words)) return false
    const marks = marksOf(text, words)
    return hits.push({ ...of, place, times: marks.length, ...cut(text, marks) }) > 0
  }
  const { meta } = book.card
  const whole = { section: null, number: null, title: meta.title }
  if (within === 'everything') void (look(whole, 'book', meta.title) || look(whole, 'book', meta.authors.join(', ')))
  if (within !== 'sources' && until === null) look(whole, 'synopsis', viewOf(book).synopsis)
  for (const row of book.rows.filter(({ number }) => number !== null && number <= (until ?? Infinity))) {
    const text = textOf(book, row.section)
    const of = { section: row.section, number: row.number, title: row.title ?? row.source_title }
    if (within !== 'sources')
      void (
        look(of, 'summary', text?.summary ?? null) ||
        look(of, 'preview', row.preview) ||
        look(of, 'title', row.title)
      )
    if (within !== 'summaries') look(of, 'source', text?.source ?? null)
  }
  return hits
}

const MOST = 200

export function searched(
  books: readonly FakeBook[],
  ask: { words: string; within: SearchIn; book: number | null; until: number | null },
): Found {
  const words = wordsOf(ask.words)
  const found: Found = { books: [], total: 0, unindexed: 0 }
  if (words.length === 0) return found
  let shown = 0
  for (const book of books.filter(({ card }) => ask.book === null || card.id === ask.book)) {
    const all = hitsOf(book, words, ask.within, ask.until)
    const hits = all.slice(0, Math.max(0, MOST - shown))
    shown += hits.length
    found.total += all.length
    const { id, meta } = book.card
    const group: BookHits = { book: id, title: meta.title, authors: meta.authors, hits, total: all.length }
    if (hits.length > 0) found.books.push(group)
  }
  return found
}

export function markedIn(book: FakeBook, section: number | null, typed: string): ChapterMarks {
  const text = section === null ? null : textOf(book, section)
  const words = wordsOf(typed)
  const marks = (part: string | null | undefined) => (part && words.length > 0 ? marksOf(part, words) : [])
  return {
    title: marks(text?.title ?? text?.source_title),
    preview: marks(text?.preview),
    summary: marks(section === null ? viewOf(book).synopsis : text?.summary),
    source: marks(text?.source),
  }
}
