/** Searching over everything: what is asked, and what was found for it. Asked while one types; the last question counts. */
import { host, wireError } from '../host'
import type { BookId, Found, SearchIn, SectionId, WireError } from '../wire/types'

export interface Question {
  words: string
  within: SearchIn
  book: BookId | null
}

/** A hit that was opened, to come back to. */
export interface Place {
  book: BookId
  section: SectionId | null
  place: string
}

/** A pause in typing that is worth a question. */
const PAUSE_MS = 120

let question = $state.raw<Question>({ words: '', within: 'everything', book: null })
let found = $state.raw<Found | null>(null)
let error = $state.raw<WireError | null>(null)
/** The question that `found` or `error` answers. */
let answered = $state.raw<Question | null>(null)
let opened = $state.raw<Place | null>(null)

let underWay = false
let soon: ReturnType<typeof setTimeout> | undefined

export const searchQuestion = (): Question => question
export const searchFound = (): Found | null => found
export const searchError = (): WireError | null => error
/** Whether what is shown answers what is asked now. */
export const searchAnswered = (): boolean => answered === question
export const lastOpened = (): Place | null => opened

export const isAsked = ({ words }: Question): boolean => words.trim() !== ''

/** Asks for what the person wants now. One question is under way at a time; one that is overtaken is not shown. */
async function askNow(): Promise<void> {
  if (underWay || !isAsked(question)) return
  const asked = question
  underWay = true
  try {
    const answer = await host().call('search', { ...asked, words: asked.words.trim(), until: null })
    if (asked === question) [found, error, answered] = [answer, null, asked]
  } catch (thrown) {
    if (asked === question) [found, error, answered] = [null, wireError(thrown), asked]
  } finally {
    underWay = false
  }
  if (asked !== question) void askNow()
}

/** Changes what is asked; words are asked for when the person pauses, a filter at once. */
export function ask(change: Partial<Question>): void {
  question = { ...question, ...change }
  opened = null
  clearTimeout(soon)
  if (!isAsked(question)) [found, error, answered] = [null, null, question]
  else if (change.words === undefined) void askNow()
  else soon = setTimeout(() => void askNow(), PAUSE_MS)
}

/** Asks the same again, because the library changed. */
export function refreshSearch(): void {
  if (found === null && error === null) return
  question = { ...question }
  void askNow()
}

export function remember(place: Place): void {
  opened = place
}
