/** An invented host, in memory: for tests, and for looking at the window in a browser. Never in a production bundle. */
import type { Commands } from '../../wire/commands'
import type { AddPreview, DiskUse, FeedMessage, KeptAlert, SettingRow, Wording } from '../../wire/types'
import type { FileHandlers, Host } from '../index'
import { drawnCover, makeBook, textOf, viewOf, type FakeBook } from './books'
import { edited, paragraphsOf } from './edits'
import { previewOf } from './previews'
import { refuse } from './refuse'
import { fakeRun, type FakeRun } from './run'
import { scenario, type Scenario } from './scenarios'
import { markedIn, searched } from './search'
import { settingRows } from './settings'
import { verdictOf } from './telemetry'

type Answers = {
  [K in keyof Commands]: (args: Commands[K]['args']) => Commands[K]['reply'] | Promise<Commands[K]['reply']>
}

export interface FakeHost extends Host {
  /** Calls so far, newest last. */
  calls: { command: keyof Commands; args: unknown }[]
  /** How the window was left. */
  left: ('hide' | 'quit')[]
  push(message: FeedMessage): void
  files(): FileHandlers | undefined
  /** Moves every running job one step. */
  tick(): void
  /** Paths that were shown in the file manager. */
  revealed: string[]
  /** File names that save dialogs proposed. */
  suggested: string[]
  /** Addresses that were opened in the system's browser. */
  opened: string[]
  /** Alerts that are kept until they are seen. */
  alerts: KeptAlert[]
  /** The path the next save dialog answers. */
  savePath: string | null
}

export function fakeHost(given: Scenario, clock?: { everyMs: number }): FakeHost {
  const books = new Map(given.books.map((book) => [book.card.id, book]))
  const removed: typeof books = new Map()
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
    push({ kind: 'frames', frames: [run(job).set(state)] })
    return null
  }
  const addBook = (title: string, authors: string[], chapters: number, started: boolean) => {
    const id = Math.max(0, ...books.keys()) + 1
    books.set(id, makeBook({ id, title, authors, chapters, state: started ? 'running' : null }))
    return { book: id, job: started ? id : null }
  }

  let storage: DiskUse = {
    library: 214_400_000,
    free: 31_900_000,
    aside: [{ path: '/home/reader/.local/share/epitome/library.damaged-1.sqlite', bytes: 12_300_000 }],
  }

  const remembered: Record<string, string> = { ...given.remembered }

  const answers: Answers = {
    library: () => [...books.values()].map(({ card }) => ({ ...card })).sort((a, b) => b.added_ms - a.added_ms),
    cover: ({ book }) => (need(book).card.cover === null ? null : drawnCover(book)),
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
    estimate: ({ token, start }) => {
      const { estimate } = offered(token)[1]
      const provider = start.provider ?? estimate.provider
      return { ...estimate, provider, model: provider === 'built_in' ? '' : (start.model ?? estimate.model) }
    },
    try_speed: ({ token }) => {
      const { estimate } = offered(token)[1]
      const time = { low_s: 780, likely_s: 2280, high_s: 3080 }
      const basis =
        'From a test call: 2,400 tokens/s read, 60 written, one call after another. With several at a time it is sooner.'
      return { ...estimate, time, basis }
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
    finish: ({ job }) => {
      push({
        kind: 'frames',
        frames: [run(job).set('running', 'The chapters that were begun are finished, then it stops.')],
      })
      return null
    },
    board: ({ job }) => run(job).board(),
    history: ({ job }) => (given.forgotten ? { samples: [], every_ms: 1000 } : run(job).history()),
    book: ({ book }) => viewOf(need(book)),
    chapter: ({ section }) =>
      textOf(need(Math.floor(section / 100_000)), section) ?? refuse('not_found', 'This chapter is gone.'),
    try_words: ({ section, words, ask }) => {
      const text = textOf(need(Math.floor(section / 100_000)), section) ?? refuse('not_found', 'This chapter is gone.')
      const own = (field: keyof Wording) =>
        words[field] ?? rows.find((row) => row.key === `prompt.${field}`)?.value ?? ''
      return {
        system: `You summarise books faithfully. ${own('style')}`,
        user: `${own('chapter')}\n\nChapter: ${text.source_title}\n\n<<<TEXT\n${text.source.slice(0, 300)}\nTEXT>>>`,
        pieces: 1,
        answer: ask
          ? {
              title: 'A ball and a war',
              preview: 'Guests speak of Napoleon.',
              summary: text.summary ?? text.source.slice(0, 400),
              provider: 'ollama',
              model: 'llama3.1:8b',
              took_ms: 8_400,
            }
          : null,
      }
    },
    search: (ask) => searched([...books.values()], ask),
    marks: ({ book, section, words }) => markedIn(need(book), section, words),
    remove: ({ book }) => {
      const gone = books.get(book)
      if (gone) removed.set(book, gone)
      books.delete(book)
      return null
    },
    restore: ({ book }) => {
      books.set(book, removed.get(book) ?? refuse('not_found', 'This book is not in the library any more.'))
      removed.delete(book)
      return null
    },
    verdict: ({ job }) => verdictOf(run(job).board().vitals),
    alerts: () => fake.alerts,
    see_alert: ({ alert }) => {
      fake.alerts = fake.alerts.filter((one) => one.alert.since_ms !== alert.since_ms)
      return null
    },
    export: ({ path }) => ({ path, bytes: 48_211 }),
    write_figures: ({ path }) => ({ path, bytes: 61_004 }),
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
    storage: () => storage,
    clean: ({ put_aside }) =>
      (storage = {
        library: storage.library - storage.free,
        free: 0,
        aside: put_aside ? [] : storage.aside,
      }),
    remembered: () => remembered,
    remember: ({ name, value }) => {
      remembered[name] = value
      return null
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
    left: [],
    revealed: [],
    suggested: [],
    opened: [],
    alerts: [],
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
    async saveDialog({ suggested }) {
      fake.suggested.push(suggested)
      return fake.savePath
    },
    openDialog: async () => ['/books/War and Peace.epub'],
    openFolder: async () => '/home/reader/New books',
    openUrl: async (url) => void fake.opened.push(url),
    deliver: async (path) => path,
    hide: async () => void fake.left.push('hide'),
    quit: async () => void fake.left.push('quit'),
    reveal: async (path) => void fake.revealed.push(path),
    push,
    files: () => handlers,
    tick() {
      const running = [...books.values()].filter(({ card }) => card.state === 'running')
      const frames = running.map(({ card }) => run(card.id).tick()).filter((frame) => frame !== null)
      if (frames.length > 0) push({ kind: 'frames', frames: structuredClone(frames) })
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
