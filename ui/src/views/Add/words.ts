/** Sentences of the add preview. Pure. */
import type { AddPreview, Certainty, Estimate, Grown, Kinship, Remaining } from '../../wire/types'
import { count, counted, duration, percent, range, rough } from '../../words/numbers'

const counts = new WeakMap<AddPreview, number>()

/** Chapters of a file as it will be added; counted once, because hundreds of files may be offered at a time. */
export function chapters(preview: AddPreview): number {
  const known = counts.get(preview)
  if (known !== undefined) return known
  const found = preview.sections.reduce((sum, section) => sum + Number(section.left_out === null), 0)
  counts.set(preview, found)
  return found
}

/** One line for everything that came in. */
export function addSentence(previews: readonly AddPreview[], reading: readonly string[], refused: number): string {
  if (reading.length > 0)
    return reading.length === 1 ? `Reading ${reading[0]}…` : `Reading ${counted(reading.length, 'file')}…`
  const chars = previews.reduce((sum, one) => sum + one.coverage.chapter_chars, 0)
  const found = previews.reduce((sum, one) => sum + chapters(one), 0)
  return [
    previews.length > 0 ? `${counted(found, 'chapter')} with ${count(chars)} characters were found.` : '',
    refused > 0 ? `${counted(refused, 'file')} cannot be added.` : '',
    previews.length > 0 ? 'Nothing is stored until you say so.' : '',
  ]
    .filter(Boolean)
    .join(' ')
}

/** `100 % of 2,435,062 characters: 99.2 % in 364 chapters, the rest left out by name`. */
export function coverageSentence(preview: AddPreview): string {
  const { coverage } = preview
  const out = coverage.left_out.reduce((sum, part) => sum + part.chars, 0)
  const accounted = coverage.chapter_chars + out
  const whole = `${percent(accounted, coverage.source_chars)} of ${count(coverage.source_chars)} characters accounted for`
  if (coverage.left_out.length === 0) return `${whole}: all in ${counted(chapters(preview), 'chapter')}.`
  return `${whole}: ${percent(coverage.chapter_chars, coverage.source_chars)} in ${counted(chapters(preview), 'chapter')}, the rest in ${counted(coverage.left_out.length, 'part')} left out.`
}

/** `about 38 min, 33 to 45 min`; says so when nothing is known. */
export function timeSentence(estimate: Estimate): string {
  if (!estimate.time) return 'Time not known yet'
  return `about ${duration(estimate.time.likely_s)}, ${range(estimate.time)}`
}

export function workSentence(estimate: Estimate): string {
  if (estimate.provider === 'built_in') return 'by the built-in summariser, without a model'
  return `${counted(estimate.calls, 'call')} to ${estimate.model || 'the model'} · ${rough(estimate.tokens_in)} tokens in, ${rough(estimate.tokens_out)} out`
}

/** What several books would take together; what is not known of some of them is said. */
export function totalSentence(estimates: readonly Estimate[]): string {
  const sum = (of: (one: Estimate) => number) => estimates.reduce((all, one) => all + of(one), 0)
  const timed = estimates.flatMap((one) => (one.time ? [one.time] : []))
  const time: Remaining = {
    low_s: timed.reduce((all, one) => all + one.low_s, 0),
    likely_s: timed.reduce((all, one) => all + one.likely_s, 0),
    high_s: timed.reduce((all, one) => all + one.high_s, 0),
  }
  const models = sum((one) => (one.provider === 'built_in' ? 0 : one.calls))
  const work = models > 0 ? `${counted(models, 'call')}, ${rough(sum((one) => one.tokens_in))} tokens in` : ''
  const known = timed.length < estimates.length ? ` for ${count(timed.length)} of them` : ''
  const takes = timed.length > 0 ? `about ${duration(time.likely_s)}, ${range(time)}${known}` : 'time not known yet'
  return `${counted(estimates.length, 'book')} together: ${[takes, work].filter(Boolean).join(' · ')}`
}

/** How sure the chapters are, with the reason; nothing where the method alone says it. */
export function certaintySentence({ sureness, reason }: Certainty): string {
  return sureness === 'unsure' ? `Not sure: ${reason}` : reason
}

/** `A newer version of “Worm”: 3 chapters new, 1 changed, 385 the same.` */
export function grownSentence(grown: Grown): string {
  const parts = [
    `${counted(grown.new, 'chapter')} new`,
    grown.changed > 0 ? `${count(grown.changed)} changed` : '',
    `${count(grown.same)} the same`,
  ]
  return `A newer version of “${grown.title}”: ${parts.filter(Boolean).join(', ')}.`
}

export const kinshipWords: Record<Kinship, string> = { same: '', changed: 'changed', new: 'new' }
