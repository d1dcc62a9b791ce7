/** Alerts of all jobs: they stay until they are seen, also when they are over. The host keeps them over a start. */
import { SvelteMap } from 'svelte/reactivity'

import { host } from '../host'
import type { Alert, JobId } from '../wire/types'
import { attempt } from './notices.svelte'

export interface Known {
  key: string
  job: JobId
  alert: Alert
  /** It is no longer so. */
  over: boolean
}

const known = new SvelteMap<string, Known>()
/** Alerts that were seen and that frames may still tell of, because they stand. */
const seen = new Set<string>()

const keyOf = (job: JobId, alert: Alert) => `${job} ${alert.kind} ${alert.since_ms}`

/** Asks for those that nobody has seen yet, whenever they began. */
export async function loadAlerts(): Promise<void> {
  for (const { job, alert, over, seen: wasSeen } of await host().call('alerts', {})) {
    const key = keyOf(job, alert)
    if (wasSeen) {
      seen.add(key)
      known.delete(key)
    } else if (!seen.has(key)) known.set(key, { key, job, alert, over })
  }
}

/** Takes the alerts that stand in a job, and gives those that are new. */
export function takeAlerts(job: JobId, standing: readonly Alert[]): Alert[] {
  const fresh: Alert[] = []
  const keys = standing.map((alert) => keyOf(job, alert))
  for (const entry of known.values()) {
    if (entry.job === job && !entry.over && !keys.includes(entry.key)) known.set(entry.key, { ...entry, over: true })
  }
  for (const alert of standing) {
    const key = keyOf(job, alert)
    if (known.has(key) || seen.has(key)) continue
    known.set(key, { key, job, alert, over: false })
    fresh.push(alert)
  }
  return fresh
}

export function alertsOf(job: JobId): Known[] {
  return [...known.values()].filter((entry) => entry.job === job)
}

/** Alerts of all jobs that nobody has seen yet. */
export function alertCount(): number {
  return known.size
}

/** It was seen and need not be shown any more. */
export function see(key: string): void {
  const entry = known.get(key)
  if (!entry) return
  seen.add(key)
  known.delete(key)
  void attempt(() => host().call('see_alert', { job: entry.job, alert: entry.alert }))
}

/** For tests: as a page that is loaded anew. */
export function forgetAlerts(): void {
  known.clear()
  seen.clear()
}
