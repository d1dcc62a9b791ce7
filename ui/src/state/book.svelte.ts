/** The book that is read: its chapters, and the text of the one chosen. */
import { host, wireError } from '../host'
import type { BoardFrame, BookId, BookView, ChapterText, SectionId, WireError } from '../wire/types'
import { copy } from './clipboard'
import { attempt } from './notices.svelte'

let view = $state.raw<BookView | null>(null)
let text = $state.raw<ChapterText | null>(null)
let error = $state.raw<WireError | null>(null)
let textError = $state.raw<WireError | null>(null)
let wantedBook: BookId | null = null
let wantedSection: SectionId | null = null
let again: ReturnType<typeof setTimeout> | undefined

/** A run finishes several chapters a second; the list need not be asked for more often than this. */
const RELOAD_MS = 1000

export const currentBook = () => view
export const currentText = () => text
export const bookError = () => error
export const textFailure = () => textError

async function askBook(book: BookId): Promise<void> {
  try {
    const answer = await host().call('book', { book })
    if (book === wantedBook) [view, error] = [answer, null]
  } catch (thrown) {
    if (book === wantedBook) error = wireError(thrown)
  }
}

async function askText(section: SectionId): Promise<void> {
  try {
    const answer = await host().call('chapter', { section })
    if (section === wantedSection) [text, textError] = [answer, null]
  } catch (thrown) {
    if (section === wantedSection) textError = wireError(thrown)
  }
}

/** Shows a book, and a chapter of it; `null` for the synopsis. */
export function read(book: BookId, section: SectionId | null): void {
  if (book !== wantedBook) {
    wantedBook = book
    view = null
    error = null
    void askBook(book)
  }
  if (section !== wantedSection) {
    wantedSection = section
    text = null
    textError = null
    if (section !== null) void askText(section)
  }
}

/** Leaves the book, so that nothing more is asked for. */
export function closeBook(): void {
  clearTimeout(again)
  again = undefined
  wantedBook = wantedSection = null
  view = text = error = textError = null
}

/** Asks again soon for what is shown. */
export function refreshBook(): void {
  if (wantedBook === null || again !== undefined) return
  again = setTimeout(() => {
    again = undefined
    if (wantedBook !== null) void askBook(wantedBook)
    if (wantedSection !== null) void askText(wantedSection)
  }, RELOAD_MS)
}

export function bookFrame(frame: BoardFrame): void {
  if (view?.card.job === frame.job && (frame.cells.length > 0 || frame.state !== view.card.state)) refreshBook()
}

/** A chapter's title, preview and summary as text to hand on; `null` where it has no summary. */
export function textToCopy({ title, source_title, preview, summary }: ChapterText): string | null {
  return summary === null ? null : [title ?? source_title, preview, summary].filter(Boolean).join('\n\n')
}

/** Copies the summary of a chapter, also of one that is not shown. */
export async function copyChapter(section: SectionId): Promise<void> {
  await attempt(async () => {
    const found = textToCopy(await host().call('chapter', { section }))
    if (found !== null) await copy(found)
  })
}
