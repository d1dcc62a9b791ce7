/** What the library shows of all its books: order, filter and search; and which books are chosen. */
import { nothing, type Choice } from './choosing'
import { isFilter, isOrder, type Filter, type Order } from './shelf'

const KEY = 'epitome.shelf'

interface Kept {
  order: Order
  filter: Filter
}

function stored(): Kept {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}')
    const { order, filter } = kept as Partial<Record<keyof Kept, unknown>>
    return { order: isOrder(order) ? order : 'added', filter: isFilter(filter) ? filter : 'all' }
  } catch {
    return { order: 'added', filter: 'all' }
  }
}

let kept = $state.raw<Kept>(stored())
let wanted = $state('')
let choice = $state.raw<Choice>(nothing)

export const shelfOrder = () => kept.order
export const shelfFilter = () => kept.filter
export const wantedWords = () => wanted
export const chosenBooks = () => choice

function keep(change: Partial<Kept>): void {
  kept = { ...kept, ...change }
  localStorage.setItem(KEY, JSON.stringify(kept))
}

export const setOrder = (order: Order) => keep({ order })
export const setFilter = (filter: Filter) => keep({ filter })

export function setWanted(words: string): void {
  wanted = words
}

export function setChoice(next: Choice): void {
  choice = next
}

/** Shows every book again. */
export function showAll(): void {
  wanted = ''
  keep({ filter: 'all' })
}
