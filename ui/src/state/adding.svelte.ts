/** Adding books: files come in, the host reads them, the person says what to do. */
import { host } from '../host'
import type { AddAs, AddPreview, Added, Estimate, PreviewOutcome, StartJob, WireError } from '../wire/types'
import { counted } from '../words/numbers'
import { baseName } from '../words/states'
import { isUsual, startOf, usual, type Ask } from './ask'
import { asSet, changingMuch, loadLibrary } from './library.svelte'
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
let trying = $state(false)
/** What the books are started with beside the settings. */
let ask = $state.raw<Ask>(usual())
/** What was worked out after the preview was made. */
let estimates = $state.raw<ReadonlyMap<string, Estimate>>(new Map())
/** Books added of those that were chosen. */
let progress = $state({ done: 0, all: 0 })
/** Counts the times the offer was closed, so that what is read for a closed one is let go. */
let closed = 0

/** Files read in one go: as many as a machine reads at a time, so that what is found shows soon. */
const BATCH = 4

/** Books added at the same time, so that the disk is waited for once for several of them. */
const ADDED_AT_A_TIME = 8

/** What was read is shown this often, so that hundreds of files are not drawn hundreds of times. */
const SHOWN_EVERY_MS = 150

export const hoveringFiles = () => hovering
export const readingFiles = () => readingNames
export const offered = () => offers
export const refused = () => refusals
export const isAdding = () => adding
export const isTrying = () => trying
export const addingProgress = () => progress
export const isOpen = () => readingNames.length > 0 || offers.length > 0 || refusals.length > 0

export function hover(paths: string[] | null): void {
  hovering = paths
}

/** Read, and not shown yet. */
let arrived: PreviewOutcome[] = []
/** What is offered, or about to be: the same file twice is the same preview. */
const tokens = new Set<string>()
let lastShown = 0

function take(outcomes: PreviewOutcome[]): void {
  arrived.push(...outcomes)
  if (Date.now() - lastShown >= SHOWN_EVERY_MS) showArrived()
}

function showArrived(): void {
  const more: Offer[] = []
  const no: Refusal[] = []
  for (const outcome of arrived) {
    if (outcome.outcome === 'refused') {
      no.push({ file_name: outcome.file_name, error: outcome.error })
    } else if (!tokens.has(outcome.preview.token)) {
      tokens.add(outcome.preview.token)
      more.push({ preview: outcome.preview, chosen: outcome.preview.known === null, how: 'update' })
    }
  }
  arrived = []
  lastShown = Date.now()
  if (more.length > 0) offers = [...offers, ...more]
  if (no.length > 0) refusals = [...refusals, ...no]
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
        if (mine === closed) take(outcomes)
        else letGo(outcomes)
      })
      isOver(batch.map(baseName))
    }
  })
  if (mine === closed) showArrived()
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

function change(token: string, what: (one: Offer) => Partial<Offer>): void {
  const place = offers.findIndex((one) => one.preview.token === token)
  const one = offers[place]
  if (one) offers = offers.with(place, { ...one, ...what(one) })
}

/** Takes a book into what will be added, or out of it. */
export function toggle(token: string): void {
  change(token, (one) => ({ chosen: !one.chosen }))
}

/** Takes every book into what will be added, or out of it. */
export function chooseAll(chosen: boolean): void {
  offers = offers.map((one) => (one.chosen === chosen ? one : { ...one, chosen }))
}

/** What becomes of a newer version of a book in the library. */
export function addAs(token: string, how: AddAs): void {
  change(token, () => ({ how }))
}

/** Shows a preview as it is after a change. */
export function replace(preview: AddPreview): void {
  estimates = new Map([...estimates].filter(([token]) => token !== preview.token))
  change(preview.token, () => ({ preview }))
}

/** What the work would be with the settings of this start. */
export const estimateOf = ({ preview }: Offer): Estimate => estimates.get(preview.token) ?? preview.estimate

/** The same of several books; `null` while it is not worked out for all of them with the settings of this start. */
export function knownEstimates(of: readonly Offer[]): Estimate[] | null {
  const known = isUsual(ask) || of.every(({ preview }) => estimates.has(preview.token))
  return known ? of.map(estimateOf) : null
}

export const askedFor = () => ask

/** Changes what the books are started with; what one would cost is to be worked out anew. */
export function askFor(next: Ask): void {
  ask = next
  estimates = new Map()
}

/** Works out what a book would cost, where this start differs from the settings. */
export async function estimate(token: string): Promise<void> {
  if (isUsual(ask) || estimates.has(token)) return
  const mine = ask
  await attempt(async () => {
    const found = await host().call('estimate', { token, start: jobStart() })
    if (mine === ask) estimates = new Map(estimates).set(token, found)
  })
}

const jobStart = (): StartJob => ({ ...asSet, ...startOf(ask) })

/** Has the model make a short call, so that the time it would take is known. */
export async function trySpeed(token: string): Promise<void> {
  trying = true
  await attempt(async () => {
    const found = await host().call('try_speed', { token, start: jobStart() })
    estimates = new Map(estimates).set(token, found)
  })
  trying = false
}

function clear(): void {
  closed += 1
  readingNames = []
  offers = []
  refusals = []
  arrived = []
  ask = usual()
  estimates = new Map()
  lastShown = 0
  tokens.clear()
}

/** Forgets the offer, here and at the host. */
export function cancel(): void {
  const known = offers.map(({ preview }) => preview.token)
  letGo(arrived)
  clear()
  for (const token of known) void attempt(() => host().call('discard', { token }))
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

/** Adds one book; `null` where it was refused, and the person was told. */
async function addOne({ preview: { token }, how }: Offer, startNow: boolean): Promise<Added | null> {
  let added: Added | null = null
  await attempt(async () => {
    added = await host().call('add', { token, start: startNow ? jobStart() : null, how })
  })
  return added
}

function leave(gone: ReadonlySet<string>): void {
  for (const token of gone) tokens.delete(token)
  offers = offers.filter((one) => !gone.has(one.preview.token))
}

/** Adds what is chosen, and starts on it where asked. A book that is refused stays in the offer. */
export async function confirm(startNow: boolean): Promise<void> {
  const [chosen, others] = [offers.filter((one) => one.chosen), offers.filter((one) => !one.chosen)]
  const added: Added[] = []
  adding = true
  progress = { done: 0, all: chosen.length }
  await changingMuch(async () => {
    for (let at = 0; at < chosen.length; at += ADDED_AT_A_TIME) {
      const batch = chosen.slice(at, at + ADDED_AT_A_TIME)
      const outcomes = await Promise.all(batch.map((one) => addOne(one, startNow)))
      added.push(...outcomes.filter((outcome) => outcome !== null))
      leave(new Set(batch.filter((_, i) => outcomes[i]).map((one) => one.preview.token)))
      progress = { done: at + batch.length, all: chosen.length }
    }
    leave(new Set(others.map((one) => one.preview.token)))
    for (const { preview } of others) void attempt(() => host().call('discard', { token: preview.token }))
    if (offers.length === 0) clear()
  })
  adding = false
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
