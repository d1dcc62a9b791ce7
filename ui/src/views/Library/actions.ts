/** What can be done with a book on the shelf, as menu entries. */
import Activity from '@lucide/svelte/icons/activity'
import BookOpen from '@lucide/svelte/icons/book-open'
import Braces from '@lucide/svelte/icons/braces'
import FileDown from '@lucide/svelte/icons/file-down'
import Pause from '@lucide/svelte/icons/pause'
import Play from '@lucide/svelte/icons/play'
import RotateCcw from '@lucide/svelte/icons/rotate-ccw'
import Square from '@lucide/svelte/icons/square'
import Trash2 from '@lucide/svelte/icons/trash-2'

import type { MenuEntry } from '../../parts/menu'
import { controls } from '../../state/board'
import { exportBook, pause, remove, resume, start, stop } from '../../state/library.svelte'
import { go } from '../../state/route.svelte'
import type { BookCard } from '../../wire/types'
import { isActive } from '../../words/states'

/** Starts on a book and shows its board. */
export async function summarise(card: BookCard, fresh = false): Promise<void> {
  const job = await start(card.id, { fresh })
  if (job !== null) go({ screen: 'board', job })
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
  if (isActive(state)) return entries
  if (card.summarised < card.chapters) {
    const label = state === 'incomplete' ? 'Retry what failed' : 'Summarise what is missing'
    entries.push({ label, icon: RotateCcw, run: () => void summarise(card) })
  }
  entries.push({ label: 'Summarise again from the start', icon: RotateCcw, run: () => void summarise(card, true) })
  return entries
}

export function bookActions(card: BookCard): MenuEntry[] {
  const nothing = card.summarised === 0
  return [
    { label: 'Open', icon: BookOpen, run: () => go({ screen: 'book', book: card.id, section: null }) },
    ...work(card),
    'line',
    { label: 'Export as Markdown', icon: FileDown, disabled: nothing, run: () => void exportBook(card, 'markdown') },
    { label: 'Export as JSON', icon: Braces, disabled: nothing, run: () => void exportBook(card, 'json') },
    'line',
    { label: 'Remove from the library', icon: Trash2, danger: true, run: () => remove(card) },
  ]
}
