/** Short messages at the window's edge: what was done, what went wrong, and a button that helps. */
import { wireError } from '../host'

export interface Notice {
  id: number
  tone: 'good' | 'bad' | 'info'
  text: string
  hint: string
  action: { label: string; run: () => void } | null
  /** The action takes back what was done. Such a message is one key away, and newer ones do not push it out. */
  undoes: boolean
}

/** How long what needs no answer is shown, in milliseconds. */
const SHOWN_MS = 6000
/** How long what can be taken back is shown, in milliseconds. */
const UNDO_MS = 12_000

/** A message that was read is shown at least so much longer, in milliseconds. */
const LEAST_MS = 1500

/** Messages at a time. What can be taken back stays beyond it. */
const MOST = 4

interface Life {
  timer: ReturnType<typeof setTimeout> | null
  /** Time left when it was last stopped or begun, in milliseconds, and when it was begun. */
  left: number
  since: number
}

let list = $state<Notice[]>([])
let next = 1
let held = false
const lives = new Map<number, Life>()

export function notices(): Notice[] {
  return list
}

export function dismiss(id: number): Notice | undefined {
  const timer = lives.get(id)?.timer
  if (timer) clearTimeout(timer)
  lives.delete(id)
  const gone = list.find((notice) => notice.id === id)
  list = list.filter((notice) => notice.id !== id)
  if (list.length === 0) held = false
  return gone
}

/** Does what the button of a message says. */
export function act(id: number): void {
  dismiss(id)?.action?.run()
}

/** The newest messages; of older ones only what can be taken back. */
function newest(all: readonly Notice[]): Notice[] {
  const from = all.length - MOST
  return all.filter((notice, place) => place >= from || notice.undoes)
}

/** Shows a message. What failed stays until it is seen; the rest leaves by itself. */
export function tell(notice: Partial<Notice> & Pick<Notice, 'text'>): number {
  const id = next++
  const full: Notice = { tone: 'good', hint: '', action: null, undoes: false, ...notice, id }
  list = [...list, full]
  const kept = newest(list)
  for (const one of list) if (!kept.includes(one)) dismiss(one.id)
  if (full.tone !== 'bad') {
    lives.set(id, { timer: null, left: full.undoes ? UNDO_MS : SHOWN_MS, since: 0 })
    run(id)
  }
  return id
}

function run(id: number): void {
  const life = lives.get(id)
  if (held || !life || life.timer) return
  life.since = Date.now()
  life.timer = setTimeout(() => dismiss(id), life.left)
}

/** Somebody reads the messages: none leaves meanwhile. */
export function holdNotices(): void {
  held = true
  for (const life of lives.values()) {
    if (!life.timer) continue
    clearTimeout(life.timer)
    life.timer = null
    life.left = Math.max(LEAST_MS, life.left - (Date.now() - life.since))
  }
}

export function letNoticesGo(): void {
  held = false
  for (const id of lives.keys()) run(id)
}

/** Takes back the last thing that can be; whether there was one. */
export function undoLast(): boolean {
  const notice = list.findLast((one) => one.undoes)
  if (notice) act(notice.id)
  return notice !== undefined
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
