/** The board that is watched: asked for once, then kept by frames. */
import { host, wireError } from '../host'
import type { Board, BoardFrame, JobId, Vitals, WireError } from '../wire/types'
import { applyFrame, pushSample } from './board'

let board = $state.raw<Board | null>(null)
let error = $state.raw<WireError | null>(null)
let samples = $state.raw<Vitals[]>([])
let watched: JobId | null = null
let asking = false
let waiting: BoardFrame[] = []

export const currentBoard = () => board
export const boardError = () => error
export const boardSamples = () => samples

/** Frames that wait for an answer are few; more than this means the answer is late and will include them anyway. */
const WAITING_MOST = 100

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
    late.forEach(boardFrame)
  } catch (thrown) {
    if (job === watched) error = wireError(thrown)
  } finally {
    asking = false
    if (watched !== null && job !== watched) void ask(watched)
  }
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
  samples = []
  waiting = []
  if (job !== null) void ask(job)
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
  if (applied.gap) reloadBoard()
  else board = applied.board
}

/** Takes one sample a second of the watched board while it runs; returns how to stop. */
export function sampleEverySecond(): () => void {
  const timer = setInterval(() => {
    const state = board?.head.state
    if (board && (state === 'running' || state === 'unreachable')) samples = pushSample(samples, board.vitals)
  }, 1000)
  return () => clearInterval(timer)
}
