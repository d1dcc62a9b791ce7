/** An invented run: a board that moves as a real one does, ten frames a second. */
import type { Board, BoardFrame, CellState, Event, History, JobState, Vitals } from '../../wire/types'
import { cellsOf, type FakeBook } from './books'
import { chance } from './chance'
import { adviceOf, hostsOf } from './pool'
import { callsOf, historyOf, machineOf, slowDisk, stagesOf } from './telemetry'
import { chapterPreview, chapterTitle } from './texts'

const SLOTS = 4

export interface FakeRun {
  board(): Board
  history(): History
  /** The next frame, or `null` while nothing moves. */
  tick(): BoardFrame | null
  set(state: JobState, reason?: string): BoardFrame
}

function vitalsOf(
  book: FakeBook,
  cells: { cell: CellState; number: number | null }[],
  state: JobState,
  elapsed: number,
  random: () => number,
): Vitals {
  const chapters = cells.filter((one) => one.number !== null)
  const of = (...states: CellState['state'][]) => chapters.filter((one) => states.includes(one.cell.state)).length
  const [done, failed] = [of('done'), of('failed')]
  const left = chapters.length - done - failed
  const going = state === 'running'
  const busy = going ? Math.min(SLOTS, left) : 0
  const seconds = Math.round(left * 8.3)
  const builtIn = book.card.provider === 'built_in'
  const tokens = going && !builtIn && busy > 0 ? 200 + random() * 24 : 0
  return {
    summary_queue: { value: going ? Math.min(256, Math.round(left * 0.95)) : 0, bound: 256 },
    write_queue: { value: random() > 0.9 ? 1 : 0, bound: 1000 },
    workers: { value: busy, bound: 6 },
    in_flight: { value: busy, bound: SLOTS },
    tokens_out_per_s: tokens,
    tokens_in_per_s: going && !builtIn && busy > 0 ? 580 + random() * 60 : 0,
    chunks_done: Math.round(done * 1.07),
    chunks_planned: Math.round(chapters.length * 1.07),
    chunks_failed: failed,
    chapters_done: done,
    chapters_failed: failed,
    chapters_all: chapters.length,
    calls: done * 2 + failed * 3,
    errors: failed * 3 + (done > 100 ? 1 : 0),
    retries: failed * 2 + (done > 100 ? 1 : 0),
    reused: 0,
    remaining:
      left > 0 && (going || state === 'paused')
        ? { low_s: Math.round(seconds * 0.9), likely_s: seconds, high_s: Math.round(seconds * 1.15) }
        : null,
    hosts: hostsOf(book.pool, { busy, slots: SLOTS, tokens, builtIn }),
    advice: adviceOf(book.pool),
    timeouts: 0,
    first_summary_ms: done > 0 ? 21_400 : null,
    stages: stagesOf(builtIn ? 0 : done),
    commit_batch: done > 0 ? 3 : 0,
    machine: machineOf(busy > 0, random),
    alerts: book.pool === 'advised' ? [slowDisk] : [],
    producer_blocked_ms: Math.round(elapsed * 0.04),
    elapsed_ms: elapsed,
  }
}

