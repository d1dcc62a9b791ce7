/** Invented telemetry: calls on slots, latencies, the machine, figures over time. */
import { sampleOf } from '../../state/history'
import type { Alert, CallKind, History, LaneCall, Machine, Spread, Stages, Verdict, Vitals } from '../../wire/types'

const spread = (count: number, p50: number): Spread => ({
  count,
  p50,
  p95: Math.round(p50 * 1.6),
  p99: Math.round(p50 * 2.1),
})

export function stagesOf(calls: number): Stages {
  return {
    read: spread(calls, 2),
    chunk: spread(calls, 1),
    map: spread(calls, 17_400),
    reduce: spread(Math.round(calls * 0.07), 9_100),
    title: spread(0, 0),
    merge: spread(0, 0),
    call: spread(Math.round(calls * 1.07), 16_800),
    commit: spread(calls, 3),
  }
}

export function machineOf(busy: boolean, random: () => number): Machine {
  return {
    cpu: 0.06 + random() * 0.05,
    gpu: busy ? 0.93 + random() * 0.06 : 0.02,
    gpu_memory: { value: 7_240, bound: 12_288 },
  }
}

export const slowDisk: Alert = {
  kind: 'commit',
  since_ms: Date.now() - 9 * 60_000,
  cause: 'Writing to the library is slow: 164 ms for 95 % of the commits.',
  hint: 'Nothing is lost, and calls go on meanwhile. A data folder on a disk of this machine is faster (EPITOME_DATA).',
}

/** A run judged as the host does it, by the levels of 385 chapters. */
export function verdictOf({ elapsed_ms, chapters_done }: Vitals): Verdict {
  const chapters = spread(chapters_done, 24_000)
  const level = (name: string, goal_ms: number, measured_ms: number) => ({
    name,
    goal_ms,
    measured_ms,
    met: measured_ms < goal_ms,
  })
  const levels = [
    level('p50 a chapter', 40_000, chapters.p50),
    level('p95 a chapter', 55_000, chapters.p95),
    level('p99 a chapter', 45_000, chapters.p99),
    level('whole run', 43 * 60_000, elapsed_ms),
  ]
  return { chapters, levels }
}

/** Two minutes of calls on some slots, up to now; the last of each slot is under way. */
export function callsOf(slots: number, firstChapter: number, running: boolean, random: () => number): LaneCall[] {
  const now = Date.now()
  const calls: LaneCall[] = []
  for (let slot = 0; slot < slots; slot++) {
    let at = now - 118_000 + random() * 4_000
    while (at < now) {
      const kind: CallKind = random() > 0.85 ? 'reduce' : 'map'
      const takes = (kind === 'map' ? 13_000 : 6_500) + random() * 8_000
      const end = at + takes
      const over = end < now || !running
      const failed = random() > 0.97
      calls.push({
        id: 0,
        host: 0,
        slot,
        kind,
        number: null,
        section: null,
        ours: true,
        sent_ms: at,
        first_ms: at + 350 + (random() > 0.8 ? random() * 3_000 : 0),
        end_ms: over ? Math.min(end, now) : null,
        end: over ? (failed ? 'failed' : 'answered') : null,
      })
      at = end + 30 + random() * 60
    }
  }
  calls.sort((one, other) => one.sent_ms - other.sent_ms)
  return calls.map((call, i) => ({ ...call, id: i + 1, number: firstChapter + i }))
}

/** Twenty minutes of the figures a run has now. */
export function historyOf(vitals: Vitals, random: () => number): History {
  const now = Date.now()
  const samples = Array.from({ length: 1200 }, (_, i) => {
    const away = i > 700 && i < 741
    const sample = sampleOf(vitals, now - (1200 - i) * 1000)
    sample.summary_queue = Math.max(0, Math.min(256, vitals.summary_queue.value + Math.round((1200 - i) / 9)))
    sample.tokens_out_per_s = away ? 0 : vitals.tokens_out_per_s * (0.92 + random() * 0.12)
    sample.tokens_in_per_s = away ? 0 : vitals.tokens_in_per_s * (0.9 + random() * 0.2)
    sample.gpu = away ? 0.02 : 0.92 + random() * 0.07
    sample.cpu = 0.05 + random() * 0.06
    sample.in_flight = away ? 0 : vitals.in_flight.value
    sample.workers_busy = away ? 0 : vitals.workers.value
    sample.call_p50 = 16_000 + random() * 1_500
    sample.call_p95 = 25_000 + random() * 3_000
    sample.call_p99 = 33_000 + random() * 4_000
    return sample
  })
  return { samples, every_ms: 1000 }
}
