import { beforeEach, describe, expect, it } from 'vitest'

import { use } from '../src/host'
import { named } from '../src/host/fake'
import { alertsOf, forgetAlerts, loadAlerts, see, takeAlerts } from '../src/state/alerts.svelte'
import {
  chartShown,
  charts,
  columns,
  fillHistory,
  isTold,
  lately,
  momentOf,
  noFiguresWords,
  pushHistory,
  sampleOf,
  type Moment,
} from '../src/state/history'
import { signs, sparkline } from '../src/state/signs'
import { callAt, callBeside, callSentence, lanesOf, lanesSentence, LANES_MS, mergeCalls } from '../src/state/lanes'
import { fakeRun } from '../src/host/fake/run'
import { makeBook } from '../src/host/fake/books'
import type { Alert, HostVitals, LaneCall, Sample } from '../src/wire/types'

const call = (id: number, change: Partial<LaneCall> = {}): LaneCall => ({
  id,
  host: 0,
  slot: 0,
  kind: 'map',
  number: id,
  section: id,
  ours: true,
  sent_ms: id * 1000,
  first_ms: null,
  end_ms: null,
  end: null,
  ...change,
})

const host = (name: string, bound: number): HostVitals => ({
  name,
  state: 'ready',
  reason: null,
  in_flight: { value: 0, bound },
  seeking: false,
  slots: null,
  tokens_out_per_s: 0,
})

describe('lanes', () => {
  it('take what a frame tells, each call once, in order', () => {
    const known = [call(1), call(3)]
    expect(mergeCalls(known, [])).toBe(known)
    const merged = mergeCalls(known, [call(2), call(3, { end_ms: 9000, end: 'answered' })])
    expect(merged.map((one) => one.id)).toEqual([1, 2, 3])
    expect(merged[2]?.end).toBe('answered')
  })

  it('let go of what ended two minutes before the newest, and keep what is under way', () => {
    const old = [call(1, { end_ms: 2000, end: 'answered' }), call(2)]
    const merged = mergeCalls(old, [call(500, { sent_ms: 2001 + LANES_MS })])
    expect(merged.map((one) => one.id)).toEqual([2, 500])
  })

  it('have a bound, whatever comes', () => {
    let calls: readonly LaneCall[] = []
    for (let i = 0; i < 100; i++) {
      calls = mergeCalls(
        calls,
        Array.from({ length: 12 }, (_, n) => call(i * 12 + n, { sent_ms: 0 })),
      )
    }
    expect(calls).toHaveLength(600)
    expect(calls.at(-1)?.id).toBe(1199)
  })

  it('are one a slot, also for slots that idle, and name the server where there are several', () => {
    expect(lanesOf([call(1, { slot: 2 })], [host('a', 2)], 0).map((lane) => lane.name)).toEqual([
      'slot 1',
      'slot 2',
      'slot 3',
    ])
    const two = lanesOf([], [host('a', 1), host('b', 2)], 0)
    expect(two.map((lane) => lane.name)).toEqual(['1: slot 1', '2: slot 1', '2: slot 2'])
    expect(lanesOf([], [host('a', 64)], 0)).toHaveLength(24)
    const old = call(1, { slot: 5, end_ms: 10_000, end: 'answered' })
    expect(lanesOf([old], [host('a', 2)], 20_000)).toHaveLength(6)
    expect(lanesOf([old], [host('a', 2)], 90_000)).toHaveLength(2)
  })

  it('say what is under the pointer', () => {
    const lane = { host: 0, slot: 0, name: '' }
    const calls = [
      call(1, { first_ms: 2200, end_ms: 13_400, end: 'answered' }),
      call(14, { number: null, kind: 'merge', sent_ms: 14_000 }),
    ]
    expect(callAt(calls, lane, 5000, 20_000)?.id).toBe(1)
    expect(callAt(calls, lane, 13_700, 20_000)).toBeUndefined()
    expect(callSentence(calls[0] as LaneCall, 20_000)).toBe(
      'Chapter 1, reading: answered, 12 s, of which 1.2 s waiting for the first token',
    )
    expect(callSentence(calls[1] as LaneCall, 20_000)).toContain('Synopsis, synopsis: under way, 6.0 s')
    expect(callSentence(call(3, { ours: false, number: null }), 4000)).toContain('Another book')
    expect(lanesSentence(calls, [lane], 20_000)).toBe('1 slot: 1 call under way, 1 ended in the last two minutes.')
  })
})

