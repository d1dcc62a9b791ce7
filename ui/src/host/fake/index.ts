/** An invented host, in memory: for tests, and for looking at the window in a browser. Never in a production bundle. */
import type { Commands } from '../../wire/commands'
import type { AddPreview, FeedMessage, SettingRow } from '../../wire/types'
import type { FileHandlers, Host } from '../index'
import { makeBook, textOf, viewOf, type FakeBook } from './books'
import { edited, paragraphsOf } from './edits'
import { previewOf } from './previews'
import { refuse } from './refuse'
import { fakeRun, type FakeRun } from './run'
import { scenario, type Scenario } from './scenarios'
import { settingRows } from './settings'

type Answers = {
  [K in keyof Commands]: (args: Commands[K]['args']) => Commands[K]['reply'] | Promise<Commands[K]['reply']>
}

export interface FakeHost extends Host {
  /** Calls so far, newest last. */
  calls: { command: keyof Commands; args: unknown }[]
  push(message: FeedMessage): void
  files(): FileHandlers | undefined
  /** Moves every running job one step. */
  tick(): void
  /** The path the next save dialog answers. */
  savePath: string | null
}

export function fakeHost(given: Scenario, clock?: { everyMs: number }): FakeHost {
  const books = new Map(given.books.map((book) => [book.card.id, book]))
  const runs = new Map<number, FakeRun>()
  const listeners = new Set<(message: FeedMessage) => void>()
  let handlers: FileHandlers | undefined
  let rows: SettingRow[] = settingRows()
  const keys = new Set<string>()

  /** Each preview as it was read and as it was changed. */
  const previews = new Map<string, [AddPreview, AddPreview]>()
  const offered = (token: string) => previews.get(token) ?? refuse('not_found', 'This preview is no longer there.')

  const push = (message: FeedMessage) => listeners.forEach((listen) => listen(message))
  const need = (id: number): FakeBook =>
    books.get(id) ?? refuse('not_found', 'This book is not in the library any more.')
  const run = (job: number): FakeRun => {
    const known = runs.get(job) ?? fakeRun(need(job))
    runs.set(job, known)
    return known
  }
  const setState = (job: number, state: Parameters<FakeRun['set']>[0]) => {
    push({ kind: 'frame', frame: run(job).set(state) })
    return null
  }
  const addBook = (title: string, authors: string[], chapters: number, started: boolean) => {
    const id = Math.max(0, ...books.keys()) + 1
    books.set(id, makeBook({ id, title, authors, chapters, state: started ? 'running' : null }))
    return { book: id, job: started ? id : null }
  }

  const answers: Answers = {
    library: () => [...books.values()].map(({ card }) => ({ ...card })).sort((a, b) => b.added_ms - a.added_ms),
    files: ({ paths }) => paths,
    preview: ({ paths }) => {
      const outcomes = paths.map(previewOf)
      for (const outcome of outcomes) {
        if (outcome.outcome === 'book') previews.set(outcome.preview.token, [outcome.preview, outcome.preview])
      }
      return outcomes
    },
    edit_preview: ({ token, edits }) => {
      const [base] = offered(token)
      const preview = edited(base, edits)
      previews.set(token, [base, preview])
      return preview
    },
    preview_text: ({ token, section }) => {
      const found = offered(token)[1].sections[section]
      return found ? paragraphsOf(found) : refuse('not_found', 'This section is no longer in the list.')
    },
    add: ({ token, start }) =>
      addBook(token.replace(/^preview-|\.[^.]+-\d+$/g, ''), ['Leo Tolstoy'], 24, start !== null),
    discard: () => null,
    try_sample: () => addBook('The Yellow Wallpaper', ['Charlotte Perkins Gilman'], 12, true),
    start: ({ book, start }) => {
      const found = need(book)
      for (const row of found.rows) {
        if (row.left_out === null && (start.sections?.includes(row.section) ?? row.state !== 'done')) {
          row.state = 'waiting'
          row.error = null
        }
      }
      Object.assign(found.card, {
        job: book,
        state: 'running',
        provider: start.provider ?? given.provider.using,
        model: given.provider.model,
      })
      runs.delete(book)
      return book
    },
    pause: ({ job }) => setState(job, 'paused'),
    front: () => null,
    resume: ({ job }) => setState(job, 'running'),
    stop: ({ job }) => setState(job, 'stopped'),
    board: ({ job }) => run(job).board(),
    book: ({ book }) => viewOf(need(book)),
    chapter: ({ section }) =>
      textOf(need(Math.floor(section / 100_000)), section) ?? refuse('not_found', 'This chapter is gone.'),
    remove: ({ book }) => (books.delete(book), null),
    export: ({ path }) => ({ path, bytes: 48_211 }),
    provider: () => given.provider,
    pull: ({ model }) => {
      push({
        kind: 'pull',
        progress: { model, status: 'pulling', completed: 1.9e9, total: 4.9e9, done: false, error: null },
      })
      return null
    },
    cancel_pull: () => null,
    set_key: ({ url, key }) => {
      if (key === '') keys.delete(url)
      else keys.add(url)
      return null
    },
    has_key: ({ url }) => keys.has(url),
    settings: () => rows,
    set: ({ key, value }) => {
      if (key === 'llm.attempts' && !/^\d*$/.test(value))
        refuse('bad_setting', `“${value}” is not a number of tries.`, 'Give a number from 1 to 20.')
      rows = rows.map((row) =>
        row.key === key
          ? { ...row, value: value || row.default, source: value === '' || value === row.default ? 'profile' : 'file' }
          : row,
      )
      if (key === 'ollama.model') push({ kind: 'provider', status: { ...given.provider, model: value } })
      return rows
    },
    about: () => ({
      version: '0.1.0',
      data_folder: '/home/reader/.local/share/epitome',
      settings_file: '/home/reader/.config/epitome/settings.toml',
      log_folder: '/home/reader/.local/share/epitome/logs',
    }),
  }

  const fake: FakeHost = {
    calls: [],
    savePath: '/home/reader/Summary.md',
    async call(command, args) {
      fake.calls.push({ command, args })
      if (given.fatal) throw given.fatal
      return structuredClone(await answers[command](args))
    },
    async feed(on) {
      listeners.add(on)
      return () => void listeners.delete(on)
    },
    async onFiles(on) {
      handlers = on
      if (given.hovering) on.enter(given.hovering)
      if (given.dropped) on.drop(given.dropped)
      return () => (handlers = undefined)
    },
    saveDialog: async () => fake.savePath,
    openDialog: async () => ['/books/War and Peace.epub'],
    openUrl: async () => undefined,
    push,
    files: () => handlers,
    tick() {
      for (const { card } of books.values()) {
        const frame = card.state === 'running' ? run(card.id).tick() : null
        if (frame) push({ kind: 'frame', frame: structuredClone(frame) })
      }
    },
  }
  if (clock) setInterval(() => fake.tick(), clock.everyMs)
  return fake
}

/** The host for the scenario that the page's address names. */
export function fromAddress(): FakeHost {
  return fakeHost(scenario(new URLSearchParams(location.search).get('fake') ?? 'library'), { everyMs: 100 })
}

/** The host for a scenario that only moves when told to. */
export function named(name: string): FakeHost {
  return fakeHost(scenario(name))
}
