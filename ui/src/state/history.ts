/** The figures of a job over time, as columns for charts. Pure. */
import type { History, JobState, Sample, Vitals } from '../wire/types'
import { moves } from './board'

/** Samples kept: an hour of one a second beyond what was asked at the beginning. Then every other old one goes. */
const MOST = 3600

/** The sample of this second. */
export function sampleOf(v: Vitals, at_ms: number): Sample {
  return {
    at_ms,
    summary_queue: v.summary_queue.value,
    write_queue: v.write_queue.value,
    workers_busy: v.workers.value,
    workers: v.workers.bound,
    in_flight: v.in_flight.value,
    in_flight_most: v.in_flight.bound,
    tokens_in_per_s: v.tokens_in_per_s,
    tokens_out_per_s: v.tokens_out_per_s,
    chunks_done: v.chunks_done,
    chapters_done: v.chapters_done,
    errors: v.errors,
    call_p50: v.stages.call.p50,
    call_p95: v.stages.call.p95,
    call_p99: v.stages.call.p99,
    commit_p95: v.stages.commit.p95,
    commit_batch: v.commit_batch,
    cpu: v.machine.cpu,
    gpu: v.machine.gpu,
    gpu_memory: v.machine.gpu_memory?.value ?? null,
  }
}

/** A second of a job. How long is left is known of seconds that this window saw: estimates are not stored. */
export type Moment = Sample & { left_s?: number | null }

export function momentOf(v: Vitals, at_ms: number): Moment {
  return { ...sampleOf(v, at_ms), left_s: v.remaining?.likely_s ?? null }
}

/** Adds a sample; of a very long run the older half is thinned, so that memory has a bound. */
export function pushHistory(samples: readonly Moment[], sample: Moment): Moment[] {
  const newest = samples.at(-1)
  // A clock that was set back would fold the time axis.
  const before = newest && newest.at_ms >= sample.at_ms ? samples.filter((one) => one.at_ms < sample.at_ms) : samples
  return [...bounded(before), sample]
}

function bounded(samples: readonly Moment[]): readonly Moment[] {
  if (samples.length < MOST) return samples
  const half = Math.floor(samples.length / 2)
  return bounded([...samples.slice(0, half).filter((_, i) => i % 2 === 0), ...samples.slice(half)])
}

/**
 * What this window saw, with what was told of the seconds it did not see. A told sample stands for `every_ms` up to its
 * time, and is left aside where this window knows more of them.
 */
export function fillHistory(seen: readonly Moment[], { samples, every_ms }: History): Moment[] {
  let at = 0
  const missing = samples.filter(({ at_ms }) => {
    while ((seen[at]?.at_ms ?? Infinity) <= at_ms - every_ms) at += 1
    return (seen[at]?.at_ms ?? Infinity) > at_ms
  })
  return [...bounded([...seen, ...missing].sort((one, other) => one.at_ms - other.at_ms))]
}

/** How far back the lines of the vital signs go, in milliseconds. */
export const SPARK_MS = 120_000

/** The samples of the last two minutes that are known of a job. */
export function lately(samples: readonly Moment[]): readonly Moment[] {
  const from = (samples.at(-1)?.at_ms ?? 0) - SPARK_MS
  const first = samples.findLastIndex((sample) => sample.at_ms < from) + 1
  return samples.slice(first)
}

/** Longer between two samples than this, and the run was not at work meanwhile. In milliseconds. */
export function gapOf(samples: readonly Sample[]): number {
  const [first, last] = [samples[0]?.at_ms ?? 0, samples.at(-1)?.at_ms ?? 0]
  const usual = samples.length > 2 ? (last - first) / samples.length : 1000
  return Math.max(20_000, usual * 5)
}

export type Unit = '' | 'tokens/s' | 's' | '%' | 'GiB'

export interface Line {
  label: string
  /** Name of a colour of the palette. */
  ink: '--accent' | '--k-reduce' | '--k-title' | '--k-merge' | '--ink-3'
  value(sample: Sample): number | null
}

export interface Chart {
  name: string
  label: string
  unit: Unit
  lines: Line[]
  /** Top of the scale, where a bound makes sense. */
  top?(v: Vitals): number | null
  /** Whether that is said beside the value: how much there is. */
  outOf?: boolean
}