describe('lanes by the keyboard', () => {
  const lane = (slot: number) => ({ host: 0, slot, name: `slot ${slot + 1}` })
  const at = (id: number, slot: number, sent_ms: number, end_ms: number | null) => call(id, { slot, sent_ms, end_ms })
  const calls = [at(1, 0, 0, 10_000), at(2, 2, 1000, 4000), at(3, 2, 5000, 30_000), at(4, 0, 11_000, null)]
  const lanes = [lane(0), lane(1), lane(2)]
  const to = (from: number | null, key: string, now = 40_000) =>
    callBeside(
      calls,
      lanes,
      calls.find((one) => one.id === from),
      key,
      now,
    )?.id

  it('begin at the newest call and go along a lane, not beyond it', () => {
    expect(to(null, '')).toBe(4)
    expect([to(4, 'ArrowLeft'), to(1, 'ArrowLeft'), to(1, 'ArrowRight'), to(4, 'ArrowRight')]).toEqual([
      1,
      undefined,
      4,
      undefined,
    ])
    expect([to(3, 'Home'), to(2, 'End'), to(3, 'x')]).toEqual([2, 3, undefined])
  })

  it('go to the nearest call of the next lane that has any', () => {
    expect([to(1, 'ArrowDown'), to(4, 'ArrowDown'), to(2, 'ArrowUp'), to(1, 'ArrowUp')]).toEqual([2, 3, 1, undefined])
  })

  it('know no call that ended before the picture begins', () => {
    expect(to(4, 'ArrowLeft', 140_000)).toBeUndefined()
    expect(callBeside([], lanes, undefined, '', 0)).toBeUndefined()
  })
})

describe('history', () => {
  const { vitals } = fakeRun(
    makeBook({ id: 1, title: 'A', authors: [], chapters: 20, state: 'running', done: 5 }),
  ).board()
  const at = (ms: number, change: Partial<Sample> = {}): Sample => ({ ...sampleOf(vitals, ms), ...change })

  it('is what the vital signs say', () => {
    const sample = at(5000)
    expect([sample.in_flight, sample.in_flight_most]).toEqual([vitals.in_flight.value, vitals.in_flight.bound])
    expect(sample.call_p95).toBe(vitals.stages.call.p95)
  })

  it('has a bound, keeps the newest second by second, and goes back when the clock does', () => {
    let samples: Sample[] = []
    for (let i = 0; i < 9000; i++) samples = pushHistory(samples, at(i * 1000))
    expect(samples.length).toBeLessThanOrEqual(3600)
    expect(samples.slice(-1500).every((one, i, all) => i === 0 || one.at_ms - (all[i - 1]?.at_ms ?? 0) === 1000)).toBe(
      true,
    )
    expect(samples[0]?.at_ms).toBeLessThan(2_000_000)
    const back = pushHistory(samples, at(8_000_000))
    expect(back.at(-1)?.at_ms).toBe(8_000_000)
    expect(back.at(-2)?.at_ms).toBeLessThan(8_000_000)
  })

  it('becomes columns, with a gap where the run was not at work', () => {
    const queues = charts.find((chart) => chart.name === 'queues')
    if (!queues) throw new Error('no such chart')
    const samples = [...Array.from({ length: 10 }, (_, i) => at(i * 1000)), at(600_000), at(601_000)]
    const [times, summary] = columns(samples, queues)
    expect(times).toHaveLength(13)
    expect(summary?.filter((value) => value === null)).toHaveLength(1)
    expect(summary?.[10]).toBeNull()
  })

  it('shows another chart where the chosen one is no longer told', () => {
    expect(chartShown(charts, 'memory')?.name).toBe('memory')
    expect(chartShown(charts.slice(0, 2), 'memory')?.name).toBe('throughput')
    expect(chartShown([], 'memory')).toBeUndefined()
  })

  it('says why there is nothing to draw', () => {
    expect(noFiguresWords('running')).toContain('begin with the first seconds')
    expect(noFiguresWords('done')).toContain('no longer kept')
  })

  it('leaves out what the machine does not tell', () => {
    const memory = charts.find((chart) => chart.name === 'memory')
    if (!memory) throw new Error('no such chart')
    expect(isTold([at(0, { gpu_memory: null })], memory)).toBe(false)
    expect(isTold([at(0, { gpu_memory: null }), at(1, { gpu_memory: 512 })], memory)).toBe(true)
    expect(columns([at(0, { gpu_memory: 512 })], memory)[1]).toEqual([0.5])
  })
})

