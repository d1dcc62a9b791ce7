/** How well the writer of the summaries is, as the light of the rail and the settings show it. Pure. */
import type { ProviderStatus } from '../wire/types'

/**
 * `good`: it answers and has a model. `chosen`: the built-in summariser, because the person wants it. `stand_in`: the
 * built-in summariser, because the server cannot. `bad`: the server that was chosen cannot, and nobody stands in.
 */
export type Light = 'unknown' | 'good' | 'chosen' | 'stand_in' | 'bad'

/** The value of the setting `provider.choice` for the built-in summariser. */
const BUILT_IN = 'built-in'

/** `choice` is the value of the setting `provider.choice`, where it is known. */
export function lightOf(status: ProviderStatus | null, choice: string | undefined): Light {
  if (!status) return 'unknown'
  if (status.using === 'built_in') return choice === BUILT_IN ? 'chosen' : 'stand_in'
  return status.server === 'ready' && status.model !== null ? 'good' : 'bad'
}

/** What the light means, in a few words beside the name of who writes; the sentence of the status says all of it. */
export function lightWords(status: ProviderStatus, light: Light): string {
  if (light === 'chosen') return 'as chosen in the settings'
  switch (status.server) {
    case 'ready':
      return status.model ?? 'no model chosen'
    case 'no_model':
      return status.using === 'openai' ? 'cannot write yet' : 'Ollama has no model'
    case 'not_ollama':
      return status.using === 'openai' ? 'not such a server' : 'the address is not an Ollama'
    case 'not_found':
      return light === 'bad' ? 'does not answer' : 'Ollama does not answer'
  }
}

export const lightTones = {
  unknown: 'info',
  good: 'good',
  chosen: 'info',
  stand_in: 'warning',
  bad: 'bad',
} as const satisfies Record<Light, string>
