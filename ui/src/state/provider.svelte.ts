/** Who writes the summaries, and models being fetched. */
import { host } from '../host'
import type { ProviderStatus, PullProgress } from '../wire/types'
import { attempt, tell } from './notices.svelte'

let status = $state.raw<ProviderStatus | null>(null)
let pulling = $state.raw<PullProgress | null>(null)
let looking = $state(false)

export const providerStatus = () => status
export const pullProgress = () => pulling
export const isLooking = () => looking

export function takeProvider(given: ProviderStatus): void {
  status = given
}

/** Looks again for servers and models. */
export async function look(): Promise<void> {
  looking = true
  await attempt(async () => (status = await host().call('provider', {})))
  looking = false
}

/** The host answers when the model is there or the pull has failed; progress comes by the feed. */
export async function pull(model: string): Promise<void> {
  pulling = { model, status: 'asking the server', completed: 0, total: 0, done: false, error: null }
  const went = await attempt(() => host().call('pull', { model }))
  if (!went) pulling = null
}

export async function cancelPull(): Promise<void> {
  await attempt(() => host().call('cancel_pull', {}))
  pulling = null
}

export function takePull(progress: PullProgress): void {
  if (!progress.done && !progress.error) {
    pulling = progress
    return
  }
  pulling = null
  if (progress.error) {
    tell({
      tone: 'bad',
      text: `${progress.model} was not fetched: ${progress.error}`,
      hint: 'Try again; what was fetched is kept by the server.',
    })
  } else {
    tell({ text: `${progress.model} is ready.` })
    void look()
  }
}
