/** Invented situations to look at and to test with: `?fake=NAME` in a browser. */
import type { ProviderStatus, WireError } from '../../wire/types'
import { makeBook, type FakeBook, type Wish } from './books'
import { found, noModel, notFound } from './settings'

export interface Scenario {
  books: FakeBook[]
  provider: ProviderStatus
  /** Every call is refused with this. */
  fatal?: WireError
  /** Figures over time are no longer kept. */
  forgotten?: boolean
  /** What the program kept for the page. */
  remembered?: Record<string, string>
  /** Files that are dropped as soon as the window listens. */
  dropped?: string[]
  /** Files that hover for ever. */
  hovering?: string[]
}

const ledger: Wish = {
  id: 1,
  title: 'The Ledger of Small Hours',
  authors: ['M. Halloran'],
  chapters: 385,
  state: 'running',
  done: 212,
  failed: [118, 203],
}

const shelf: Wish[] = [
  { id: 2, title: 'War and Peace', authors: ['Leo Tolstoy'], chapters: 364, state: 'paused', done: 11 },
  { id: 3, title: 'Moby-Dick; or, The Whale', authors: ['Herman Melville'], chapters: 138, state: 'done' },
  { id: 4, title: 'Pride and Prejudice', authors: ['Jane Austen'], chapters: 61, state: 'incomplete', failed: [7, 12] },
  { id: 5, title: 'Frankenstein', authors: ['Mary Shelley'], chapters: 28, state: 'done' },
  { id: 6, title: '草枕', authors: ['夏目漱石'], chapters: 13, state: 'done', language: 'ja' },
  { id: 7, title: 'ألف ليلة وليلة', authors: ['مجهول'], chapters: 48, state: 'stopped', done: 9, language: 'ar' },
  {
    id: 8,
    title: 'Alice’s Adventures in Wonderland',
    authors: ['Lewis Carroll'],
    chapters: 12,
    state: 'done',
    provider: 'built_in',
  },
  {
    id: 9,
    title:
      'The Life and Strange Surprizing Adventures of Robinson Crusoe, of York, Mariner: Who lived Eight and Twenty Years, all alone',
    authors: ['Daniel Defoe'],
    chapters: 20,
    state: null,
  },
]

const many = Array.from({ length: 50 }, (_, i): Wish => {
  const like = shelf[i % shelf.length] as Wish
  return { ...like, id: 10 + i, state: like.state === 'paused' ? 'done' : like.state }
})

/** A library of years, with what a person called each. */
const years = Array.from({ length: 499 }, (_, i): Wish => {
  const like = shelf[i % shelf.length] as Wish
  const title = `${like.title}, ${i + 1}`
  return {
    ...like,
    id: 10 + i,
    title,
    chapters: 8,
    cover: i % 3 === 0,
    state: like.state === 'paused' ? 'done' : like.state,
  }
})

const books = (...wishes: Wish[]) => wishes.map(makeBook)

const scenarios: Record<string, () => Scenario> = {
  library: () => ({ books: books(ledger, ...shelf), provider: found }),
  empty: () => ({ books: [], provider: notFound }),
  ready: () => ({ books: [], provider: found }),
  one: () => ({ books: books(shelf[3] as Wish), provider: found }),
  many: () => ({ books: books(ledger, ...many), provider: found }),
  many500: () => ({ books: books(ledger, ...years), provider: found }),
  covers: () => ({ books: books(...shelf.map((wish) => ({ ...wish, cover: wish.id % 2 === 0 }))), provider: found }),
  run385: () => ({ books: books(ledger), provider: found }),
  run10k: () => ({ books: books({ ...ledger, chapters: 10_000, done: 4000 }), provider: found }),
  two: () => ({
    books: books(ledger, { ...ledger, id: 2, title: 'War and Peace', chapters: 364, done: 30, failed: [] }),
    provider: found,
  }),
  hosts: () => ({
    books: books({ ...ledger, chapters: 60, done: 21, failed: [], pool: 'several' }),
    provider: found,
  }),
  advice: () => ({
    books: books({ ...ledger, chapters: 60, done: 21, failed: [], pool: 'advised' }),
    provider: found,
  }),
  short: () => ({ books: books({ ...ledger, chapters: 12, done: 5, failed: [] }), provider: found }),
  book: () => ({ books: books(...shelf), provider: found }),
  few: () => ({ books: books(shelf[3] as Wish, shelf[6] as Wish), provider: found }),
  builtin: () => ({ books: books({ ...(shelf[6] as Wish), id: 1 }), provider: notFound }),
  nomodel: () => ({ books: [], provider: noModel }),
  failures: () => ({
    books: books({ ...ledger, state: 'incomplete', done: 385, failed: [7, 12, 118, 203] }),
    provider: found,
  }),
  finished: () => ({ books: books({ ...ledger, state: 'done', done: 385, failed: [] }), provider: found }),
  forgotten: () => ({
    books: books({ ...ledger, state: 'done', done: 385, failed: [] }),
    provider: found,
    forgotten: true,
  }),
  paused: () => ({ books: books({ ...ledger, state: 'paused' }), provider: found }),
  unreachable: () => ({
    books: books({
      ...ledger,
      state: 'unreachable',
      reason:
        'Ollama at http://127.0.0.1:11434 does not answer. Calls go on by themselves when it does; start it with “ollama serve”.',
    }),
    provider: notFound,
  }),
  preview: () => ({
    books: books(...shelf),
    provider: found,
    dropped: [
      '/books/War and Peace.epub',
      '/books/Moby-Dick.epub',
      '/books/Broken.epub',
      '/books/budget.xlsx',
      '/books/Typee.txt',
    ],
  }),
  preview1: () => ({ books: [], provider: found, dropped: ['/books/War and Peace.epub'] }),
  hover: () => ({
    books: books(...shelf),
    provider: found,
    hovering: ['/b/A.epub', '/b/B.txt', '/b/C.md', '/b/budget.xlsx'],
  }),
  fatal: () => ({
    books: [],
    provider: notFound,
    fatal: {
      code: 'data_folder_not_writable',
      message: 'Epitome cannot write to its data folder, /home/reader/.local/share/epitome.',
      hint: 'Make the folder writable, or name another one with EPITOME_DATA, and try again.',
    },
  }),
}

/** Names of every scenario, for tests that visit them all. */
export const scenarioNames = Object.keys(scenarios)

export function scenario(name: string): Scenario {
  return (scenarios[name] ?? (scenarios.library as () => Scenario))()
}
