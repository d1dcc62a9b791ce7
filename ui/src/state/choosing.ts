/** Choosing several books, as in a file manager. Pure. */
import type { BookId } from '../wire/types'

export interface Choice {
  ids: ReadonlySet<BookId>
  /** Where a range begins. */
  anchor: BookId | null
}

export const nothing: Choice = { ids: new Set(), anchor: null }

/** Takes one book in or out; the next range begins there. */
export function toggled(choice: Choice, id: BookId): Choice {
  const ids = new Set(choice.ids)
  if (!ids.delete(id)) ids.add(id)
  return { ids, anchor: id }
}

/** The books from the anchor through this one, in the order they stand; without an anchor this one alone. */
export function through(choice: Choice, id: BookId, order: readonly BookId[]): Choice {
  const from = choice.anchor === null ? -1 : order.indexOf(choice.anchor)
  const to = order.indexOf(id)
  if (from < 0 || to < 0) return { ids: new Set([id]), anchor: id }
  return { ids: new Set(order.slice(Math.min(from, to), Math.max(from, to) + 1)), anchor: choice.anchor }
}

export function every(order: readonly BookId[]): Choice {
  return { ids: new Set(order), anchor: order[0] ?? null }
}

/** The same choice without books that are no longer shown, so that nothing unseen is acted on. */
export function among(choice: Choice, order: readonly BookId[]): Choice {
  const there = new Set(order)
  if ([...choice.ids].every((id) => there.has(id))) return choice
  const ids = new Set([...choice.ids].filter((id) => there.has(id)))
  return { ids, anchor: choice.anchor !== null && there.has(choice.anchor) ? choice.anchor : null }
}
