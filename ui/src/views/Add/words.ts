/** Sentences of the add preview. Pure. */
import type { AddPreview, Certainty, Estimate, Grown, Kinship } from '../../wire/types'
import { count, counted, duration, percent, range, rough } from '../../words/numbers'

/** One line for everything that came in. */
export function addSentence(previews: readonly AddPreview[], reading: readonly string[], refused: number): string {
  if (reading.length > 0)
    return reading.length === 1 ? `Reading ${reading[0]}…` : `Reading ${counted(reading.length, 'file')}…`
  const chapters = previews.reduce((sum, one) => sum + one.coverage.chapter_chars, 0)
  const found = previews.reduce(
    (sum, one) => sum + one.sections.filter((section) => section.left_out === null).length,
    0,
  )
  return [
    previews.length > 0 ? `${counted(found, 'chapter')} with ${count(chapters)} characters were found.` : '',
    refused > 0 ? `${counted(refused, 'file')} cannot be added.` : '',
    previews.length > 0 ? 'Nothing is stored until you say so.' : '',
  ]
    .filter(Boolean)
    .join(' ')
}

/** `100 % of 2,435,062 characters: 99.2 % in 364 chapters, the rest left out by name`. */
export function coverageSentence(preview: AddPreview): string {
  const { coverage, sections } = preview
  const chapters = sections.filter((section) => section.left_out === null).length
  const out = coverage.left_out.reduce((sum, part) => sum + part.chars, 0)
  const accounted = coverage.chapter_chars + out
  const whole = `${percent(accounted, coverage.source_chars)} of ${count(coverage.source_chars)} characters accounted for`
  if (coverage.left_out.length === 0) return `${whole}: all in ${counted(chapters, 'chapter')}.`
  return `${whole}: ${percent(coverage.chapter_chars, coverage.source_chars)} in ${counted(chapters, 'chapter')}, the rest in ${counted(coverage.left_out.length, 'part')} left out.`
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
