/** The board as data: frames applied, history kept, figures derived. Pure, so that it can be tested by tables. */
import type { Board, BoardFrame, Cell, ChapterState, JobState } from '../wire/types'
import { mergeCalls } from './lanes'

/** Events kept, as many as the host sends with a whole board. */
export const EVENTS_KEPT = 200

/** A job that another process runs is told by frames without a number, each complete in what it says. */
const UNNUMBERED = 0

export type Applied = { board: Board; gap: false } | { board: null; gap: true }

/**
 * A board with what a frame changed. A frame already included changes nothing; one that skips a number means the board
 * must be asked for again.
 */
export function applyFrame(board: Board, frame: BoardFrame): Applied {
  if (frame.job !== board.head.job) return { board, gap: false }
  if (frame.seq !== UNNUMBERED) {
    if (frame.seq <= board.seq) return { board, gap: false }
    if (frame.seq !== board.seq + 1) return { board: null, gap: true }
  }
  let cells = board.cells
  if (frame.cells.length > 0) {
    cells = cells.slice()
    for (const [place, cell] of frame.cells) {
      const before = cells[place]
      if (!before) return { board: null, gap: true }
      cells[place] = { ...before, cell }
    }
  }
  const newest = board.events.at(-1)?.id ?? -1
  const fresh = frame.events.filter((event) => event.id > newest)
  const events = fresh.length > 0 ? [...board.events, ...fresh].slice(-EVENTS_KEPT) : board.events
  const head =
    frame.state === board.head.state && frame.reason === board.head.reason
      ? board.head
      : { ...board.head, state: frame.state, reason: frame.reason }
  const calls = mergeCalls(board.calls, frame.calls) as Board['calls']
  const seq = Math.max(frame.seq, board.seq)
  return { board: { head, vitals: frame.vitals, cells, events, calls, seq }, gap: false }
}

export type Tally = Record<ChapterState, number>

export function tally(cells: readonly Cell[]): Tally {
  const sum: Tally = {
    waiting: 0,
    planned: 0,
    mapping: 0,
    reducing: 0,
    titling: 0,
    done: 0,
    failed: 0,
    left_out: 0,
  }
  for (const { cell } of cells) sum[cell.state] += 1
  return sum
}

/** Whether a job tells something every second. */
export const moves = (state: JobState): boolean => state === 'running' || state === 'unreachable'

/** Chapters being worked on. */
export function running(sum: Tally): number {
  return sum.mapping + sum.reducing + sum.titling
}

export interface Controls {
  pause: boolean
  resume: boolean
  stop: boolean
  /** Finish what was begun, then stop. */
  finish: boolean
}

/** Which controls make sense in a state. */
export function controls(state: JobState): Controls {
  const going = state === 'waiting' || state === 'running' || state === 'unreachable'
  return {
    pause: going,
    resume: state === 'paused' || state === 'stopped',
    stop: going || state === 'paused',
    finish: state === 'running',
  }
}

/** How full a cell is drawn, 0 to 1. */
export function fill(cell: Cell): number {
  const { state, done, planned } = cell.cell
  if (state === 'done') return 1
  if (planned === 0) return 0
  return Math.min(1, done / planned)
}
