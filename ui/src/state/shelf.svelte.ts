/** What the library shows of all its books: order, filter and search; and which books are chosen. */
import { nothing, type Choice } from './choosing'
import { keep, keptJson } from './kept.svelte'
import { isFilter, isOrder, type Filter, type Order } from './shelf'

const NAME = 'shelf'

interface View {
  order: Order
  filter: Filter
}

function stored(): View {
  const { order, filter } = (keptJson(NAME) ?? {}) as Partial<Record<keyof View, unknown>>
  return { order: isOrder(order) ? order : 'added', filter: isFilter(filter) ? filter : 'all' }
}

const view = $derived(stored())
let wanted = $state('')
let choice = $state.raw<Choice>(nothing)

export const shelfOrder = () => view.order
export const shelfFilter = () => view.filter
export const wantedWords = () => wanted
export const chosenBooks = () => choice

const change = (part: Partial<View>) => keep(NAME, JSON.stringify({ ...view, ...part }))

export const setOrder = (order: Order) => change({ order })
export const setFilter = (filter: Filter) => change({ filter })

export function setWanted(words: string): void {
  wanted = words
}

export function setChoice(next: Choice): void {
  choice = next
}

/** Shows every book again. */
export function showAll(): void {
  wanted = ''
  change({ filter: 'all' })
}
