/** Geometry and words of the chapter grid. Pure. */
import type { Board, Cell, JobHead, LaneCall } from '../../wire/types'
import { running, tally } from '../../state/board'
import { count, counted, took } from '../../words/numbers'
import { chapterWords } from '../../words/states'

/** What both kinds of cells are given. */
export interface CellsProps {
  cells: readonly Cell[]
  /** The cell that is pointed at, by its place. */
  active: number | null
  /** Tells which cell is pointed at, and where it lies in the window. */
  point: (place: number | null, at: DOMRect | null) => void
  open: (place: number | null) => void
}

/** Up to this many, cells are large enough to carry their number. */
export const NUMBERED_MOST = 60

/** Edge of a cell in pixels: large while there is room, small enough that thousands stay one picture. */
export function cellEdge(cells: number): number {
  if (cells <= NUMBERED_MOST) return 40
  if (cells <= 160) return 24
  if (cells <= 700) return 17
  if (cells <= 2500) return 12
  return 8
}

/** Where an arrow key leads; `null` where it leads nowhere. */
export function step(key: string, from: number, columns: number, all: number): number | null {
  const to = {
    ArrowLeft: from - 1,
    ArrowRight: from + 1,
    ArrowUp: from - columns,
    ArrowDown: from + columns,
    Home: 0,
    End: all - 1,
  }[key]
  return to === undefined || to < 0 || to >= all ? null : to
}

export function cellName({ number, title }: Cell): string {
  return number === null ? title : `Chapter ${number}`
}

/** Name and title, for whoever does not see the words beside the pointer. */
export function cellTitle(cell: Cell): string {
  const name = cellName(cell)
  return cell.title === name ? name : `${name}, ${cell.title}`
}

export function cellState({ cell }: Cell): string {
  if (cell.planned === 0) return chapterWords[cell.state]
  if (cell.state === 'done') return `${chapterWords.done}, ${counted(cell.planned, 'call')}`
  return `${chapterWords[cell.state]}, ${count(cell.done)} of ${counted(cell.planned, 'call')}`
}

/** How long the servers have worked on a chapter, as far as its calls are remembered; empty where none is. */
export function cellTime({ section }: Cell, calls: readonly LaneCall[], now: number): string {
  const own = calls.filter((call) => call.ours && call.section === section)
  if (own.length === 0) return ''
  const ms = own.reduce((sum, call) => sum + Math.max(0, (call.end_ms ?? now) - call.sent_ms), 0)
  const going = own.filter((call) => call.end_ms === null).length
  return `${took(ms)} of work in the last two minutes${going > 0 ? `, ${counted(going, 'call')} under way` : ''}`
}

/** The sentence above the grid: what is done and failed by the vital signs, so that both say the same. */
export function gridSentence({ vitals, cells }: Board): string {
  const sum = tally(cells)
  return [
    `${count(vitals.chapters_done)} of ${count(vitals.chapters_all)} done`,
    running(sum) > 0 ? `${count(running(sum))} at work` : '',
    vitals.chapters_failed > 0 ? `${count(vitals.chapters_failed)} failed` : '',
    sum.left_out > 0 ? `${count(sum.left_out)} left out` : '',
  ]
    .filter(Boolean)
    .join(' · ')
}

/** The ledger in a sentence: every character of the source is in a chapter or in a named left-out. */
export function ledgerSentence({ source_chars, accounted_chars }: JobHead): string {
  if (source_chars === accounted_chars) return `Nothing lost: all ${count(source_chars)} characters are accounted for.`
  return `${count(accounted_chars)} of ${count(source_chars)} characters are accounted for; please report this book.`
}
