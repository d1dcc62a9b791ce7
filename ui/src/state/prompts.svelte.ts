/** The person's own words in the prompts: drafts, and trying them on a chapter before they are kept. */
import { host, wireError } from '../host'
import type { BookId, ChapterRow, SectionId, SettingRow, WireError, Wording, WordsTrial } from '../wire/types'
import { set } from './settings.svelte'

const PREFIX = 'prompt.'

const drafts = $state<Record<string, string>>({})
let trial = $state.raw<WordsTrial | null>(null)
let refusal = $state.raw<WireError | null>(null)
let asking = $state(false)
let chapters = $state.raw<ChapterRow[]>([])
/** Counts the trials, so that an answer to one that was left is not shown for another. */
let turn = 0

export const isPrompt = (key: string): boolean => key.startsWith(PREFIX)
/** What stands in the field: what was typed, or what is in force. */
export const draftOf = (row: SettingRow): string => drafts[row.key] ?? row.value
export const isChanged = (row: SettingRow): boolean => draftOf(row).trim() !== row.value.trim()
export const shownTrial = () => trial
export const trialRefusal = () => refusal
export const isAsking = () => asking
export const trialChapters = () => chapters

export function draft(row: SettingRow, text: string): void {
  drafts[row.key] = text
}

/** Keeps what was typed; an empty text is the usual one. */
export async function keepDraft(row: SettingRow): Promise<void> {
  if (await set(row.key, draftOf(row))) delete drafts[row.key]
}

/** Back to the words that are in force, or to the usual ones. */
export function dropDraft(row: SettingRow): void {
  delete drafts[row.key]
}

export async function useUsual(row: SettingRow): Promise<void> {
  delete drafts[row.key]
  await set(row.key, '')
}

/** What was typed and not kept yet, by the field of a wording. */
export function typed(rows: readonly SettingRow[]): Wording {
  const words: Wording = { style: null, chapter: null, part: null, reduce: null, merge: null }
  for (const row of rows) words[row.key.slice(PREFIX.length) as keyof Wording] = drafts[row.key] ?? null
  return words
}

/** The chapters of a book that words can be tried on. */
export async function chooseBook(book: BookId | null): Promise<void> {
  leaveTrial()
  chapters = []
  if (book === null) return
  try {
    const view = await host().call('book', { book })
    chapters = view.chapters.filter((row) => row.left_out === null)
  } catch (thrown) {
    refusal = wireError(thrown)
  }
}

/** Shows what a chapter would be asked; with `ask`, also what the model answers. */
export async function tryWords(section: SectionId, words: Wording, ask: boolean): Promise<void> {
  const mine = ++turn
  asking = ask
  refusal = null
  try {
    const shown = await host().call('try_words', { section, words, ask })
    if (mine === turn) trial = shown
  } catch (thrown) {
    if (mine === turn) refusal = wireError(thrown)
  }
  if (mine === turn) asking = false
}

export function leaveTrial(): void {
  turn += 1
  asking = false
  trial = null
  refusal = null
}
