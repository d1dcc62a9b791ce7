/** Covers of books, asked for only while they are seen and kept for a while. */
import { SvelteMap } from 'svelte/reactivity'

import { host } from '../host'
import type { BookCard } from '../wire/types'

/** Some screens full of them; a cover may be a few hundred kilobytes. */
const KEPT_MOST = 200

/** By book and size of the cover, so that another one is asked for. `null`: could not be had. */
const covers = new SvelteMap<string, string | null>()
const asked = new Set<string>()

const name = (card: BookCard) => `${card.id}:${card.cover}`

/** The cover as an address to show, once it is here. */
export function coverOf(card: BookCard): string | null {
  return card.cover === null ? null : (covers.get(name(card)) ?? null)
}

/** Asks for a cover that is not here yet. */
export function wantCover(card: BookCard): void {
  if (card.cover === null || covers.has(name(card)) || asked.has(name(card))) return
  asked.add(name(card))
  void ask(card)
}

async function ask(card: BookCard): Promise<void> {
  const key = name(card)
  try {
    covers.set(key, await host().call('cover', { book: card.id }))
  } catch {
    // The drawn cover stands in for it.
    covers.set(key, null)
  } finally {
    asked.delete(key)
  }
  for (const oldest of [...covers.keys()].slice(0, Math.max(0, covers.size - KEPT_MOST))) covers.delete(oldest)
}
