/** Closing the window while books are worked on: what is to become of the work. */
import { host } from '../host'
import { attempt } from './notices.svelte'
import { set } from './settings.svelte'

/** What closing leads to; values of the setting `window.close`. */
export type Leave = 'keep working' | 'quit'

let books = $state(0)

/** Books at work when the person wished to close the window; 0 while nothing is asked. */
export const booksLeft = () => books

export function askHowToLeave(atWork: number): void {
  books = atWork
  // Else the next wish to close within a few seconds would be granted, as for a page that hangs.
  void attempt(async () => host().asks?.())
}

export function stay(): void {
  books = 0
}

/** Leaves as chosen; `always` keeps the choice for the next time. */
export async function leave(how: Leave, always: boolean): Promise<void> {
  if (always) await set('window.close', how)
  books = 0
  await attempt(async () => (how === 'quit' ? host().quit?.() : host().hide?.()))
}
