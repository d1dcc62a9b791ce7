/** Adding books: files come in, the host reads them, the person says what to do. */
import { host } from '../host'
import type { AddAs, AddPreview, Added, PreviewOutcome, WireError } from '../wire/types'
import { counted } from '../words/numbers'
import { baseName } from '../words/states'
import { asSet, loadLibrary } from './library.svelte'
import { attempt, tell } from './notices.svelte'
import { go } from './route.svelte'

export interface Offer {
  preview: AddPreview
  /** Whether it will be added. */
  chosen: boolean
  /** What becomes of it where the library holds an older version. */
  how: AddAs
}

export interface Refusal {
  file_name: string
  error: WireError
}

let hovering = $state.raw<string[] | null>(null)
let readingNames = $state.raw<string[]>([])
let offers = $state.raw<Offer[]>([])
let refusals = $state.raw<Refusal[]>([])
let adding = $state(false)
/** Counts the times the offer was closed, so that what is read for a closed one is let go. */
let closed = 0

/** Files read in one go: as many as a machine reads at a time, so that what is found shows soon. */
const BATCH = 4

export const hoveringFiles = () => hovering
export const readingFiles = () => readingNames
export const offered = () => offers
export const refused = () => refusals
export const isAdding = () => adding
export const isOpen = () => readingNames.length > 0 || offers.length > 0 || refusals.length > 0

export function hover(paths: string[] | null): void {
  hovering = paths
}

function sort(outcomes: PreviewOutcome[]): void {
  for (const outcome of outcomes) {
    if (outcome.outcome === 'book') {
      // The same file twice is the same preview.
      if (offers.some((one) => one.preview.token === outcome.preview.token)) continue
      offers = [...offers, { preview: outcome.preview, chosen: outcome.preview.known === null, how: 'update' }]
    } else {
      refusals = [...refusals, { file_name: outcome.file_name, error: outcome.error }]
    }
  }
}

/** Reads files, and the books in folders, and offers what they hold; more may come while the offer is open. */
export async function offer(paths: string[]): Promise<void> {
  hovering = null
  if (paths.length === 0) return
  const mine = closed
  const named = paths.map(baseName)
  readingNames = [...readingNames, ...named]
  const isOver = (names: string[]) => {
    if (mine === closed) readingNames = without(readingNames, names)
  }
  await attempt(async () => {
    const files = await host().call('files', { paths })
    isOver(named)
    if (mine !== closed) return
    readingNames = [...readingNames, ...files.map(baseName)]
    for (let at = 0; at < files.length && mine === closed; at += BATCH) {
      const batch = files.slice(at, at + BATCH)
      await attempt(async () => {
        const outcomes = await host().call('preview', { paths: batch })
        if (mine === closed) sort(outcomes)
        else letGo(outcomes)
      })
      isOver(batch.map(baseName))
    }
  })
  isOver(named)
}

/** The names but for one of each of `gone`. */
function without(names: readonly string[], gone: readonly string[]): string[] {
  const left = [...names]
  for (const name of gone) {
    const place = left.indexOf(name)
    if (place >= 0) left.splice(place, 1)
  }
  return left
}

function letGo(outcomes: PreviewOutcome[]): void {
  for (const outcome of outcomes) {
    if (outcome.outcome === 'book') void attempt(() => host().call('discard', { token: outcome.preview.token }))
  }
}

export async function choose(): Promise<void> {
  await attempt(async () => offer((await host().openDialog()) ?? []))
}

/** Takes a book into what will be added, or out of it. */
export function toggle(token: string): void {
  offers = offers.map((one) => (one.preview.token === token ? { ...one, chosen: !one.chosen } : one))
}

/** What becomes of a newer version of a book in the library. */
export function addAs(token: string, how: AddAs): void {
  offers = offers.map((one) => (one.preview.token === token ? { ...one, how } : one))
}

/** Shows a preview as it is after a change. */
export function replace(preview: AddPreview): void {
  offers = offers.map((one) => (one.preview.token === preview.token ? { ...one, preview } : one))
}

function clear(): void {
  closed += 1
  readingNames = []
  offers = []
  refusals = []
}

/** Forgets the offer, here and at the host. */
export function cancel(): void {
  const tokens = offers.map(({ preview }) => preview.token)
  clear()
  for (const token of tokens) void attempt(() => host().call('discard', { token }))
}

function show(added: Added[], started: boolean): void {
  const [first, ...more] = added
  if (!first) return
  if (started && more.length === 0 && first.job !== null) go({ screen: 'board', job: first.job })
  else go({ screen: 'library' })
  tell({
    text: `${counted(added.length, 'book')} added.`,
    hint: started ? 'Work has begun; close the window at any time, it goes on at the next start.' : '',
  })
}

/** Adds what is chosen, and starts on it where asked. A book that is refused stays in the offer. */
export async function confirm(startNow: boolean): Promise<void> {
  adding = true
  const added: Added[] = []
  for (const { preview, chosen, how } of [...offers]) {
    const { token } = preview
    if (!chosen) {
      void attempt(() => host().call('discard', { token }))
    } else if (
      !(await attempt(async () => added.push(await host().call('add', { token, start: startNow ? asSet : null, how }))))
    ) {
      continue
    }
    offers = offers.filter((one) => one.preview.token !== token)
  }
  adding = false
  if (offers.length === 0) clear()
  await attempt(loadLibrary)
  show(added, startNow)
}

/** Adds the sample book and starts on it. */
export async function trySample(): Promise<void> {
  adding = true
  await attempt(async () => {
    const added = await host().call('try_sample', {})
    await loadLibrary()
    if (added.job !== null) go({ screen: 'board', job: added.job })
  })
  adding = false
}
