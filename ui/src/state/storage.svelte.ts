/** What the library takes of the disk, and cleaning it. */
import { host } from '../host'
import type { DiskUse } from '../wire/types'
import { bytes } from '../words/numbers'
import { attempt, tell } from './notices.svelte'

let storage = $state.raw<DiskUse | null>(null)
let cleaning = $state(false)

export const storageNow = () => storage
export const isCleaning = () => cleaning

export async function loadStorage(): Promise<void> {
  await attempt(async () => (storage = await host().call('storage', {})))
}

/** Gives what is unused back to the disk; with `putAside` also deletes damaged libraries that were put aside. */
export async function clean(putAside: boolean): Promise<void> {
  const size = (of: DiskUse) => of.library + of.aside.reduce((sum, one) => sum + one.bytes, 0)
  cleaning = true
  await attempt(async () => {
    const before = storage
    storage = await host().call('clean', { put_aside: putAside })
    const given = before === null ? 0 : size(before) - size(storage)
    tell({ text: given > 0 ? `${bytes(given)} were given back to the disk.` : 'There was nothing to give back.' })
  })
  cleaning = false
}
