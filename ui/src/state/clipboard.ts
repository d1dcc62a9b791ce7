/** Copying, with a word about how it went. */
import { tell } from './notices.svelte'

export async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    tell({ text: 'Copied.' })
  } catch {
    tell({ tone: 'bad', text: 'The clipboard could not be reached.', hint: 'Select the text and press Ctrl+C.' })
  }
}
