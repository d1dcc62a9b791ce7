/** What the search says. Pure. */
import type { Found, Hit, Place, SearchIn } from '../../wire/types'
import { counted } from '../../words/numbers'

export const withinWords: Record<SearchIn, string> = {
  everything: 'Everything',
  summaries: 'Summaries',
  sources: 'Sources',
}

export const placeWords: Record<Place, string> = {
  book: 'Title or author',
  synopsis: 'Synopsis',
  title: 'Chapter title',
  preview: 'Preview',
  summary: 'Summary',
  source: 'Source',
}

export function foundWords({ total, books }: Found): string {
  return total === 0 ? 'Nothing found' : `${counted(total, 'place')} in ${counted(books.length, 'book')}`
}

/** Where a hit is, as a line above its text says it. */
export function hitTitle({ section, number, title }: Hit): string {
  if (section === null) return 'The whole book'
  return number === null ? title : `${number}. ${title}`
}
