/**
 * What a screen remembers from one start to the next: colours, the order of the shelf, what was put away. The page's own
 * storage has it at once, also before the program answers; the program keeps it, because a web view writes that storage
 * some time later and a window that is closed at once forgets.
 */
import { host } from '../host'
import { attempt } from './notices.svelte'

const PREFIX = 'epitome.'

let changes = $state(0)

/** Names that were given a value since the page was loaded; what the program says of them is older. */
const fresh = new Set<string>()

/** The value of a name; `null` where there is none. */
export function kept(name: string): string | null {
  void changes
  return localStorage.getItem(PREFIX + name)
}

/** The value of a name that was kept as JSON; `null` where there is none, or where it is spoiled. */
export function keptJson(name: string): unknown {
  try {
    return JSON.parse(kept(name) ?? 'null')
  } catch {
    return null
  }
}

export function keep(name: string, value: string): void {
  if (kept(name) === value) return
  localStorage.setItem(PREFIX + name, value)
  fresh.add(name)
  changes += 1
  void attempt(() => host().call('remember', { name, value }))
}

/** Takes what the program kept. */
export async function recall(): Promise<void> {
  const values = await host().call('remembered', {})
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && !fresh.has(name)) localStorage.setItem(PREFIX + name, value)
  }
  changes += 1
}
