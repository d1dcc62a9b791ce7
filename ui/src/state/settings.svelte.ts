/** Settings as rows, and where things lie. */
import { host, wireError } from '../host'
import type { About, SettingRow, WireError } from '../wire/types'

let rows = $state.raw<SettingRow[]>([])
let about = $state.raw<About | null>(null)
const refusals = $state<Record<string, WireError>>({})
// Raised with each change, so that an answer that was asked for before it does not undo it on the screen.
let changes = 0

/** Keys that the provider section knows by name. */
export const providerKeys = { choice: 'provider.choice', url: 'ollama.url', model: 'ollama.model' } as const

export const settingRows = () => rows
export const aboutProgram = () => about
export const refusalOf = (key: string): WireError | undefined => refusals[key]
export const row = (key: string): SettingRow | undefined => rows.find((found) => found.key === key)

export function takeSettings(given: SettingRow[]): void {
  rows = given
}

export async function loadSettings(): Promise<void> {
  const before = changes
  const found = await host().call('settings', {})
  if (before === changes) rows = found
  about = await host().call('about', {})
}

/** Sets a value as typed; an empty one goes back to the default. A refused one is remembered beside its row. */
export async function set(key: string, value: string): Promise<boolean> {
  changes += 1
  try {
    rows = await host().call('set', { key, value })
    delete refusals[key]
    return true
  } catch (thrown) {
    refusals[key] = wireError(thrown)
    return false
  }
}

/** What the provider section asks of the server that is chosen; Ollama's model is chosen from a list there. */
export function serverRows(): SettingRow[] {
  const keys = row(providerKeys.choice)?.value === 'openai' ? ['openai.url', 'openai.model'] : [providerKeys.url]
  return rows.filter((found) => keys.includes(found.key))
}

/** Rows the provider section shows, and so no other does. */
export function shownApart(): string[] {
  const openai = row(providerKeys.choice)?.value === 'openai'
  const model = openai ? [] : [providerKeys.model]
  return [providerKeys.choice, ...model, ...serverRows().map((found) => found.key)]
}

/** Where a value comes from that nobody chose: the profile by its name, where profiles differ in it. */
export function defaultWords({ of_profile }: SettingRow): string {
  const profile = row('profile')?.value
  return profile && of_profile ? `from the profile ${profile}` : 'default'
}

export interface Group {
  group: string
  /** Folded away until it is asked for. */
  expert: boolean
  rows: SettingRow[]
}

/** How many of the rows somebody chose a value for. */
export const chosenOf = (given: readonly SettingRow[]): number =>
  given.filter((found) => found.source !== 'profile').length

/** Rows by group, in the order the host gives. */
export function byGroup(given: SettingRow[]): Group[] {
  const groups: Group[] = []
  for (const one of given) {
    const known = groups.find((found) => found.group === one.group)
    if (known) known.rows.push(one)
    else groups.push({ group: one.group, expert: one.expert, rows: [one] })
  }
  return groups
}
