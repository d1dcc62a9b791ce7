/** The shelf: every book with its newest job, kept current by the feed. */
import { SvelteMap } from 'svelte/reactivity'

import { host } from '../host'
import type {
  BookCard,
  BookId,
  BoardFrame,
  JobId,
  JobState,
  Remaining,
  SectionId,
  StartJob,
  Vitals,
} from '../wire/types'
import { counted } from '../words/numbers'
import { isActive } from '../words/states'
import { takeAlerts } from './alerts.svelte'
import { attempt, tell } from './notices.svelte'

interface Standing {
  state: JobState
  reason: string | null
}

let cards = $state.raw<BookCard[]>([])
let hidden = $state.raw<ReadonlySet<BookId>>(new Set())
/** How jobs stand by frames that came since the shelf was asked for, where that differs from what it said. */
let standings = $state.raw<ReadonlyMap<JobId, Standing>>(new Map())
/** Signs of jobs at work. They come ten times a second, and so change nothing but what reads them. */
const signs = new SvelteMap<JobId, Vitals>()
/** Jobs that frames told of and that are no book's newest; the shelf was asked for them once. */
const strangers = new Set<JobId>()

/** What a card says now: what was asked last, overlaid by the newest state of its job. */
function current(card: BookCard): BookCard {
  const now = card.job === null ? undefined : standings.get(card.job)
  return now ? { ...card, ...now } : card
}

const byJob = $derived(new Map(cards.map((card) => [card.job, card])))
const shown = $derived(cards.filter((card) => !hidden.has(card.id)).map(current))
const active = $derived(shown.filter((card) => isActive(card.state)))

/** The books in the order they came, the newest first. A book that nothing happened to stays the same object. */
export const books = (): BookCard[] => shown
export const activeBooks = (): BookCard[] => active

export function vitalsOf(job: JobId | null): Vitals | null {
  return job === null ? null : (signs.get(job) ?? null)
}

/** How long a book will still take, as its newest frame says. */
export function remainingOf(card: BookCard): Remaining | null {
  return card.state === 'running' ? (vitalsOf(card.job)?.remaining ?? card.remaining) : null
}

let held = 0
let underWay: Promise<void> | null = null
let following: Promise<void> | null = null

async function ask(): Promise<void> {
  const before = standings
  const found = await host().call('library', {})
  const jobs = new Set(found.map((card) => card.job))
  // A frame that came meanwhile is newer than the answer.
  standings = new Map([...standings].filter(([job, standing]) => jobs.has(job) && before.get(job) !== standing))
  for (const job of signs.keys()) if (!jobs.has(job)) signs.delete(job)
  for (const job of jobs) if (job !== null) strangers.delete(job)
  cards = found
}

/** Asks for the shelf. Rejects as the host does. Who asks while an answer is under way shares the one after it. */
export function loadLibrary(): Promise<void> {
  if (!underWay) return (underWay = ask().finally(() => (underWay = null)))
  following ??= underWay
    .catch(() => undefined)
    .then(() => {
      following = null
      return loadLibrary()
    })
  return following
}

/** Asks for the shelf anew because something changed, unless many changes are on their way. */
export function refreshLibrary(): void {
  if (held === 0) void attempt(loadLibrary)
}

/** Does something that changes the shelf many times, and asks for it once at the end. */
export async function changingMuch(work: () => Promise<void>): Promise<void> {
  held += 1
  try {
    await work()
  } finally {
    held -= 1
    if (held === 0) await attempt(loadLibrary)
  }
}

/** Takes a frame; a job that just ended changes figures that no frame tells, so the shelf is asked again. */
export function libraryFrame({ job, state, reason, vitals }: BoardFrame): void {
  const card = byJob.get(job)
  if (!card) {
    if (!strangers.has(job)) refreshLibrary()
    strangers.add(job)
    return
  }
  signs.set(job, vitals)
  takeAlerts(job, vitals.alerts)
  const before: Standing = standings.get(job) ?? { state: card.state ?? 'waiting', reason: card.reason }
  if (before.state === state && before.reason === reason) return
  standings = new Map(standings).set(job, { state, reason })
  if (before.state !== state) refreshLibrary()
}

/** `null` settings come from the settings screen. */
export const asSet: StartJob = { provider: null, model: null, sections: null, fresh: false, settings: {} }

/** Starts a job and returns it; `null` where it was refused, and the person was told. */
export async function start(book: BookId, ask: Partial<StartJob> = {}): Promise<JobId | null> {
  let job: JobId | null = null
  await attempt(async () => {
    job = await host().call('start', { book, start: { ...asSet, ...ask } })
    await loadLibrary()
  })
  return job
}

/** Does only these chapters again, or for the first time. */
export function startSections(book: BookId, sections: SectionId[], fresh: boolean): Promise<JobId | null> {
  return start(book, { sections, fresh })
}

export const pause = (job: JobId) => attempt(() => host().call('pause', { job }))
export const resume = (job: JobId) => attempt(() => host().call('resume', { job }))
export const stop = (job: JobId) => attempt(() => host().call('stop', { job }))
/** Finishes what was begun, then stops. */
export const finish = (job: JobId) => attempt(() => host().call('finish', { job }))

/** Puts a book's work before everything else that waits, or a chapter before the others of its book. */
export const front = (job: JobId, section: SectionId | null = null) =>
  attempt(() => host().call('front', { job, section }))

/** Takes books out of the library at once; for some minutes they can be brought back, and a message offers it. */
export function remove(...gone: BookCard[]): void {
  const [first] = gone
  if (!first) return
  hidden = new Set([...hidden, ...gone.map((card) => card.id)])
  const each = (command: 'remove' | 'restore') => async () => {
    for (const { id } of gone) await attempt(() => host().call(command, { book: id }))
  }
  const show = () => {
    const back = new Set(gone.map((card) => card.id))
    hidden = new Set([...hidden].filter((id) => !back.has(id)))
  }
  // What was refused is still there, and shown again.
  const removed = changingMuch(each('remove')).finally(show)
  tell({
    text:
      gone.length === 1
        ? `“${first.meta.title}” and its summaries are removed.`
        : `${counted(gone.length, 'book')} and their summaries are removed.`,
    hint: gone.length === 1 ? 'The book file itself is not touched.' : 'The book files themselves are not touched.',
    tone: 'info',
    action: { label: 'Undo', run: () => void removed.then(() => changingMuch(each('restore'))) },
    undoes: true,
  })
}
