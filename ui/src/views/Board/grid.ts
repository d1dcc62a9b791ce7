/** Geometry and words of the chapter grid. Pure. */
import type { Board, Cell, JobHead } from '../../wire/types'
import { running, tally } from '../../state/board'
import { count } from '../../words/numbers'
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

export function cellState({ cell }: Cell): string {
  const calls = cell.planned > 0 && cell.state !== 'done' ? `, ${count(cell.done)} of ${count(cell.planned)} calls` : ''
  return chapterWords[cell.state] + calls
}

/** The sentence above the grid. */
export function gridSentence(board: Board): string {
  const sum = tally(board.cells)
  return [
    `${count(sum.done)} of ${count(board.vitals.chapters_all)} done`,
    running(sum) > 0 ? `${count(running(sum))} at work` : '',
    sum.failed > 0 ? `${count(sum.failed)} failed` : '',
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
