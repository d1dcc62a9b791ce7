/** Finding, filtering and ordering books on the shelf, and laying them out. Pure. */
import type { BookCard } from '../wire/types'
import { isActive } from '../words/states'

export const orders = {
  added: 'Recently added',
  title: 'Title',
  author: 'Author',
  progress: 'Progress',
} as const
export type Order = keyof typeof orders

export const filters = {
  all: 'All',
  work: 'At work',
  done: 'Done',
  unfinished: 'Unfinished',
  failed: 'Failed',
  new: 'Not begun',
} as const
export type Filter = keyof typeof filters

export const isOrder = (text: unknown): text is Order => typeof text === 'string' && text in orders
export const isFilter = (text: unknown): text is Filter => typeof text === 'string' && text in filters

const byText = new Intl.Collator('en', { sensitivity: 'base', numeric: true })

const share = (card: BookCard) => (card.chapters > 0 ? card.summarised / card.chapters : 0)
const byTitle = (a: BookCard, b: BookCard) => byText.compare(a.meta.title, b.meta.title)
/** Books whose author is unknown come last. */
const byAuthor = (a: BookCard, b: BookCard) => {
  const [one, other] = [a.meta.authors[0] ?? '', b.meta.authors[0] ?? '']
  return Number(one === '') - Number(other === '') || byText.compare(one, other) || byTitle(a, b)
}

const compare: Record<Order, (a: BookCard, b: BookCard) => number> = {
  added: (a, b) => b.added_ms - a.added_ms || b.id - a.id,
  title: byTitle,
  author: byAuthor,
  progress: (a, b) => share(b) - share(a) || byTitle(a, b),
}

/** The one kind a book is of; every book is of one. */
export function kindOf(card: BookCard): Exclude<Filter, 'all'> {
  if (isActive(card.state)) return 'work'
  if (card.failed > 0 || card.state === 'incomplete') return 'failed'
  if (card.chapters > 0 && card.summarised >= card.chapters) return 'done'
  return card.state === null && card.summarised === 0 ? 'new' : 'unfinished'
}

/** How many books are of each kind. */
export function kinds(cards: readonly BookCard[]): Record<Filter, number> {
  const sum = { all: cards.length, work: 0, done: 0, unfinished: 0, failed: 0, new: 0 }
  for (const card of cards) sum[kindOf(card)] += 1
  return sum
}

/** A text as it is searched: without accents and capitals. */
export const plain = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase('en')

/** Books of a kind whose title, series, author or file name holds every word, in an order. */
export function found(books: readonly BookCard[], wanted: string, order: Order, filter: Filter = 'all'): BookCard[] {
  const words = plain(wanted).split(/\s+/u).filter(Boolean)
  const holds = ({ meta, file_name }: BookCard) => {
    const text = plain(`${meta.title} ${meta.authors.join(' ')} ${meta.series?.name ?? ''} ${file_name}`)
    return words.every((word) => text.includes(word))
  }
  return books
    .filter((card) => (filter === 'all' || kindOf(card) === filter) && (words.length === 0 || holds(card)))
    .toSorted(compare[order])
}

/** Books at work that stand above the shelf, in this order; more of them would hide it. */
export const ABOVE_MOST = 3
const urgency = ['running', 'unreachable', 'paused', 'waiting']

/** The books at work that are shown with their progress and controls; those that are many more wait on the shelf. */
export function above(cards: readonly BookCard[], most = ABOVE_MOST): BookCard[] {
  const rank = (card: BookCard) => urgency.indexOf(card.state ?? '')
  return cards
    .filter((card) => isActive(card.state))
    .toSorted((a, b) => rank(a) - rank(b) || (a.job ?? 0) - (b.job ?? 0))
    .slice(0, most)
}

const NARROWEST = 150
const GAP = 20

/** Books beside each other in a width of so many pixels. */
export function columnsOf(width: number): number {
  return Math.max(1, Math.floor((width + GAP) / (NARROWEST + GAP)))
}

export function rowsOf<T>(items: readonly T[], columns: number): T[][] {
  const rows: T[][] = []
  for (let at = 0; at < items.length; at += columns) rows.push(items.slice(at, at + columns))
  return rows
}

/** Where an arrow key leads from a place in the grid; `null` where the key is none of the grid's. */
export function step(key: string, at: number, columns: number, length: number): number | null {
  const last = length - 1
  const row = Math.floor(at / columns)
  switch (key) {
    case 'ArrowLeft':
      return Math.max(0, at - 1)
    case 'ArrowRight':
      return Math.min(last, at + 1)
    case 'ArrowUp':
      return at - columns >= 0 ? at - columns : at
    case 'ArrowDown':
      // From above a gap in the last row one comes to its end.
      return row < Math.floor(last / columns) ? Math.min(last, at + columns) : at
    case 'PageUp':
      return Math.max(at % columns, at - 3 * columns)
    case 'PageDown':
      return Math.min(last, at + 3 * columns)
    case 'Home':
      return 0
    case 'End':
      return last
    default:
      return null
  }
}
