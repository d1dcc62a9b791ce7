/** Matching what a person types with names, forgivingly. Pure. */
import { plain } from '../state/shelf'

/** Better the greater; `null` where a word of what is wanted is neither in the name nor in what is said beside it. */
export function score(wanted: string, name: string, beside = ''): number | null {
  const words = plain(wanted).split(/\s+/u).filter(Boolean)
  const [within, more] = [plain(name), plain(beside)]
  let sum = 0
  let named = false
  for (const word of words) {
    const inName = wordScore(word, within)
    if (inName === null && !more.includes(word)) return null
    named ||= inName !== null
    sum += inName ?? 0.5
  }
  // Of two names that match alike, the shorter is meant.
  return named ? sum - within.length / 1000 : sum
}

/** A letter or figure, in any script. */
const LETTER = /[\p{L}\p{N}]/u

function wordScore(word: string, text: string): number | null {
  const at = text.indexOf(word)
  if (at === 0) return 5
  if (at > 0) return text.match(beginning(word)) ? 4 : 2
  // Two letters are in nearly everything.
  return word.length > 2 ? scattered(word, text) : null
}

function beginning(word: string): RegExp {
  return new RegExp(`(?<![\\p{L}\\p{N}])${word.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')}`, 'u')
}

/** Letters in their order with others between, as in `wrpc` for War and Peace; most of them must begin a word or follow one another. */
function scattered(word: string, text: string): number | null {
  let from = 0
  let close = 0
  let last = -2
  for (const letter of word) {
    const at = text.indexOf(letter, from)
    if (at < 0) return null
    if (at === last + 1 || at === 0 || !LETTER.test(text[at - 1] ?? ' ')) close += 1
    last = at
    from = at + 1
  }
  const share = close / word.length
  return share >= 0.5 ? share : null
}

/** The best matches of a list, the best first; all of them in their order where nothing is wanted. */
export function ranked<T>(
  items: readonly T[],
  wanted: string,
  text: (item: T) => [name: string, beside?: string],
  most: number,
): T[] {
  if (wanted.trim() === '') return items.slice(0, most)
  const scored: { item: T; points: number }[] = []
  for (const item of items) {
    const points = score(wanted, ...text(item))
    if (points !== null) scored.push({ item, points })
  }
  return scored
    .toSorted((one, other) => other.points - one.points)
    .slice(0, most)
    .map(({ item }) => item)
}
