/** Words that are made visible in the book that is read, after one of its hits was opened. */
import { host } from '../host'
import type { BookId, ChapterMarks, Hit, SectionId } from '../wire/types'
import { attempt } from './notices.svelte'

interface Looked {
  book: BookId
  words: string
  /** The hit to show first; none once it was shown. */
  hit: Hit | null
}

interface Marked {
  section: SectionId | null
  words: string
  marks: ChapterMarks
}

let looked = $state.raw<Looked | null>(null)
let marked = $state.raw<Marked | null>(null)

/** Shows words in a book, beginning with a hit. */
export function lookFor(book: BookId, words: string, hit: Hit): void {
  looked = { book, words, hit }
  marked = null
}

export function stopLooking(): void {
  looked = marked = null
}

/** What is looked for in a book; `null` where nothing is. */
export const wordsIn = (book: BookId): string | null => (looked?.book === book ? looked.words : null)

/** The hit of a chapter, or of the whole book, that is still to be shown. */
export function hitIn(section: SectionId | null): Hit | null {
  return looked?.hit?.section === section ? looked.hit : null
}

export function shown(): void {
  if (looked) looked = { ...looked, hit: null }
}

/** Where the words are in a chapter, or in the synopsis; `null` until that is known. */
export function marksIn(section: SectionId | null): ChapterMarks | null {
  return marked !== null && marked.section === section && marked.words === looked?.words ? marked.marks : null
}

/** Asks where the words are in a chapter, or in the synopsis. */
export async function findIn(book: BookId, section: SectionId | null, words: string): Promise<void> {
  await attempt(async () => {
    const marks = await host().call('marks', { book, section, words })
    if (words === looked?.words) marked = { section, words, marks }
  })
}
