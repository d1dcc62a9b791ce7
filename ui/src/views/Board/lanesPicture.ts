/** Draws calls as blocks on lanes. */
import type { CallKind, LaneCall } from '../../wire/types'
import { LANES_MS, type Lane } from '../../state/lanes'

export const PITCH = 22
const HEIGHT = 18
/** Width of a lane's name. */
export const NAMES = 58
/** A block this narrow holds no number. */
const NUMBER_FROM = 26

export interface LaneInk {
  kinds: Record<CallKind, string>
  other: string
  ground: string
  line: string
  ink: string
  onBlock: string
  bad: string
  font: string
}

export function inkFrom(element: Element): LaneInk {
  const style = getComputedStyle(element)
  const of = (name: string) => style.getPropertyValue(name).trim()
  return {
    kinds: { map: of('--k-map'), reduce: of('--k-reduce'), title: of('--k-title'), merge: of('--k-merge') },
    other: of('--k-wait'),
    ground: of('--sunken'),
    line: of('--line'),
    ink: of('--ink-2'),
    onBlock: of('--surface'),
    bad: of('--bad'),
    font: style.fontFamily,
  }
}

/** Pixel of a time, for a picture of this width whose right edge is `now`. */
export function xOf(at: number, now: number, width: number): number {
  return NAMES + ((at - now + LANES_MS) / LANES_MS) * (width - NAMES)
}

/** Time at a pixel. */
export function timeAt(x: number, now: number, width: number): number {
  return now - LANES_MS + ((x - NAMES) / (width - NAMES)) * LANES_MS
}

/** Slanted lines over a part of a lane: the server has the call, and has not begun to answer. */
function hatch(pen: CanvasRenderingContext2D, from: number, to: number, top: number, colour: string, ground: string) {
  pen.save()
  pen.beginPath()
  pen.roundRect(from, top, to - from, HEIGHT, 3)
  pen.clip()
  pen.fillStyle = ground
  pen.fillRect(from, top, to - from, HEIGHT)
  pen.strokeStyle = colour
  pen.lineWidth = 1.6
  pen.beginPath()
  // Fixed to the lane, not to the block, so that it does not crawl as time goes on.
  for (let x = Math.floor(from / 6) * 6 - HEIGHT; x < to; x += 6) {
    pen.moveTo(x, top + HEIGHT)
    pen.lineTo(x + HEIGHT, top)
  }
  pen.stroke()
  pen.restore()
}

function block(pen: CanvasRenderingContext2D, call: LaneCall, row: number, now: number, width: number, ink: LaneInk) {
  const end = call.end_ms ?? now
  const from = Math.max(NAMES, xOf(call.sent_ms, now, width))
  const to = Math.min(width, xOf(end, now, width))
  if (to <= NAMES || from >= width) return
  const top = row * PITCH + (PITCH - HEIGHT) / 2
  const colour = call.ours ? ink.kinds[call.kind] : ink.other
  const first = Math.min(to, Math.max(from, xOf(call.first_ms ?? end, now, width)))
  // A gap of a pixel parts a call from the next on its slot.
  const right = Math.max(from + 1, to - 1)
  if (first - from >= 2) hatch(pen, from, Math.min(first, right), top, colour, ink.ground)
  if (right > first) {
    pen.fillStyle = colour
    pen.beginPath()
    pen.roundRect(first, top, right - first, HEIGHT, 3)
    pen.fill()
  }
  if (call.end === 'failed' || call.end === 'broken_off') {
    pen.strokeStyle = ink.bad
    pen.lineWidth = 2
    pen.beginPath()
    pen.moveTo(right - 5, top + 5)
    pen.lineTo(right + 1, top + HEIGHT - 5)
    pen.moveTo(right + 1, top + 5)
    pen.lineTo(right - 5, top + HEIGHT - 5)
    pen.stroke()
  }
  if (call.number === null || right - first < NUMBER_FROM) return
  pen.fillStyle = ink.onBlock
  pen.fillText(String(call.number), first + 5, top + HEIGHT / 2 + 0.5, right - first - 8)
}

export function drawLanes(
  pen: CanvasRenderingContext2D,
  calls: readonly LaneCall[],
  lanes: readonly Lane[],
  now: number,
  width: number,
  ink: LaneInk,
): void {
  pen.clearRect(0, 0, width, lanes.length * PITCH)
  pen.font = `500 11px ${ink.font}`
  pen.textBaseline = 'middle'
  const rows = new Map(lanes.map((lane, row) => [`${lane.host} ${lane.slot}`, row]))
  for (const [row, lane] of lanes.entries()) {
    pen.fillStyle = ink.ground
    pen.fillRect(NAMES, row * PITCH + (PITCH - HEIGHT) / 2, width - NAMES, HEIGHT)
    pen.fillStyle = ink.ink
    pen.fillText(lane.name, 0, row * PITCH + PITCH / 2 + 0.5, NAMES - 6)
  }
  for (const call of calls) {
    const row = rows.get(`${call.host} ${call.slot}`)
    if (row !== undefined) block(pen, call, row, now, width, ink)
  }
}
