/** What the reader changes in the chapters of an offered book. The host makes the list from all changes each time. */
import { SvelteMap } from 'svelte/reactivity'

import { host, wireError } from '../host'
import type { AddPreview, Edit, SectionParagraphs, WireError } from '../wire/types'
import { offered, replace } from './adding.svelte'

let changing = $state(false)
/** Why the last change of a preview was refused. */
const problems = new SvelteMap<string, WireError>()
/** Changes that were taken back and not yet made again. */
const undone = new SvelteMap<string, Edit[]>()
/** The newest list of changes asked for, so that an answer to an older one is not shown. */
let asked = 0

export const isChanging = () => changing
export const problemOf = (token: string) => problems.get(token) ?? null
export const canRedo = (token: string) => (undone.get(token)?.length ?? 0) > 0

function editsOf(token: string): Edit[] {
  return offered().find((one) => one.preview.token === token)?.preview.edits ?? []
}

async function apply(token: string, edits: Edit[]): Promise<boolean> {
  const mine = ++asked
  changing = true
  try {
    const preview: AddPreview = await host().call('edit_preview', { token, edits })
    if (mine !== asked) return false
    replace(preview)
    problems.delete(token)
    return true
  } catch (thrown) {
    if (mine === asked) problems.set(token, wireError(thrown))
    return false
  } finally {
    if (mine === asked) changing = false
  }
}

/** Makes one more change. */
export function change(token: string, edit: Edit): Promise<boolean> {
  undone.delete(token)
  return apply(token, [...editsOf(token), edit])
}

/** Sets the chapters by a pattern, in the place of the pattern before it; an empty one takes that back. */
export function setPattern(token: string, pattern: string): Promise<boolean> {
  const edits = editsOf(token)
  const before = edits.at(-1)?.edit === 'pattern' ? edits.slice(0, -1) : edits
  problems.delete(token)
  undone.delete(token)
  return apply(token, pattern.trim() === '' ? before : [...before, { edit: 'pattern', pattern }])
}

export async function undo(token: string): Promise<void> {
  const edits = editsOf(token)
  const last = edits.at(-1)
  if (!last) return
  const later = undone.get(token) ?? []
  if (await apply(token, edits.slice(0, -1))) undone.set(token, [...later, last])
}

export async function redo(token: string): Promise<void> {
  const later = undone.get(token) ?? []
  const next = later.at(-1)
  if (next && (await apply(token, [...editsOf(token), next]))) undone.set(token, later.slice(0, -1))
}

/** Paragraphs of a section, for choosing where to split it. */
export function paragraphs(token: string, section: number, from: number): Promise<SectionParagraphs> {
  return host().call('preview_text', { token, section, from })
}
