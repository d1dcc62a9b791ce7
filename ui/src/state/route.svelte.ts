/** Which screen is shown, kept in the address's hash so that back, forward and reload work. */
import type { BookId, JobId, SectionId } from '../wire/types'

export type Route =
  | { screen: 'library' }
  | { screen: 'board'; job: JobId | null }
  | { screen: 'book'; book: BookId; section: SectionId | null }
  | { screen: 'search' }
  | { screen: 'settings' }

export function parseRoute(hash: string): Route {
  const [screen, first, second] = hash.replace(/^#?\/?/, '').split('/')
  const id = (text: string | undefined) => (text && /^\d+$/.test(text) ? Number(text) : null)
  const book = id(first)
  if (screen === 'board') return { screen, job: id(first) }
  if (screen === 'book' && book !== null) return { screen, book, section: id(second) }
  if (screen === 'search' || screen === 'settings') return { screen }
  return { screen: 'library' }
}

export function address(to: Route): string {
  if (to.screen === 'board') return to.job === null ? '#/board' : `#/board/${to.job}`
  if (to.screen === 'book') return to.section === null ? `#/book/${to.book}` : `#/book/${to.book}/${to.section}`
  return `#/${to.screen}`
}

let current = $state<Route>(parseRoute(location.hash))

export function route(): Route {
  return current
}

export function go(to: Route): void {
  current = to
  if (location.hash !== address(to)) location.hash = address(to)
}

/** Follows back and forward; returns how to stop. */
export function followAddress(): () => void {
  const follow = () => (current = parseRoute(location.hash))
  follow()
  addEventListener('hashchange', follow)
  return () => removeEventListener('hashchange', follow)
}
