/** The board that is watched: asked for once, then kept by frames. */
import { host, wireError } from '../host'
import type { Board, BoardFrame, JobId, Verdict, WireError } from '../wire/types'
import { applyFrame, moves } from './board'
import { fillHistory, momentOf, pushHistory, type Moment } from './history'

let board = $state.raw<Board | null>(null)
let error = $state.raw<WireError | null>(null)
let history = $state.raw<Moment[]>([])
let verdict = $state.raw<Verdict | null>(null)
let watched: JobId | null = null
let asking = false
let waiting: BoardFrame[] = []
/** When a moving job was last heard of, and when its history was last asked for; in milliseconds. */
let heardAt: number | null = null
let askedAt = 0
/** Whether nothing is missing in the history. */
let whole = false

export const currentBoard = () => board
export const boardError = () => error
export const boardHistory = () => history
/** How the watched run is judged, once it is over. */
export const boardVerdict = () => verdict

/** Frames that wait for an answer are few; more than this means the answer is late and will include them anyway. */
const WAITING_MOST = 100

/** A moving job tells something every second. After a longer silence, as of a laptop that slept, seconds are missing. */
const SILENCE_MS = 5000

/** Time between two samples, in milliseconds. */
const SAMPLE_MS = 1000

async function ask(job: JobId): Promise<void> {
  if (asking) return
  asking = true
  try {
    const answer = await host().call('board', { job })
    if (job !== watched) return
    board = answer
    error = null
    const late = waiting
    waiting = []
    hear()
    late.forEach(boardFrame)
    void askVerdict(job)
  } catch (thrown) {
    if (job === watched) error = wireError(thrown)
  } finally {
    asking = false
    if (watched !== null && job !== watched) void ask(watched)
  }
}

/** A run is judged when it is over. Without the verdict its figures stand for themselves, so a failure is not told. */
async function askVerdict(job: JobId): Promise<void> {
  const state = board?.head.state
  const over = state === 'done' || state === 'incomplete'
  const told = over
    ? await host()
        .call('verdict', { job })
        .catch(() => null)
    : null
  if (job === watched) verdict = told
}

/** What was measured while this window did not look. Charts without it have a hole, so it is asked for until it comes. */
async function askHistory(job: JobId): Promise<void> {
  askedAt = Date.now()
  const told = await host()
    .call('history', { job })
    .catch(() => null)
  if (job !== watched || !told) return
  history = fillHistory(history, told)
  whole = true
}

/** The board says something new: takes a sample of it each second, and asks for what was missed before it. */
function hear(): void {
  if (!board) return
  const now = Date.now()
  if (heardAt !== null && now - heardAt > SILENCE_MS) whole = false
  if (!whole && now - askedAt >= SILENCE_MS) void askHistory(board.head.job)
  heardAt = moves(board.head.state) ? now : null
  const newest = history.at(-1)?.at_ms ?? 0
  const due = now - newest >= SAMPLE_MS || newest > now
  if (heardAt !== null && due) history = pushHistory(history, momentOf(board.vitals, now))
}

/** Shows a job's board and follows it, also while another screen is shown, so that its lines stay whole; `null` for none. */
export function watch(job: JobId | null): void {
  if (job === watched) {
    reloadBoard()
    return
  }
  watched = job
  board = null
  error = null
  history = []
  verdict = null
  waiting = []
  heardAt = null
  whole = false
  if (job === null) return
  void ask(job)
  void askHistory(job)
}

/** Asks for the watched board again, as after a change that no frame tells. */
export function reloadBoard(): void {
  if (watched !== null) void ask(watched)
}

export function boardFrame(frame: BoardFrame): void {
  if (frame.job !== watched) return
  if (asking || !board) {
    waiting = [...waiting.slice(-WAITING_MOST), frame]
    return
  }
  const applied = applyFrame(board, frame)
  if (applied.gap) {
    reloadBoard()
    return
  }
  const ended = applied.board.head.state !== board.head.state
  board = applied.board
  hear()
  if (ended) void askVerdict(frame.job)
}