export function fakeRun(book: FakeBook, pace = 0.06): FakeRun {
  const random = chance(book.card.id * 31 + 7)
  const cells = cellsOf(book)
  const started = Date.now() - 27 * 60_000
  let [state, reason, seq]: [JobState, string | null, number] = [book.card.state ?? 'waiting', book.card.reason, 0]
  let eventId = 0
  const event = (ago_s: number, level: Event['level'], text: string, section: number | null = null): Event => ({
    id: ++eventId,
    at_ms: Date.now() - ago_s * 1000,
    level,
    text,
    section,
  })
  const events: Event[] = []
  if (state !== 'waiting') {
    events.push(event(1500, 'info', 'Found the best number of calls at a time: 4 (212 tokens a second; 6 gave 214).'))
    if (cells.length > 30) {
      events.push(
        event(720, 'warning', 'Ollama did not answer for 41 s and came back; nothing was lost, 3 calls were repeated.'),
      )
      events.push(
        event(
          130,
          'info',
          'Chapter 9: the answer was cut in the middle; asked again, done.',
          cells[10]?.section ?? null,
        ),
      )
    }
    for (const cell of cells) {
      if (cell.cell.state === 'failed')
        events.push(
          event(
            60,
            'bad',
            `Chapter ${cell.number}: the model repeated itself three times; the text is kept.`,
            cell.section,
          ),
        )
    }
    if (state === 'done')
      events.push(event(5, 'good', 'Every chapter has its summary, and the synopsis of the book is written.'))
    if (state === 'unreachable') events.push(event(12, 'bad', reason ?? 'Ollama does not answer.'))
  }
  const vitals = () => vitalsOf(book, cells, state, Date.now() - started, random)

  const active = () =>
    cells.flatMap((cell, place) => (['mapping', 'reducing', 'titling'].includes(cell.cell.state) ? [place] : []))

  function advance(place: number): CellState {
    const { cell } = cells[place] as (typeof cells)[number]
    if (cell.done + 1 < cell.planned)
      return { ...cell, state: cell.done + 2 >= cell.planned ? 'reducing' : 'mapping', done: cell.done + 1 }
    return { ...cell, state: 'done', done: cell.planned }
  }

  function move(): [number, CellState][] {
    const changed: [number, CellState][] = []
    const put = (place: number, cell: CellState) => {
      const target = cells[place]
      if (!target) return
      target.cell = cell
      changed.push([place, cell])
      const row = book.rows[place]
      if (!row) return
      row.state = cell.state
      if (cell.state === 'done' && row.number !== null) {
        row.title = chapterTitle(row.number)
        row.preview = chapterPreview(row.number)
        book.card.summarised = book.rows.filter((one) => one.state === 'done').length
      }
    }
    for (const place of active()) if (random() < pace) put(place, advance(place))
    for (let free = SLOTS - active().length; free > 0; free--) {
      const next = cells.findIndex((cell) => cell.cell.state === 'waiting')
      if (next < 0) break
      put(next, { state: 'mapping', done: 0, planned: 2 + Math.floor(random() * 4) })
    }
    return changed
  }

  const frame = (changed: [number, CellState][], news: Event[] = []): BoardFrame => {
    events.push(...news)
    book.card.state = state
    book.card.reason = reason
    return { job: book.card.id, seq: ++seq, state, reason, vitals: vitals(), cells: changed, events: news, calls: [] }
  }

  return {
    board: () => ({
      head: {
        job: book.card.id,
        book: book.card.id,
        book_title: book.card.meta.title,
        state,
        reason,
        profile: 'auto',
        provider: book.card.provider ?? 'ollama',
        model: book.card.model ?? '',
        window: book.card.provider === 'built_in' ? null : 8192,
        started_ms: state === 'waiting' ? null : started,
        source_chars: book.card.source_chars,
        accounted_chars: book.card.source_chars,
      },
      vitals: vitals(),
      cells: cells.map((cell) => ({ ...cell })),
      events: events.slice(-200),
      calls: ['waiting', 'stopped'].includes(state)
        ? []
        : callsOf(SLOTS, Math.max(1, vitals().chapters_done - 28), state === 'running', chance(book.card.id)),
      seq,
    }),
    history: () => historyOf(vitals(), random),
    tick() {
      if (state !== 'running') return null
      const changed = move()
      if (active().length > 0 || cells.some((cell) => cell.cell.state === 'waiting')) return frame(changed)
      state = cells.some((cell) => cell.cell.state === 'failed') ? 'incomplete' : 'done'
      return frame(changed, [event(0, 'good', 'The run is finished, and the synopsis of the book is written.')])
    },
    set(next, why) {
      state = next
      reason = why ?? null
      return frame([])
    },
  }
}
