/** What can be done with a book on the shelf, or with several, as menu entries. */
import Activity from '@lucide/svelte/icons/activity'
import BookOpen from '@lucide/svelte/icons/book-open'
import Braces from '@lucide/svelte/icons/braces'
import FileDown from '@lucide/svelte/icons/file-down'
import FolderOpen from '@lucide/svelte/icons/folder-open'
import ListStart from '@lucide/svelte/icons/list-start'
import Pause from '@lucide/svelte/icons/pause'
import Play from '@lucide/svelte/icons/play'
import RotateCcw from '@lucide/svelte/icons/rotate-ccw'
import SlidersHorizontal from '@lucide/svelte/icons/sliders-horizontal'
import Square from '@lucide/svelte/icons/square'
import Trash2 from '@lucide/svelte/icons/trash-2'

import type { MenuEntry } from '../../parts/menu'
import { askAgain } from '../../state/again.svelte'
import { controls } from '../../state/board'
import { canReveal, exportBook, exportBooks, exportedTo, reveal } from '../../state/exports.svelte'
import { activeBooks, changingMuch, front, pause, remove, resume, start, stop } from '../../state/library.svelte'
import { tell } from '../../state/notices.svelte'
import { go } from '../../state/route.svelte'
import { aboutProgram } from '../../state/settings.svelte'
import type { BookCard } from '../../wire/types'
import { counted } from '../../words/numbers'
import { isActive } from '../../words/states'

/** Starts on a book and shows its board. */
export async function summarise(card: BookCard, fresh = false): Promise<void> {
  const job = await start(card.id, { fresh })
  if (job !== null) go({ screen: 'board', job })
}

/** Goes on with a book: a job that was held goes on; else one is started for what is missing. */
export function summariseOn(card: BookCard): void {
  if (card.job !== null && card.state === 'paused') void resume(card.job)
  else void summarise(card)
}

async function putToFront(card: BookCard): Promise<void> {
  if (card.job !== null && (await front(card.job)))
    tell({ text: `“${card.meta.title}” goes before everything else that waits.` })
}

/** Doing a book again as the person says this time. */
export function againEntry(card: BookCard): MenuEntry {
  return {
    label: 'Summarise again with other settings…',
    icon: SlidersHorizontal,
    disabled: isActive(card.state),
    run: () => askAgain({ book: card.id, section: null, title: card.meta.title }),
    testid: 'again-book',
  }
}

function work(card: BookCard): MenuEntry[] {
  const { job, state } = card
  if (job === null || state === null) return [{ label: 'Summarise', icon: Play, run: () => void summarise(card) }]
  const can = controls(state)
  const entries: MenuEntry[] = [
    { label: 'Watch on the board', icon: Activity, run: () => go({ screen: 'board', job }) },
  ]
  if (can.pause) entries.push({ label: 'Pause', icon: Pause, run: () => void pause(job) })
  if (can.resume) entries.push({ label: 'Resume', icon: Play, run: () => void resume(job) })
  if (can.stop) entries.push({ label: 'Stop', icon: Square, run: () => void stop(job) })
  if (can.pause && activeBooks().length > 1)
    entries.push({ label: 'To the front', icon: ListStart, run: () => void putToFront(card) })
  if (isActive(state)) return entries
  if (card.summarised < card.chapters) {
    const label = state === 'incomplete' ? 'Retry what failed' : 'Summarise what is missing'
    entries.push({ label, icon: RotateCcw, run: () => void summarise(card) })
  }
  entries.push({ label: 'Summarise again from the start', icon: RotateCcw, run: () => void summarise(card, true) })
  entries.push(againEntry(card))
  return entries
}

function files(card: BookCard): MenuEntry[] {
  const nothing = card.summarised === 0
  const entries: MenuEntry[] = [
    { label: 'Export as Markdown', icon: FileDown, disabled: nothing, run: () => void exportBook(card, 'markdown') },
    { label: 'Export as JSON', icon: Braces, disabled: nothing, run: () => void exportBook(card, 'json') },
  ]
  const [written, data] = [exportedTo(card.id), aboutProgram()?.data_folder]
  if (!canReveal()) return entries
  if (written !== null)
    entries.push({ label: 'Show the exported file', icon: FolderOpen, run: () => void reveal(written) })
  else if (data) entries.push({ label: 'Show the data folder', icon: FolderOpen, run: () => void reveal(data) })
  return entries
}

