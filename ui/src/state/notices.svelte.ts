/** Short messages at the window's edge: what was done, what went wrong, and a button that helps. */
import { wireError } from '../host'

export interface Notice {
  id: number
  tone: 'good' | 'bad' | 'info'
  text: string
  hint: string
  action: { label: string; run: () => void } | null
}

const SHOWN_MS = 8000

let list = $state<Notice[]>([])
let next = 1

export function notices(): Notice[] {
  return list
}

export function dismiss(id: number): void {
  list = list.filter((notice) => notice.id !== id)
}

/** Shows a message. What failed stays until it is seen; the rest leaves by itself. */
export function tell(notice: Partial<Notice> & Pick<Notice, 'text'>): number {
  const id = next++
  const full: Notice = { tone: 'good', hint: '', action: null, ...notice, id }
  list = [...list.slice(-3), full]
  if (full.tone !== 'bad') setTimeout(() => dismiss(id), SHOWN_MS)
  return id
}

/** Runs an action; a refusal becomes a message. Returns whether it went well. */
export async function attempt(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work()
    return true
  } catch (thrown) {
    const error = wireError(thrown)
    tell({ tone: 'bad', text: error.message, hint: error.hint })
    return false
  }
}
