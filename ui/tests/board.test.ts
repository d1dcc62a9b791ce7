import { describe, expect, it } from 'vitest'

import { makeBook } from '../src/host/fake/books'
import { fakeRun } from '../src/host/fake/run'
import { applyFrame, controls, EVENTS_KEPT, fill, tally } from '../src/state/board'
import { signs } from '../src/state/signs'
import { cellAt, changed, corner, drawCell, layout, type Ink } from '../src/views/Board/cells'
import { cellEdge, cellState, cellTime, cellTitle, gridSentence, step } from '../src/views/Board/grid'
import type { BoardFrame, Cell, ChapterState, Event, LaneCall, Vitals } from '../src/wire/types'

const makeRun = () => fakeRun(makeBook({ id: 1, title: 'T', authors: [], chapters: 12, state: 'running' }), 0.5)
const event = (id: number): Event => ({ id, at_ms: id, level: 'info', text: `event ${id}`, section: null })

function frame(change: Partial<BoardFrame> = {}): BoardFrame {
  const { vitals } = makeRun().board()
  return { job: 1, seq: 1, state: 'running', reason: null, vitals, cells: [], events: [], calls: [], ...change }
}

describe('applyFrame', () => {
  it('ends with the same board as asking again, whatever a run does', () => {
    const run = makeRun()
    let board = run.board()
    let ended = false
    for (let i = 0; i < 2000 && !ended; i++) {
      const next = run.tick()
      if (!next) continue
      const applied = applyFrame(board, next)
      expect(applied.gap).toBe(false)
      if (!applied.gap) board = applied.board
      ended = next.state === 'done'
    }
    expect(ended).toBe(true)
    const whole = run.board()
    expect(board.cells.map((cell) => cell.cell)).toEqual(whole.cells.map((cell) => cell.cell))
    expect(board.events).toEqual(whole.events)
    expect([board.seq, board.head.state]).toEqual([whole.seq, 'done'])
  })

  it('changes nothing of the board it is given', () => {
    const board = makeRun().board()
    const before = structuredClone(board)
    applyFrame(board, frame({ cells: [[3, { state: 'done', done: 2, planned: 2 }]], events: [event(1)] }))
    expect(board).toEqual(before)
  })

  it('asks for the board again after a gap, and at a cell it does not know', () => {
    const board = makeRun().board()
    expect(applyFrame(board, frame({ seq: 2 })).gap).toBe(true)
    expect(applyFrame(board, frame({ cells: [[999, { state: 'done', done: 1, planned: 1 }]] })).gap).toBe(true)
  })

  it('takes no frame twice and none of another job', () => {
    const board = { ...makeRun().board(), seq: 5 }
    expect(applyFrame(board, frame({ seq: 5 }))).toEqual({ board, gap: false })
    expect(applyFrame(board, frame({ job: 2, seq: 9 }))).toEqual({ board, gap: false })
  })

  it('takes frames of another process, which carry no number', () => {
    const board = { ...makeRun().board(), seq: 5, events: [event(7)] }
    const applied = applyFrame(board, frame({ seq: 0, state: 'paused', events: [event(7), event(8)] }))
    expect(applied.board?.head.state).toBe('paused')
    expect(applied.board?.events.map((one) => one.id)).toEqual([7, 8])
    expect(applied.board?.seq).toBe(5)
  })

  it('keeps the newest events only', () => {
    const board = { ...makeRun().board(), events: Array.from({ length: EVENTS_KEPT }, (_, i) => event(i)) }
    const applied = applyFrame(board, frame({ events: [event(1000)] }))
    expect(applied.board?.events).toHaveLength(EVENTS_KEPT)
    expect(applied.board?.events.at(-1)?.id).toBe(1000)
  })

  it('carries the reason a job stands still', () => {
    const applied = applyFrame(makeRun().board(), frame({ state: 'unreachable', reason: 'Ollama does not answer.' }))
    expect(applied.board?.head).toMatchObject({ state: 'unreachable', reason: 'Ollama does not answer.' })
  })
})

