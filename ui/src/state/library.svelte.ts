/** The shelf: every book with its newest job, kept current by the feed. */
import { host } from '../host'
import type {
  BookCard,
  BookId,
  BoardFrame,
  ExportFormat,
  JobId,
  JobState,
  SectionId,
  StartJob,
  Vitals,
} from '../wire/types'
import { bytes } from '../words/numbers'
import { fileName, isActive } from '../words/states'
import { attempt, tell } from './notices.svelte'

interface Live {
  state: JobState
  reason: string | null
  vitals: Vitals
}

let cards = $state.raw<BookCard[]>([])
let loaded = $state(false)
let hidden = $state<BookId[]>([])
let live = $state.raw<Record<JobId, Live>>({})

/** What a card says now: what was asked last, overlaid by the newest frame of its job. */
function current(card: BookCard): BookCard {
  const now = card.job === null ? undefined : live[card.job]
  if (!now) return card
  return { ...card, state: now.state, reason: now.reason, remaining: now.vitals.remaining }
}

export function books(): BookCard[] {
  return cards.filter((card) => !hidden.includes(card.id)).map(current)
}

export function libraryLoaded(): boolean {
  return loaded
}

export function activeBooks(): BookCard[] {
  return books().filter((card) => isActive(card.state))
}

export function vitalsOf(job: JobId | null): Vitals | null {
  return job === null ? null : (live[job]?.vitals ?? null)
}

/** Asks for the shelf. Rejects as the host does. */
export async function loadLibrary(): Promise<void> {
  cards = await host().call('library', {})
  loaded = true
  live = Object.fromEntries(Object.entries(live).filter(([job]) => cards.some((card) => card.job === Number(job))))
}

/** Takes a frame; a job that just ended changes figures that no frame tells, so the shelf is asked again. */
export function libraryFrame(frame: BoardFrame): void {
  const before = live[frame.job]?.state
  live = { ...live, [frame.job]: { state: frame.state, reason: frame.reason, vitals: frame.vitals } }
  const ended = before !== undefined && before !== frame.state
  if (ended || !cards.some((card) => card.job === frame.job)) void attempt(loadLibrary)
}

/** `null` settings come from the settings screen. */
export const asSet: StartJob = { provider: null, model: null, sections: null, fresh: false }

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

const UNDO_MS = 8000

/** Takes a book from the shelf at once and from the disk when nobody undid it. */
export function remove(card: BookCard): void {
  hidden = [...hidden, card.id]
  const bring = () => (hidden = hidden.filter((id) => id !== card.id))
  const later = setTimeout(() => {
    void attempt(async () => {
      await host().call('remove', { book: card.id })
      await loadLibrary()
    }).finally(bring)
  }, UNDO_MS)
  tell({
    text: `“${card.meta.title}” and its summaries are removed.`,
    hint: 'The book file itself is not touched.',
    tone: 'info',
    action: {
      label: 'Undo',
      run: () => {
        clearTimeout(later)
        bring()
      },
    },
  })
}

/** Asks where to write, writes, and says where it lies. */
export async function exportBook(card: BookCard, format: ExportFormat): Promise<void> {
  const ending = format === 'markdown' ? 'md' : 'json'
  const name = format === 'markdown' ? 'Markdown' : 'JSON'
  await attempt(async () => {
    const path = await host().saveDialog({
      suggested: fileName(card.meta.title, ending),
      filters: [{ name, extensions: [ending] }],
    })
    if (path === null) return
    const written = await host().call('export', { book: card.id, format, path })
    tell({ text: `Exported to ${written.path}`, hint: `${name}, ${bytes(written.bytes)}` })
  })
}
