/** Texts with parts to be made visible. Places are in characters as the program counts them: Unicode scalar values. Pure. */
import type { Mark } from '../wire/types'

/** A part of a text; `mark` numbers the mark it is of. */
export interface Run {
  text: string
  mark: number | null
}

interface Stretch {
  from: number
  to: number
}

/** Marks in UTF-16 units, by which this language counts. Marks are in order and do not overlap. */
function inUnits(text: string, marks: readonly Mark[]): Stretch[] {
  let unit = 0
  let at = 0
  const reach = (place: number) => {
    while (at < place && unit < text.length) {
      unit += (text.codePointAt(unit) ?? 0) > 0xffff ? 2 : 1
      at += 1
    }
    return unit
  }
  return marks.map(({ from, to }) => ({ from: reach(from), to: reach(to) }))
}

function runs(text: string, marks: readonly Stretch[], { from, to }: Stretch): Run[] {
  const found: Run[] = []
  const put = (begin: number, end: number, mark: number | null) => {
    if (end > begin) found.push({ text: text.slice(begin, end), mark })
  }
  let at = from
  marks.forEach((mark, number) => {
    const [begin, end] = [Math.max(mark.from, at), Math.min(mark.to, to)]
    if (begin >= end) return
    put(at, begin, null)
    put(begin, end, number)
    at = end
  })
  put(at, to, null)
  return found
}

/** A text on one line. */
export function marked(text: string, marks: readonly Mark[]): Run[] {
  return runs(text, inUnits(text, marks), { from: 0, to: text.length })
}

/** The paragraphs of a text, as `paragraphs` parts it. */
export function markedParagraphs(text: string, marks: readonly Mark[]): Run[][] {
  const units = inUnits(text, marks)
  // As long as before, so that every place stays where it is.
  const plain = text.replace(/\r\n/g, ' \n').replace(/\r/g, '\n')
  const parts: Run[][] = []
  let first = 0
  const part = (from: number, to: number) => {
    const within = plain.slice(from, to)
    const begin = from + within.length - within.trimStart().length
    const end = from + within.trimEnd().length
    if (end <= begin) return
    while (first < units.length && (units[first]?.to ?? 0) <= begin) first += 1
    let last = first
    while (last < units.length && (units[last]?.from ?? 0) < end) last += 1
    const own = runs(plain, units.slice(first, last), { from: begin, to: end })
    parts.push(own.map((run) => ({ ...run, mark: run.mark === null ? null : run.mark + first })))
  }
  let from = 0
  for (const gap of plain.matchAll(/\n[ \t]*\n\s*/g)) {
    part(from, gap.index)
    from = gap.index + gap[0].length
  }
  part(from, plain.length)
  return parts
}