describe('derived figures', () => {
  it('counts every cell once', () => {
    const { cells } = makeRun().board()
    const sum = tally(cells)
    expect(Object.values(sum).reduce((a, b) => a + b)).toBe(cells.length)
    expect(sum.left_out).toBe(3)
  })

  it('fills a cell by its calls', () => {
    const cell = (state: Cell['cell']['state'], done: number, planned: number): Cell => ({
      section: 1,
      number: 1,
      title: '',
      cell: { state, done, planned },
    })
    expect(fill(cell('waiting', 0, 0))).toBe(0)
    expect(fill(cell('mapping', 1, 4))).toBe(0.25)
    expect(fill(cell('done', 0, 0))).toBe(1)
    expect(fill(cell('mapping', 9, 4))).toBe(1)
  })

  it('offers only controls that make sense', () => {
    expect(controls('running')).toEqual({ pause: true, resume: false, stop: true, finish: true })
    expect(controls('paused')).toEqual({ pause: false, resume: true, stop: true, finish: false })
    expect(controls('stopped')).toEqual({ pause: false, resume: true, stop: false, finish: false })
    expect(controls('done')).toEqual({ pause: false, resume: false, stop: false, finish: false })
  })
})

describe('vital signs', () => {
  const vitals = makeRun().board().vitals
  const say = (name: string, change: Partial<Vitals>) => {
    const sign = signs.find((one) => one.name === name)
    const now = { ...vitals, ...change }
    return [sign?.value(now), sign?.detail(now), sign?.alarm?.(now) ?? false]
  }

  it('is the row of nine that the design names', () => {
    expect(signs.map((sign) => sign.name)).toEqual([
      'summary-queue',
      'write-queue',
      'workers',
      'in-flight',
      'tokens',
      'chunks',
      'chapters',
      'errors',
      'time-left',
    ])
  })

  it('tell in their tooltips what has no sign of its own', () => {
    const more = (name: string, change: Partial<Vitals>) =>
      signs.find((one) => one.name === name)?.more?.({ ...vitals, ...change })
    expect(more('errors', { retries: 0, timeouts: 0 })).toBe('No call was sent again so far.')
    expect(more('errors', { retries: 3, timeouts: 1 })).toBe(
      '3 calls sent again so far. 1 call given up after a long silence.',
    )
    expect(more('chapters', { first_summary_ms: 21_400, reused: 12 })).toBe(
      'The first was done after 21 s. 12 calls answered from what is kept, without asking again.',
    )
    expect(more('chapters', { first_summary_ms: null, reused: 0 })).toBe('')
  })

  it('says figures with their bounds', () => {
    expect(say('summary-queue', { summary_queue: { value: 166, bound: 1000 } })).toEqual(['166', 'of 1,000', false])
    expect(say('chapters', { chapters_done: 212, chapters_all: 385, chapters_failed: 2 })).toEqual([
      '212',
      'of 385 · 2 failed',
      true,
    ])
    expect(say('errors', { errors: 3, calls: 402 })).toEqual(['0.7 %', '3 of 402 calls', false])
    expect(say('time-left', { remaining: { low_s: 1320, likely_s: 1440, high_s: 1620 } })).toEqual([
      '24 min',
      '22 to 27 min',
      false,
    ])
    expect(say('time-left', { remaining: null, elapsed_ms: 90_000 })).toEqual(['unknown', '2 min so far', false])
  })
})

