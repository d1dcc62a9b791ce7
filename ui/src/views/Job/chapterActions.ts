/** What can be done with one chapter, wherever it is shown, as menu entries. */
import BookOpen from '@lucide/svelte/icons/book-open'
import Copy from '@lucide/svelte/icons/copy'
import ListStart from '@lucide/svelte/icons/list-start'
import Play from '@lucide/svelte/icons/play'
import RotateCcw from '@lucide/svelte/icons/rotate-ccw'
import SlidersHorizontal from '@lucide/svelte/icons/sliders-horizontal'

import type { MenuEntry } from '../../parts/menu'
import { askAgain } from '../../state/again.svelte'
import { copyChapter } from '../../state/book.svelte'
import { front, startSections } from '../../state/library.svelte'
import { tell } from '../../state/notices.svelte'
import { go } from '../../state/route.svelte'
import type { BookId, ChapterState, JobId, JobState, SectionId } from '../../wire/types'
import { isActive } from '../../words/states'

export interface Chapter {
  book: BookId
  section: SectionId
  /** `Chapter 12`, or the title of a part without a number. */
  name: string
  title: string
  state: ChapterState
}

/** The newest job of the chapter's book, and whether its board is where the menu was opened. */
export interface OfJob {
  job: JobId | null
  state: JobState | null
  onBoard: boolean
}

async function again({ book, section }: Chapter, fresh: boolean, onBoard: boolean): Promise<void> {
  const job = await startSections(book, [section], fresh)
  if (job !== null && onBoard) go({ screen: 'board', job })
}

async function putToFront(job: JobId, { name, section }: Chapter): Promise<void> {
  if (await front(job, section)) tell({ text: `${name} goes before the other chapters that wait.` })
}

const doWords: Partial<Record<ChapterState, string>> = { failed: 'Try again', done: 'Do it again' }

function work(chapter: Chapter, { job, state, onBoard }: OfJob): MenuEntry[] {
  if (chapter.state === 'left_out') return []
  const busy = isActive(state)
  const waits = chapter.state === 'waiting' || chapter.state === 'planned'
  const entries: MenuEntry[] = []
  if (job !== null && busy && waits)
    entries.push({
      label: 'To the front',
      icon: ListStart,
      run: () => void putToFront(job, chapter),
      testid: 'chapter-front',
    })
  // What the job will come to, or is at, needs no other start; what it is done with has to wait for its end.
  const over = chapter.state === 'done' || chapter.state === 'failed'
  if (busy && !over) return entries
  const done = chapter.state === 'done'
  const label = doWords[chapter.state] ?? 'Summarise'
  entries.push(
    {
      label,
      icon: over ? RotateCcw : Play,
      disabled: busy,
      run: () => void again(chapter, done, onBoard),
      testid: 'chapter-again',
    },
    {
      label: 'Do it with other settings…',
      icon: SlidersHorizontal,
      disabled: busy,
      run: () => askAgain({ book: chapter.book, section: chapter.section, title: chapter.title }),
      testid: 'chapter-settings',
    },
  )
  return entries
}

export function chapterActions(chapter: Chapter, of: OfJob): MenuEntry[] {
  const { book, section } = chapter
  return [
    {
      label: 'Open',
      icon: BookOpen,
      keys: 'Enter',
      run: () => go({ screen: 'book', book, section }),
      testid: 'chapter-open',
    },
    ...work(chapter, of),
    'line',
    {
      label: 'Copy the summary',
      icon: Copy,
      disabled: chapter.state !== 'done',
      run: () => void copyChapter(section),
      testid: 'chapter-copy',
    },
  ]
}