export function bookActions(card: BookCard): MenuEntry[] {
  return [
    { label: 'Open', icon: BookOpen, run: () => go({ screen: 'book', book: card.id, section: null }) },
    ...work(card),
    'line',
    ...files(card),
    'line',
    { label: 'Remove from the library', icon: Trash2, danger: true, keys: 'Delete', run: () => remove(card) },
  ]
}

/** What can be done with several books at once, each with those of them that it makes sense for. */
export interface ForMany {
  name: string
  label: string
  icon: typeof Play
  cards: BookCard[]
  run: () => void
  danger?: boolean
  /** Stands in the menu of further actions where there is little room. */
  further?: boolean
}

const each = (cards: readonly BookCard[], what: (job: number) => Promise<unknown>) =>
  changingMuch(async () => {
    for (const { job } of cards) if (job !== null) await what(job)
  })

async function summariseAll(cards: readonly BookCard[], fresh = false): Promise<void> {
  let begun = 0
  await changingMuch(async () => {
    for (const card of cards) if ((await start(card.id, { fresh })) !== null) begun += 1
  })
  if (begun > 0)
    tell({ text: `${counted(begun, 'book')} begun.`, hint: 'A few are worked on at a time, in this order.' })
}

async function putAllToFront(cards: readonly BookCard[]): Promise<void> {
  // The last that is put to the front is the first.
  await each([...cards].reverse(), front)
  tell({ text: `${counted(cards.length, 'book')} go before everything else that waits.` })
}

export function actionsForMany(cards: readonly BookCard[]): ForMany[] {
  const can = (what: 'pause' | 'resume' | 'stop') =>
    cards.filter(({ state }) => state !== null && controls(state)[what])
  const idle = cards.filter((card) => !isActive(card.state))
  const missing = idle.filter((card) => card.summarised < card.chapters)
  const again = idle.filter((card) => card.summarised > 0)
  const told = cards.filter((card) => card.summarised > 0)
  const [pausing, held, stopping] = [can('pause'), can('resume').filter(({ state }) => state === 'paused'), can('stop')]
  // To the front of what, if everything that is at work is meant?
  const ahead = pausing.length < activeBooks().length ? pausing : []
  const all: ForMany[] = [
    { name: 'summarise', label: 'Summarise', icon: Play, cards: missing, run: () => void summariseAll(missing) },
    { name: 'pause', label: 'Pause', icon: Pause, cards: pausing, run: () => void each(pausing, pause) },
    { name: 'resume', label: 'Resume', icon: Play, cards: held, run: () => void each(held, resume) },
    { name: 'stop', label: 'Stop', icon: Square, cards: stopping, run: () => void each(stopping, stop) },
    {
      name: 'front',
      label: 'To the front',
      icon: ListStart,
      cards: ahead,
      run: () => void putAllToFront(ahead),
      further: true,
    },
    {
      name: 'again',
      label: 'Summarise again from the start',
      icon: RotateCcw,
      cards: again,
      run: () => void summariseAll(again, true),
      further: true,
    },
    {
      name: 'markdown',
      label: 'Export as Markdown',
      icon: FileDown,
      cards: told,
      run: () => void exportBooks(told, 'markdown'),
      further: true,
    },
    {
      name: 'json',
      label: 'Export as JSON',
      icon: Braces,
      cards: told,
      run: () => void exportBooks(told, 'json'),
      further: true,
    },
    { name: 'remove', label: 'Remove', icon: Trash2, cards: [...cards], danger: true, run: () => remove(...cards) },
  ]
  return all.filter((one) => one.cards.length > 0)
}

/** An action on several books as an entry of a menu. */
export function entryForMany({ name, label, icon, cards, run, danger }: ForMany): MenuEntry {
  return { label: `${label}: ${counted(cards.length, 'book')}`, icon, run, danger, testid: `entry-${name}` }
}

/** The same as a menu. */
export function menuForMany(cards: readonly BookCard[]): MenuEntry[] {
  return actionsForMany(cards).flatMap((one): MenuEntry[] =>
    one.danger ? ['line', entryForMany(one)] : [entryForMany(one)],
  )
}
