/** Invented titles, summaries and sources. */
import type { ProviderKind } from '../../wire/types'
import { chance } from './chance'

const titles = [
  'An evening in July',
  'The salon assembles',
  'The spindles hum',
  'A mother’s errand',
  'A dispute at Anna Pávlovna’s',
  'Two friends at night',
  'The name day',
  'The children burst in',
  'What the ledger said of the winter of 1811, and who was not in it',
  'A letter that nobody had sent',
]

const previews = [
  'Anna Pávlovna receives Prince Vasíli and speaks of war; they arrange a marriage over small talk.',
  'The little princess arrives with her work-bag, Pierre with his manners; the hostess watches her spindles.',
  'The vicomte tells his story of the duc d’Enghien; Pierre and the abbé break the rules of the room.',
  'Princess Drubetskáya obtains a place in the Guards for her son Borís from Prince Vasíli.',
  'Pierre defends Napoleon before a royalist salon and is saved from his own candour by Prince Andréy.',
  'Prince Andréy warns Pierre never to marry; Pierre promises to give up Kurágin’s company.',
]

const sentences = [
  'At the end of the soirée the conversation turns to the execution of the duc d’Enghien.',
  'The vicomte de Mortemart calls Bonaparte a usurper; Pierre, the awkward natural son of a dying count, answers that the execution was a political necessity.',
  'The salon is scandalised, and the little princess is frightened by the word regicide.',
  'Prince Andréy, amused, comes to his friend’s aid by separating the acts of a private person from those of a general.',
  'Hippolyte closes the quarrel with a pointless anecdote, told badly and in Russian, and the guests go home relieved.',
  'On the stairs nobody speaks of what was said, which is how everyone knows that it will be repeated by morning.',
]

const speech = [
  '“And what do you think of this latest comedy, the coronation at Milan?” asked Anna Pávlovna, “and of the comedy of the people of Genoa and Lucca laying their petitions before Monsieur Buonaparte…”',
  'Prince Andréy looked Anna Pávlovna straight in the face with a sarcastic smile.',
  '“The execution of the duc d’Enghien,” declared Monsieur Pierre, “was a political necessity, and it seems to me that Napoleon showed greatness of soul by not fearing to take on himself the whole responsibility of that deed.”',
  '“Dieu! Mon Dieu!” muttered Anna Pávlovna in a terrified whisper.',
  '“What, Monsieur Pierre… Do you consider that assassination shows greatness of soul?” said the little princess, smiling and drawing her work nearer to her.',
]

const pick = <T>(from: readonly T[], n: number): T => from[n % from.length] as T

export const chapterTitle = (n: number) => pick(titles, n - 1)
export const chapterPreview = (n: number) => pick(previews, n - 1)

/** Two or three paragraphs; that of the second chapter tries to be a page of its own, which must show as plain text. */
export function summary(n: number): string {
  if (n === 2)
    return (
      'A summary that says <script>alert(1)</script> and <img src=x onerror=alert(2)> is still text.\n\n' +
      sentences.join(' ')
    )
  // As models write that were asked for plain paragraphs.
  if (n === 3)
    return `## What happens\n\n${sentences[0]} **Pierre** answers, and *nobody* listens.\n\n- ${sentences[1]}\n- ${sentences[2]}\n\n${sentences[3]}`
  const random = chance(n * 7919)
  const parts = 2 + Math.floor(random() * 2)
  return Array.from({ length: parts }, (_, i) =>
    Array.from({ length: 2 + Math.floor(random() * 3) }, (_, j) => pick(sentences, n + i * 3 + j)).join(' '),
  ).join('\n\n')
}

export function source(n: number): string {
  return Array.from({ length: 24 }, (_, i) => pick(speech, n + i)).join('\n\n')
}

export const synopsis =
  'Five families pass through the fifteen years in which Russia learns what Napoleon is. In the salons of Petersburg the war is a subject; in the fields before Smolénsk it is weather, hunger and noise.\n\nPierre Bezúkhov inherits a fortune and spends it looking for a rule to live by. Prince Andréy looks for glory, finds the sky over Austerlitz, and comes home to a house that has changed. Natásha Rostóva grows up in the middle of it, makes one great mistake, and is forgiven by the man it hurt most.\n\nMoscow burns, the army that took it leaves, and those who are left find that they have become a family.'

export const written = (provider: ProviderKind) => (provider === 'ollama' ? 'llama3.1:8b' : 'built-in')
