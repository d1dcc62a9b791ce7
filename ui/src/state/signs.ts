/** The vital signs: what each says, and what its line follows. Pure; one table for the row, its tooltips and tests. */
import type { Vitals } from '../wire/types'
import { count, counted, duration, percent, range } from '../words/numbers'
import { gapOf, SPARK_MS, type Moment } from './history'
import { isSeeking } from './hosts'

export interface Sign {
  name: string
  label: string
  /** What it means, for the tooltip. */
  help: string
  /** What the tooltip adds of this run. */
  more?(v: Vitals): string
  value(v: Vitals): string
  detail(v: Vitals): string
  /** The figure the sparkline follows; `null` where it was not known. */
  line(s: Moment): number | null
  /** Top of the sparkline, where a bound makes sense; else the greatest value seen. */
  top?(v: Vitals): number
  /** Whether the figure asks for attention, and so is marked by colour and a sign. */
  alarm?(v: Vitals): boolean
}

/** Share of failed calls above which the figure asks for attention (SPEC section 5, alerts). */
const ERRORS_TELL = 0.1

const isOver = (v: Vitals) => v.chapters_all > 0 && v.chapters_done + v.chapters_failed >= v.chapters_all

/** How long planning was held back, as a share of the run. */
function blocked(v: Vitals): string {
  if (v.producer_blocked_ms < 1000) return 'Planning was not held back so far.'
  const share = percent(v.producer_blocked_ms, v.elapsed_ms)
  return `Planning was held back for ${duration(v.producer_blocked_ms / 1000)} so far, ${share} of the run.`
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(ms < 9_950 ? 1 : 0)} s`

/** How long the last calls took. */
function latency(v: Vitals): string {
  const { count: calls, p50, p95 } = v.stages.call
  if (calls === 0) return ''
  return `Half of the last calls took at most ${seconds(p50)}, 95 of 100 at most ${seconds(p95)}.`
}

function commits(v: Vitals): string {
  const { count: all, p95 } = v.stages.commit
  return all === 0 ? '' : `95 of 100 commits take at most ${count(p95)} ms.`
}

/** What became of calls that failed. */
function mending({ retries, timeouts }: Vitals): string {
  const gone = timeouts > 0 ? `${counted(timeouts, 'call')} given up after a long silence.` : ''
  if (retries === 0) return `No call was sent again so far. ${gone}`.trim()
  return `${counted(retries, 'call')} sent again so far. ${gone}`.trim()
}

/** When the first chapter was done, and what cost nothing. */
function beginnings({ first_summary_ms, reused }: Vitals): string {
  return [
    first_summary_ms === null ? '' : `The first was done after ${seconds(first_summary_ms)}.`,
    reused > 0 ? `${counted(reused, 'call')} answered from what is kept, without asking again.` : '',
  ]
    .filter(Boolean)
    .join(' ')
}

/** Figures of a run that have no sign of their own, with what they mean. */
export function furtherFigures(v: Vitals): { label: string; value: string; help: string }[] {
  return [
    {
      label: 'First summary',
      value: v.first_summary_ms === null ? '–' : seconds(v.first_summary_ms),
      help: 'From the beginning of this run to its first finished chapter',
    },
    { label: 'Sent again', value: count(v.retries), help: 'Calls that were sent again after a failure' },
    { label: 'Given up', value: count(v.timeouts), help: 'Calls given up after a long silence' },
    { label: 'Reused', value: count(v.reused), help: 'Calls answered from what is kept, without asking again' },
  ]
}

export const signs: Sign[] = [
  {
    name: 'summary-queue',
    label: 'Summary queue',
    help: 'Calls that are planned and wait for a worker, against the room of the queue. It falls as the book is read; full means planning waits.',
    more: blocked,
    value: (v) => count(v.summary_queue.value),
    detail: (v) => `of ${count(v.summary_queue.bound)}`,
    line: (s) => s.summary_queue,
  },
  {
    name: 'write-queue',
    label: 'Write queue',
    help: 'Results that wait to be written to the disk, against the room of that queue. Near zero is normal.',
    value: (v) => count(v.write_queue.value),
    more: commits,
    detail: (v) => `of ${count(v.write_queue.bound)}`,
    line: (s) => s.write_queue,
  },
  {
    name: 'workers',
    label: 'Workers',
    help: 'Workers that hold a call, of all workers. Idle ones are ready but have nothing they may send.',
    value: (v) => count(v.workers.value),
    detail: (v) => `of ${count(v.workers.bound)} busy`,
    line: (s) => s.workers_busy,
    top: (v) => v.workers.bound,
  },
  {
    name: 'in-flight',
    label: 'In flight',
    help: 'Calls sent and not answered yet, against the most that may be under way at a time.',
    value: (v) => count(v.in_flight.value),
    more: (v) =>
      [isSeeking(v) && !isOver(v) ? 'The best number of them is still being looked for.' : '', latency(v)]
        .join(' ')
        .trim(),
    detail: (v) => `of ${count(v.in_flight.bound)}${isSeeking(v) && !isOver(v) ? ', seeking' : ' at most'}`,
    line: (s) => s.in_flight,
    top: (v) => v.in_flight.bound,
  },
  {
    name: 'tokens',
    label: 'Tokens/s',
    help: 'Tokens the model writes each second, and tokens of text it reads, over the last seconds.',
    value: (v) => count(v.tokens_out_per_s),
    detail: (v) => `out · ${count(v.tokens_in_per_s)} in`,
    line: (s) => s.tokens_out_per_s,
  },
  {
    name: 'chunks',
    label: 'Chunks',
    help: 'Pieces of chapters, each read by one call: done, planned so far, and failed.',
    value: (v) => count(v.chunks_done),
    detail: (v) =>
      v.chunks_failed > 0
        ? `of ${count(v.chunks_planned)} · ${count(v.chunks_failed)} failed`
        : `of ${count(v.chunks_planned)} planned`,
    line: (s) => s.chunks_done,
    top: (v) => v.chunks_planned,
  },
  {
    name: 'chapters',
    label: 'Chapters',
    help: 'Chapters that have their summary, of all chapters of this job.',
    more: beginnings,
    value: (v) => count(v.chapters_done),
    detail: (v) =>
      v.chapters_failed > 0
        ? `of ${count(v.chapters_all)} · ${count(v.chapters_failed)} failed`
        : `of ${count(v.chapters_all)}`,
    line: (s) => s.chapters_done,
    top: (v) => v.chapters_all,
    alarm: (v) => v.chapters_failed > 0,
  },
  {
    name: 'errors',
    label: 'Errors',
    help: 'Calls that failed, whether or not a retry mended them, of all calls so far.',
    more: mending,
    value: (v) => percent(v.errors, v.calls),
    detail: (v) => `${count(v.errors)} of ${counted(v.calls, 'call')}`,
    line: (s) => s.errors,
    top: (v) => Math.max(1, v.calls * ERRORS_TELL),
    alarm: (v) => v.calls > 0 && v.errors / v.calls > ERRORS_TELL,
  },
  {
    name: 'time-left',
    label: 'Time left',
    help: 'What is left, weighed by tokens and the speed measured so far, with the range it will likely fall in.',
    value: (v) => {
      if (v.remaining) return duration(v.remaining.likely_s)
      return isOver(v) ? 'none' : 'unknown'
    },
    detail: (v) =>
      v.remaining
        ? range(v.remaining)
        : isOver(v)
          ? v.elapsed_ms < 1000
            ? 'took under 1 s'
            : `took ${duration(v.elapsed_ms / 1000)}`
          : `${duration(v.elapsed_ms / 1000)} so far`,
    line: (s) => s.left_s ?? null,
  },
]

/** An SVG path over a box of 100 by 20, the newest sample at the right; broken where nothing is known for a while. */
export function sparkline(samples: readonly Moment[], line: Sign['line'], top: number): string {
  const points = samples.flatMap((sample) => {
    const value = line(sample)
    return value === null ? [] : [{ at: sample.at_ms, value }]
  })
  if (points.length < 2) return ''
  const height = Math.max(top, ...points.map((point) => point.value), 1e-9)
  const newest = samples.at(-1)?.at_ms ?? 0
  const gap = gapOf(samples)
  let before = -Infinity
  return points
    .map(({ at, value }) => {
      const pen = at - before > gap ? 'M' : 'L'
      before = at
      return `${pen}${(100 - ((newest - at) / SPARK_MS) * 100).toFixed(1)} ${(18.5 - (value / height) * 17).toFixed(1)}`
    })
    .join('')
}