const share = (part: number, whole: number) => (whole > 0 ? (100 * part) / whole : 0)
const percent = (value: number | null) => (value === null ? null : value * 100)

export const charts: Chart[] = [
  {
    name: 'throughput',
    label: 'Throughput',
    unit: 'tokens/s',
    lines: [{ label: 'written', ink: '--accent', value: (s) => s.tokens_out_per_s }],
  },
  {
    name: 'reading',
    label: 'Reading',
    unit: 'tokens/s',
    lines: [{ label: 'read', ink: '--k-reduce', value: (s) => s.tokens_in_per_s }],
  },
  {
    name: 'queues',
    label: 'Queues',
    unit: '',
    lines: [
      { label: 'summary queue', ink: '--k-reduce', value: (s) => s.summary_queue },
      { label: 'write queue', ink: '--k-title', value: (s) => s.write_queue },
    ],
  },
  {
    name: 'utilisation',
    label: 'Utilisation',
    unit: '%',
    top: () => 100,
    lines: [
      { label: 'calls in flight', ink: '--accent', value: (s) => share(s.in_flight, s.in_flight_most) },
      { label: 'workers', ink: '--k-title', value: (s) => share(s.workers_busy, s.workers) },
    ],
  },
  {
    name: 'latency',
    label: 'Call latency',
    unit: 's',
    lines: [
      { label: 'p50', ink: '--accent', value: (s) => s.call_p50 / 1000 },
      { label: 'p95', ink: '--k-title', value: (s) => s.call_p95 / 1000 },
      { label: 'p99', ink: '--k-merge', value: (s) => s.call_p99 / 1000 },
    ],
  },
  {
    name: 'machine',
    label: 'GPU and CPU',
    unit: '%',
    top: () => 100,
    lines: [
      { label: 'GPU', ink: '--accent', value: (s) => percent(s.gpu) },
      { label: 'CPU', ink: '--k-reduce', value: (s) => percent(s.cpu) },
    ],
  },
  {
    name: 'memory',
    label: 'GPU memory',
    unit: 'GiB',
    top: (v) => (v.machine.gpu_memory ? v.machine.gpu_memory.bound / 1024 : null),
    outOf: true,
    lines: [{ label: 'in use', ink: '--k-merge', value: (s) => (s.gpu_memory === null ? null : s.gpu_memory / 1024) }],
  },
]

/** Times in seconds and a column a line, as the charts take them. A gap in time is a gap in the lines. */
export function columns(samples: readonly Sample[], chart: Chart): (number | null)[][] {
  const times: number[] = []
  const lines: (number | null)[][] = chart.lines.map(() => [])
  const gap = gapOf(samples)
  let before: number | undefined
  for (const sample of samples) {
    if (before !== undefined && sample.at_ms - before > gap) {
      times.push((before + 1) / 1000)
      for (const line of lines) line.push(null)
    }
    times.push(sample.at_ms / 1000)
    chart.lines.forEach((line, i) => lines[i]?.push(line.value(sample)))
    before = sample.at_ms
  }
  return [times, ...lines]
}

/** Whether a chart has anything to show: not every machine tells of its card. */
export function isTold(samples: readonly Sample[], chart: Chart): boolean {
  return chart.lines.some((line) => samples.some((sample) => line.value(sample) !== null))
}

/** What is shown where a chart is chosen: that one, or the first that is told where it is not. */
export function chartShown(told: readonly Chart[], name: string): Chart | undefined {
  return told.find((chart) => chart.name === name) ?? told[0]
}

/** Why there is nothing to draw: the run has only begun, or its figures are no longer kept. */
export function noFiguresWords(state: JobState): string {
  if (moves(state) || state === 'waiting') return 'The charts begin with the first seconds of a run.'
  return 'The figures of this run over time are no longer kept, or it was over before the first second.'
}

/** Ranges of the shared time axis, in seconds; all of it where there is no number. */
export const spans = [
  { label: '2 min', seconds: 120 },
  { label: '10 min', seconds: 600 },
  { label: '1 h', seconds: 3600 },
  { label: 'all', seconds: null },
] as const
