/** Starting up: ask for what every screen needs, then follow the feed. */
import { host, wireError } from '../host'
import type { FeedMessage, WireError } from '../wire/types'
import { hover, offer } from './adding.svelte'
import { loadAlerts } from './alerts.svelte'
import { boardFrame, reloadBoard } from './board.svelte'
import { bookFrame, refreshBook } from './book.svelte'
import { recall } from './kept.svelte'
import { askHowToLeave } from './leaving.svelte'
import { libraryFrame, loadLibrary, refreshLibrary } from './library.svelte'
import { attempt, tell } from './notices.svelte'
import { look, takeProvider, takePull } from './provider.svelte'
import { followAddress } from './route.svelte'
import { refreshSearch } from './search.svelte'
import { loadSettings, takeSettings } from './settings.svelte'
import { applyTheme } from './theme.svelte'

let fatal = $state.raw<WireError | null>(null)
let started = $state(false)
let now = $state(Date.now())

/** Why nothing can be shown, where that is so. */
export const fatalError = () => fatal
export const isStarted = () => started
/** The present time, renewed every half minute for relative times. */
export const clock = () => now

/** Several changes in a row are asked for once. */
const TOGETHER_MS = 150

let asking: ReturnType<typeof setTimeout> | undefined

function askSoon(): void {
  asking ??= setTimeout(() => {
    asking = undefined
    refreshLibrary()
    reloadBoard()
    refreshBook()
    refreshSearch()
  }, TOGETHER_MS)
}

/** What was dropped could not be taken. */
function refuse(thrown: unknown): void {
  const error = wireError(thrown)
  tell({ tone: 'bad', text: error.message, hint: error.hint })
}

/** Hands a message of the feed to whom it concerns. */
export function take(message: FeedMessage): void {
  switch (message.kind) {
    case 'frames':
      for (const frame of message.frames) {
        boardFrame(frame)
        libraryFrame(frame)
        bookFrame(frame)
      }
      break
    case 'changed':
      askSoon()
      break
    case 'provider':
      takeProvider(message.status)
      break
    case 'pull':
      takePull(message.progress)
      break
    case 'settings':
      takeSettings(message.rows)
      break
    case 'notice':
      tell({ tone: 'bad', text: message.text })
      break
    case 'closing':
      askHowToLeave(message.books)
      break
    case 'open':
      void offer(message.paths)
      break
  }
}

/** Asks for the first state; a refusal here means the program cannot work and the window says why. */
export async function begin(): Promise<void> {
  try {
    await loadLibrary()
    fatal = null
  } catch (thrown) {
    fatal = wireError(thrown)
    return
  } finally {
    started = true
  }
  void attempt(() => recall().then(() => applyTheme()))
  void attempt(loadSettings)
  void attempt(loadAlerts)
  void look()
}

/** A page that was out of sight, or on a sleeping machine, may have missed what the feed said; returns how to stop. */
function followSight(): () => void {
  const seen = () => document.visibilityState === 'visible' && askSoon()
  document.addEventListener('visibilitychange', seen)
  return () => document.removeEventListener('visibilitychange', seen)
}

/** Follows the host for as long as the window lives, and begins once nothing it says can be missed; returns how to stop. */
export function follow(): () => void {
  const stops: (() => void)[] = [followAddress(), followSight()]
  const clockTimer = setInterval(() => (now = Date.now()), 30_000)
  stops.push(() => clearInterval(clockTimer))
  let over = false
  const keep = (stop: () => void) => (over ? stop() : stops.push(stop))
  const listen = async () => {
    keep(await host().feed(take))
    keep(await host().onFiles({ enter: hover, leave: () => hover(null), drop: (paths) => void offer(paths), refuse }))
  }
  void attempt(listen).then(begin)
  return () => {
    over = true
    stops.forEach((stop) => stop())
  }
}
