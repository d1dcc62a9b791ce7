/** Calls on the slots of the servers: merged from frames, laid out in lanes. Pure. */
import type { CallKind, HostVitals, LaneCall } from '../wire/types'
import { counted } from '../words/numbers'

/** How far back the lanes go, in milliseconds. */
export const LANES_MS = 120_000

/** Calls kept; as many as the host keeps. */
const KEPT = 600

/** Lanes drawn; a server takes seldom more, and a screen has no room for more. */
export const LANES_MOST = 24

/** The known calls with those a frame told: by number, and without what ended before the lanes begin. */
export function mergeCalls(known: readonly LaneCall[], told: readonly LaneCall[]): readonly LaneCall[] {
  if (told.length === 0) return known
  const news = new Map(told.map((call) => [call.id, call]))
  const newest = Math.max(...told.map((call) => call.sent_ms))
  const kept = known.flatMap((call) => {
    const now = news.get(call.id) ?? call
    news.delete(call.id)
    return now.end_ms !== null && now.end_ms < newest - LANES_MS ? [] : [now]
  })
  const all = [...kept, ...news.values()].sort((one, other) => one.id - other.id)
  return all.slice(-KEPT)
}

export interface Lane {
  host: number
  slot: number
  /** `slot 3`, with its server where there are several. */
  name: string
}

/** A slot that no call may hold now has a lane for so long after its last call. */
const LEAVES_AFTER_MS = 45_000

/** A lane for each slot that a call may hold now, or held a moment ago. `now` is the time of the newest call. */
export function lanesOf(calls: readonly LaneCall[], hosts: readonly HostVitals[], now: number): Lane[] {
  const slots = hosts.map((host) => host.in_flight.bound)
  const recent = calls.filter((call) => call.end_ms === null || call.end_ms > now - LEAVES_AFTER_MS)
  for (const call of recent) slots[call.host] = Math.max(slots[call.host] ?? 0, call.slot + 1)
  const used = slots.filter((count) => count > 0).length
  const lanes = slots.flatMap((count, host) =>
    Array.from({ length: count }, (_, slot) => ({
      host,
      slot,
      name: used > 1 ? `${host + 1}: slot ${slot + 1}` : `slot ${slot + 1}`,
    })),
  )
  return lanes.slice(0, LANES_MOST)
}

export const kindWords: Record<CallKind, string> = {
  map: 'reading',
  reduce: 'merging',
  title: 'titling',
  merge: 'synopsis',
}

const endWords = { answered: 'answered', failed: 'failed', broken_off: 'broken off' } as const

const seconds = (ms: number) => `${(Math.max(0, ms) / 1000).toFixed(ms < 9_950 ? 1 : 0)} s`

/** `Chapter 180, reading: 12 s, of which 1.2 s waiting`. */
export function callSentence(call: LaneCall, now: number): string {
  const what = call.ours ? (call.number === null ? 'Synopsis' : `Chapter ${call.number}`) : 'Another book'
  const end = call.end_ms ?? now
  const waited = (call.first_ms ?? end) - call.sent_ms
  const waiting = waited >= 100 ? `, of which ${seconds(waited)} waiting for the first token` : ''
  const how = call.end === null ? 'under way' : endWords[call.end]
  return `${what}, ${kindWords[call.kind]}: ${how}, ${seconds(end - call.sent_ms)}${waiting}`
}

/** What the picture shows, for whoever does not see it. */
export function lanesSentence(calls: readonly LaneCall[], lanes: readonly Lane[], now: number): string {
  const going = calls.filter((call) => call.end_ms === null).length
  const ended = calls.filter((call) => call.end_ms !== null && call.end_ms > now - LANES_MS).length
  return `${counted(lanes.length, 'slot')}: ${counted(going, 'call')} under way, ${ended} ended in the last two minutes.`
}

/** The call that is drawn at a time on a lane. */
export function callAt(calls: readonly LaneCall[], lane: Lane, at: number, now: number): LaneCall | undefined {
  return calls.findLast(
    (call) => call.host === lane.host && call.slot === lane.slot && call.sent_ms <= at && at <= (call.end_ms ?? now),
  )
}

const middle = (call: LaneCall, now: number) => (call.sent_ms + (call.end_ms ?? now)) / 2

/**
 * Where a key leads from a call: along its lane, or to the nearest call of a lane above or below. Without a call, the
 * newest of the first lane that has one; `undefined` where it leads nowhere.
 */
export function callBeside(
  calls: readonly LaneCall[],
  lanes: readonly Lane[],
  from: LaneCall | undefined,
  key: string,
  now: number,
): LaneCall | undefined {
  const rows = lanes
    .map((lane) =>
      calls.filter(
        (call) => call.host === lane.host && call.slot === lane.slot && (call.end_ms ?? now) > now - LANES_MS,
      ),
    )
    .filter((row) => row.length > 0)
  const row = from ? rows.findIndex((one) => one.some((call) => call.id === from.id)) : -1
  const here = rows[row]
  if (!from || !here) return rows[0]?.at(-1)
  const place = here.findIndex((call) => call.id === from.id)
  switch (key) {
    case 'ArrowLeft':
      return here[place - 1]
    case 'ArrowRight':
      return here[place + 1]
    case 'Home':
      return here[0]
    case 'End':
      return here.at(-1)
    case 'ArrowUp':
    case 'ArrowDown': {
      const at = middle(from, now)
      const away = (call: LaneCall) => Math.abs(middle(call, now) - at)
      const other = rows[row + (key === 'ArrowUp' ? -1 : 1)] ?? []
      return other.reduce<LaneCall | undefined>(
        (best, call) => (best && away(best) <= away(call) ? best : call),
        undefined,
      )
    }
  }
  return undefined
}
