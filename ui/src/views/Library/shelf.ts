/** Finding and ordering books on the shelf. Pure. */
import type { BookCard } from '../../wire/types'

export type Order = 'added' | 'title' | 'author'

const byText = new Intl.Collator('en', { sensitivity: 'base', numeric: true })

export const orders: Record<Order, { label: string; compare(a: BookCard, b: BookCard): number }> = {
  added: { label: 'Newest first', compare: (a, b) => b.added_ms - a.added_ms },
  title: { label: 'By title', compare: (a, b) => byText.compare(a.meta.title, b.meta.title) },
  author: { label: 'By author', compare: (a, b) => byText.compare(a.meta.authors[0] ?? '', b.meta.authors[0] ?? '') },
}

const plain = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase('en')

/** Books whose title or author holds every word, accents and case aside. */
export function found(books: readonly BookCard[], wanted: string, order: Order): BookCard[] {
  const words = plain(wanted).split(/\s+/u).filter(Boolean)
  return books
    .filter((card) => {
      const text = plain(`${card.meta.title} ${card.meta.authors.join(' ')}`)
      return words.every((word) => text.includes(word))
    })
    .toSorted(orders[order].compare)
}
