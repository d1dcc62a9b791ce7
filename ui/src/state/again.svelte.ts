/** Doing a book or a chapter again with other settings than usual. */
import type { BookId, SectionId } from '../wire/types'
import { isUsual, startOf, usual, type Ask } from './ask'
import { start } from './library.svelte'
import { go } from './route.svelte'

export interface Again {
  book: BookId
  /** Only this chapter; the whole book where absent. */
  section: SectionId | null
  /** Of the book or the chapter. */
  title: string
}

let meant = $state.raw<Again | null>(null)
let busy = $state(false)

/** What is about to be done again; `null` while nothing is asked. */
export const meantAgain = () => meant
export const isStarting = () => busy

export function askAgain(what: Again): void {
  meant = what
}

export function notAgain(): void {
  meant = null
}

/** Starts it; where it is refused the person is told, and what was asked stays on the screen. */
export async function doAgain(ask: Ask): Promise<void> {
  if (!meant) return
  const { book, section } = meant
  busy = true
  const sections = section === null ? null : [section]
  const job = await start(book, { ...startOf(isUsual(ask) ? usual() : ask), sections, fresh: true })
  busy = false
  if (job === null) return
  meant = null
  if (section === null) go({ screen: 'board', job })
}
