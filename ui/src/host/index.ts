/**
 * What the window may ask of its host, whatever that is: the Tauri shell, the browser host, or in development an invented
 * one.
 * Only `state/` may call this; components go through the stores.
 */
import type { Commands } from '../wire/commands'
import type { FeedMessage, WireError } from '../wire/types'

export type Unlisten = () => void

/** A file drag over the window, told by the host because a web page never sees real paths. */
export interface FileHandlers {
  enter(paths: string[]): void
  leave(): void
  drop(paths: string[]): void
  /** What was dropped could not be taken. */
  refuse(error: unknown): void
}

export interface FileFilter {
  name: string
  extensions: string[]
}

export interface Host {
  /** Rejects with a {@link WireError}, always. */
  call<K extends keyof Commands>(command: K, args: Commands[K]['args']): Promise<Commands[K]['reply']>
  feed(on: (message: FeedMessage) => void): Promise<Unlisten>
  onFiles(handlers: FileHandlers): Promise<Unlisten>
  /** Where to write; `null` when the person changed their mind. */
  saveDialog(ask: { suggested: string; filters: FileFilter[] }): Promise<string | null>
  openDialog(): Promise<string[] | null>
  /** A folder of this machine; absent where the host has no folders to choose from. */
  openFolder?(): Promise<string | null>
  openUrl(url: string): Promise<void>
  /** Hands over a file that was written at a path of {@link Host.saveDialog}; where it lies, in words. */
  deliver(path: string): Promise<string>
  /** Tells that the person is being asked about closing; absent where closing a page asks nothing. */
  asks?(): Promise<void>
  /** Hides the window while the program goes on, and ends the program; absent where closing a page does neither. */
  hide?(): Promise<void>
  quit?(): Promise<void>
  /** Shows a file or folder in the system's file manager; absent where the host has none. */
  reveal?(path: string): Promise<void>
}

let chosen: Host | undefined

/** The connected host. Calling it before {@link connect} is a mistake in this program. */
export function host(): Host {
  if (!chosen) throw new Error('the host is asked before it is connected')
  return chosen
}

/** Puts a host in place; tests give the invented one. */
export function use(given: Host): void {
  chosen = given
}

/** Finds the host this page runs in. The invented one is never part of a production bundle. */
export async function connect(): Promise<void> {
  if (chosen) return
  if ('__TAURI_INTERNALS__' in globalThis) {
    use((await import('./tauri')).tauri)
    return
  }
  if (import.meta.env.DEV || import.meta.env.VITE_FAKE === '1') {
    use((await import('./fake')).fromAddress())
    return
  }
  const { browser, isServed } = await import('./browser')
  if (!(await isServed())) throw new Error('this page needs the Epitome window')
  use(browser)
}

/** Any thrown thing as the error a person can read. */
export function wireError(thrown: unknown): WireError {
  if (typeof thrown === 'object' && thrown !== null && 'code' in thrown && 'message' in thrown) {
    const error = thrown as WireError
    return { code: error.code, message: error.message, hint: error.hint ?? '' }
  }
  return {
    code: 'internal',
    message: `The program did not answer as expected: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
    hint: 'Close the window and start Epitome again; finished work is kept.',
  }
}
