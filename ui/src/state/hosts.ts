/** The servers calls go to, as the board tells of them. Pure. */
import type { HostVitals, Vitals } from '../wire/types'
import { count } from '../words/numbers'

/** The servers worth a line of their own: several, or one that is not well. One that is well is in the vital signs. */
export function hostsShown({ hosts }: Vitals): HostVitals[] {
  return hosts.length > 1 || hosts.some((host) => host.state !== 'ready') ? hosts : []
}

/** Whether the best number of calls at a time is still being looked for anywhere. */
export function isSeeking({ hosts }: Vitals): boolean {
  return hosts.some((host) => host.seeking && host.state === 'ready')
}

export const hostWords: Record<HostVitals['state'], string> = {
  ready: 'Ready',
  trial: 'On trial',
  open: 'Left alone',
}

/** What the state means for the work, when it is not simply ready. */
export const hostMeaning: Record<HostVitals['state'], string> = {
  ready: '',
  trial: 'a few calls show whether it is well again',
  open: 'no call is sent; it is looked at every now and then',
}

/** `3 of 6 in flight`, and how many the server really works on where that is known to be fewer. */
export function inFlight({ in_flight, slots }: HostVitals): string {
  const sent = `${count(in_flight.value)} of ${count(in_flight.bound)} in flight`
  return slots !== null && slots < in_flight.bound ? `${sent}, ${count(slots)} worked on` : sent
}

/** An address without what every address has; other names as they are. */
export function hostName({ name }: HostVitals): string {
  return name.replace(/^https?:\/\//, '')
}