describe('a history with holes', () => {
  const { vitals } = fakeRun(makeBook({ id: 1, title: 'A', authors: [], chapters: 20, state: 'running' })).board()
  const seen = (...seconds: number[]) => seconds.map((second) => ({ ...momentOf(vitals, second * 1000), errors: 1 }))
  const told = (every_s: number, ...seconds: number[]) => ({
    samples: seconds.map((second) => sampleOf(vitals, second * 1000)),
    every_ms: every_s * 1000,
  })
  const seconds = (samples: readonly Moment[]) => samples.map((one) => one.at_ms / 1000)

  it('is filled with what was told of the seconds this window did not see', () => {
    const filled = fillHistory(seen(1, 2, 8, 9), told(1, 1, 2, 3, 4, 5, 6, 7, 8, 9))
    expect(seconds(filled)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(filled.filter((one) => one.errors === 1).map((one) => one.at_ms / 1000)).toEqual([1, 2, 8, 9])
  })

  it('keeps the seconds it saw where it is told of fewer', () => {
    expect(seconds(fillHistory(seen(90, 91, 92), told(16, 16, 32, 48, 64, 80, 96)))).toEqual([
      16, 32, 48, 64, 80, 90, 91, 92,
    ])
    expect(seconds(fillHistory([], told(1, 1, 2)))).toEqual([1, 2])
    expect(seconds(fillHistory(seen(1, 2), told(1)))).toEqual([1, 2])
  })

  it('gives the lines of the vital signs their last two minutes, also of a run this window did not see', () => {
    const filled = fillHistory([], told(1, ...Array.from({ length: 300 }, (_, i) => i)))
    const last = lately(filled)
    expect([last[0]?.at_ms, last.at(-1)?.at_ms]).toEqual([179_000, 299_000])
    for (const sign of signs) {
      const path = sparkline(last, sign.line, 0)
      // No estimate is stored, so its line begins with this window.
      if (sign.name === 'time-left') expect(path).toBe('')
      else expect(path).toMatch(/^M0\.0 .* ?L100\.0 /)
    }
  })

  it('draws a line inside its box by the time of each sample, and breaks it at a hole', () => {
    const samples = seen(0, 60, 61, 120).map((one, i) => ({ ...one, errors: i * 5 }))
    const errors = (one: Moment) => one.errors
    expect(sparkline(samples.slice(0, 1), errors, 0)).toBe('')
    expect(sparkline(samples, errors, 15)).toBe('M0.0 18.5L50.0 12.8L50.8 7.2L100.0 1.5')
    const dense = seen(...Array.from({ length: 20 }, (_, i) => i), 100, 101)
    expect(sparkline(dense, errors, 0).match(/M/g)).toHaveLength(2)
    expect(sparkline(dense, () => 0, 0)).not.toContain('NaN')
  })
})

describe('alerts', () => {
  const alert: Alert = { kind: 'errors', since_ms: 1000, cause: '12 % of the calls failed.', hint: 'See the events.' }
  beforeEach(() => {
    use(named('one'))
    forgetAlerts()
  })

  it('that nobody has seen come back with the next start, and the host is told which was seen', async () => {
    const fake = named('one')
    use(fake)
    fake.alerts = [{ job: 1, alert, over: true, seen: false }]
    await loadAlerts()
    expect(alertsOf(1)).toMatchObject([{ alert, over: true }])
    see(alertsOf(1)[0]?.key ?? '')
    expect(fake.calls.at(-1)).toEqual({ command: 'see_alert', args: { job: 1, alert } })
    expect(alertsOf(1)).toEqual([])
  })

  it('stay when they are over, until they are seen', () => {
    expect(takeAlerts(1, [alert])).toEqual([alert])
    expect(takeAlerts(1, [alert])).toEqual([])
    takeAlerts(1, [])
    expect(alertsOf(1)).toMatchObject([{ alert, over: true }])
    expect(alertsOf(2)).toEqual([])
    see(alertsOf(1)[0]?.key ?? '')
    expect(alertsOf(1)).toEqual([])
    expect(takeAlerts(1, [alert])).toEqual([])
  })

  it('that were seen and stand do not come back with a reload; a new one does', async () => {
    const fake = named('one')
    use(fake)
    fake.alerts = [{ job: 1, alert, over: false, seen: true }]
    // A frame may come before the answer.
    takeAlerts(1, [alert])
    await loadAlerts()
    expect(alertsOf(1)).toEqual([])
    expect(takeAlerts(1, [alert, { ...alert, since_ms: 2000 }])).toHaveLength(1)
  })
})
