/** Settings as rows, and where things lie. */
import { host, wireError } from '../host'
import type { About, SettingRow, WireError } from '../wire/types'

let rows = $state.raw<SettingRow[]>([])
let about = $state.raw<About | null>(null)
const refusals = $state<Record<string, WireError>>({})

/** Keys that the provider section shows in its own way. */
export const providerKeys = { choice: 'provider.choice', url: 'ollama.url', model: 'ollama.model' } as const

export const settingRows = () => rows
export const aboutProgram = () => about
export const refusalOf = (key: string): WireError | undefined => refusals[key]
export const row = (key: string): SettingRow | undefined => rows.find((found) => found.key === key)

export function takeSettings(given: SettingRow[]): void {
  rows = given
}

export async function loadSettings(): Promise<void> {
  rows = await host().call('settings', {})
  about = await host().call('about', {})
}

/** Sets a value as typed; an empty one goes back to the default. A refused one is remembered beside its row. */
export async function set(key: string, value: string): Promise<boolean> {
  try {
    rows = await host().call('set', { key, value })
    delete refusals[key]
    return true
  } catch (thrown) {
    refusals[key] = wireError(thrown)
    return false
  }
}

/** Rows by group, in the order the host gives. */
export function byGroup(given: SettingRow[]): { group: string; rows: SettingRow[] }[] {
  const groups: { group: string; rows: SettingRow[] }[] = []
  for (const one of given) {
    const known = groups.find((found) => found.group === one.group)
    if (known) known.rows.push(one)
    else groups.push({ group: one.group, rows: [one] })
  }
  return groups
}