describe('grid', () => {
  it('moves by arrow keys and never off the grid', () => {
    expect(step('ArrowRight', 3, 10, 25)).toBe(4)
    expect(step('ArrowDown', 3, 10, 25)).toBe(13)
    expect(step('ArrowDown', 20, 10, 25)).toBeNull()
    expect(step('ArrowLeft', 0, 10, 25)).toBeNull()
    expect(step('End', 0, 10, 25)).toBe(24)
    expect(step('a', 0, 10, 25)).toBeNull()
  })

  const cell = (change: Partial<Cell> = {}): Cell => ({
    section: 5,
    number: 180,
    title: 'The spindles hum',
    cell: { state: 'mapping', done: 1, planned: 4 },
    ...change,
  })

  it('says of a cell its title, its calls, and how long they took', () => {
    expect(cellTitle(cell())).toBe('Chapter 180, The spindles hum')
    expect(cellTitle(cell({ title: 'Chapter 180' }))).toBe('Chapter 180')
    expect(cellTitle(cell({ number: null, title: 'Contents' }))).toBe('Contents')
    expect(cellState(cell())).toBe('reading, 1 of 4 calls')
    expect(cellState(cell({ cell: { state: 'done', done: 1, planned: 1 } }))).toBe('done, 1 call')
    expect(cellState(cell({ cell: { state: 'planned', done: 0, planned: 0 } }))).toBe('planned')
    const call = (id: number, sent_ms: number, end_ms: number | null, section = 5): LaneCall => ({
      id,
      host: 0,
      slot: 0,
      kind: 'map',
      number: 180,
      section,
      ours: true,
      sent_ms,
      first_ms: null,
      end_ms,
      end: end_ms === null ? null : 'answered',
    })
    const calls = [call(1, 0, 12_000), call(2, 5000, null), call(3, 0, 9000, 6)]
    expect(cellTime(cell(), calls, 15_000)).toBe('22 s of work in the last two minutes, 1 call under way')
    expect(cellTime(cell({ section: 9 }), calls, 15_000)).toBe('')
  })

  it('counts by the vital signs, also where cells are told later', () => {
    const board = makeRun().board()
    const ahead = { ...board, vitals: { ...board.vitals, chapters_done: 5, chapters_all: 12, chapters_failed: 1 } }
    expect(gridSentence(ahead)).toBe('5 of 12 done · 1 failed · 3 left out')
    expect(signs.find((sign) => sign.name === 'chapters')?.value(ahead.vitals)).toBe('5')
  })

  it('shrinks cells as they become many', () => {
    const edges = [12, 100, 385, 2000, 10_000].map(cellEdge)
    expect(edges).toEqual([...edges].sort((a, b) => b - a))
  })
})

describe('the picture of thousands of cells', () => {
  const cell = (state: ChapterState): Cell => ({
    section: 1,
    number: 1,
    title: 'One',
    cell: { state, done: 0, planned: 0 },
  })

  it('finds every cell where it lies, and none in the gaps', () => {
    const at = layout(10_000, 8, 1030)
    expect(at.columns).toBe(93)
    for (const place of [0, 92, 93, 5_000, 9_999]) {
      const { x, y } = corner(place, at)
      expect(cellAt(x + 1, y + 1, at, 10_000)).toBe(place)
      expect(cellAt(x + at.edge + 1, y + 1, at, 10_000)).toBeNull()
    }
    const last = corner(9_999, at)
    expect(at.height).toBeCloseTo(last.y + at.edge)
    expect(cellAt(last.x + at.pitch + 1, last.y + 1, at, 10_000)).toBeNull()
    expect(cellAt(-1, 5, at, 10_000)).toBeNull()
    expect(layout(5, 40, 0).columns).toBe(1)
  })

  it('draws each state as another shape, whatever the colours are', () => {
    const ink = new Proxy({}, { get: () => 'black' }) as Ink
    const shape = (state: ChapterState) => {
      const told: string[] = []
      const pen = new Proxy(
        {},
        {
          get:
            (_, name) =>
            (...args: unknown[]) =>
              told.push(`${String(name)} ${args.join(' ')}`),
          set: () => true,
        },
      ) as CanvasRenderingContext2D
      const half = { ...cell(state), cell: { state, done: 1, planned: 2 } }
      drawCell(pen, half, 0, layout(10_000, 8, 1030), ink)
      return told.join('\n')
    }
    const states: ChapterState[] = [
      'waiting',
      'planned',
      'mapping',
      'reducing',
      'titling',
      'done',
      'failed',
      'left_out',
    ]
    expect(new Set(states.map(shape)).size).toBe(states.length)
  })

  it('draws only what has changed', () => {
    const before = [cell('waiting'), cell('waiting'), cell('waiting')]
    const now = before.slice()
    now[1] = cell('done')
    expect(changed(before, now)).toEqual([1])
    expect(changed(before, before.slice())).toEqual([])
    expect(changed(before, [...before, cell('waiting')])).toBe('all')
  })
})
