/** How cells are drawn where there are too many for elements. Pure but for the canvas it is given. */
import { fill } from '../../state/board'
import type { Cell, ChapterState } from '../../wire/types'

/** Above this many, the grid is one picture instead of an element a chapter. */
export const ELEMENTS_MOST = 700

/** Space between two cells in pixels. */
export const GAP = 3

/** Where the cells of a grid lie. Lengths in CSS pixels. */
export interface Layout {
  columns: number
  /** From the left edge of a cell to that of the next. */
  pitch: number
  edge: number
  height: number
}

export function layout(cells: number, edge: number, width: number): Layout {
  const columns = Math.max(1, Math.floor((width + GAP) / (edge + GAP)))
  const pitch = (width + GAP) / columns
  return { columns, pitch, edge: pitch - GAP, height: Math.ceil(cells / columns) * pitch - GAP }
}

export function corner(place: number, { columns, pitch }: Layout): { x: number; y: number } {
  return { x: (place % columns) * pitch, y: Math.floor(place / columns) * pitch }
}

/** The cell at a point of the picture; `null` in a gap and outside. */
export function cellAt(x: number, y: number, { columns, pitch, edge }: Layout, cells: number): number | null {
  const [column, row] = [Math.floor(x / pitch), Math.floor(y / pitch)]
  if (x < 0 || y < 0 || column >= columns || x - column * pitch > edge || y - row * pitch > edge) return null
  const place = row * columns + column
  return place < cells ? place : null
}

/** Places whose cells are not the same objects as before; all of them where the number has changed. */
export function changed(before: readonly Cell[], now: readonly Cell[]): number[] | 'all' {
  if (before.length !== now.length) return 'all'
  const places: number[] = []
  for (let place = 0; place < now.length; place += 1) if (before[place] !== now[place]) places.push(place)
  return places
}

/** Colours by the names of the tokens. */
export interface Ink {
  line: string
  waiting: string
  planned: string
  title: string
  accent: string
  soft: string
  reduce: string
  bad: string
}

export function inkOf(element: Element): Ink {
  const style = getComputedStyle(element)
  const token = (name: string) => style.getPropertyValue(name).trim()
  return {
    line: token('--line-strong'),
    planned: token('--k-wait'),
    title: token('--k-title'),
    waiting: token('--cell'),
    accent: token('--accent'),
    soft: token('--accent-soft'),
    reduce: token('--k-reduce'),
    bad: token('--bad'),
  }
}

type Draw = (pen: CanvasRenderingContext2D, edge: number, ink: Ink, full: number) => void

function frame(pen: CanvasRenderingContext2D, edge: number, colour: string): void {
  pen.strokeStyle = colour
  pen.strokeRect(0.5, 0.5, edge - 1, edge - 1)
}

const working: Draw = (pen, edge, ink, full) => {
  pen.fillStyle = ink.soft
  pen.fillRect(0, 0, edge, edge)
  pen.fillStyle = ink.accent
  pen.fillRect(0, edge * (1 - full), edge, edge * full)
  frame(pen, edge, ink.accent)
}

/** Each state is a shape as well as a colour, as in `cells.css`. */
const draws: Record<ChapterState, Draw> = {
  waiting: (pen, edge, ink) => frame(pen, edge, ink.waiting),
  planned: (pen, edge, ink) => {
    frame(pen, edge, ink.planned)
    const dot = Math.max(2, Math.round(edge * 0.24))
    pen.fillStyle = ink.planned
    pen.fillRect(Math.floor((edge - dot) / 2), Math.floor((edge - dot) / 2), dot, dot)
  },
  mapping: working,
  titling: (pen, edge, ink) => {
    frame(pen, edge, ink.title)
    pen.fillStyle = ink.title
    pen.fillRect(2, 2, edge - 4, Math.max(2, Math.round(edge * 0.2)))
  },
  reducing: (pen, edge, ink) => {
    frame(pen, edge, ink.reduce)
    pen.fillStyle = ink.reduce
    pen.beginPath()
    pen.arc(edge / 2, edge / 2, edge / 3, 0, Math.PI * 2)
    pen.fill()
  },
  done: (pen, edge, ink) => {
    pen.fillStyle = ink.accent
    pen.fillRect(0, 0, edge, edge)
  },
  failed: (pen, edge, ink) => {
    pen.fillStyle = ink.bad
    pen.beginPath()
    pen.moveTo(edge / 2, 0)
    pen.lineTo(edge, edge / 2)
    pen.lineTo(edge / 2, edge)
    pen.lineTo(0, edge / 2)
    pen.fill()
  },
  left_out: (pen, edge, ink) => {
    pen.strokeStyle = ink.line
    pen.beginPath()
    pen.moveTo(0.5, edge - 0.5)
    pen.lineTo(edge - 0.5, 0.5)
    pen.stroke()
  },
}

/** Draws one cell over whatever was there. */
export function drawCell(pen: CanvasRenderingContext2D, cell: Cell, place: number, at: Layout, ink: Ink): void {
  const { x, y } = corner(place, at)
  pen.save()
  pen.translate(Math.round(x), Math.round(y))
  const edge = Math.floor(at.edge)
  pen.clearRect(-1, -1, edge + 2, edge + 2)
  draws[cell.cell.state](pen, edge, ink, fill(cell))
  pen.restore()
}
