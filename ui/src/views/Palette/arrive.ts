/** Where the focus goes when keys led to another place, so that the next key press means that place. */
import { tick } from 'svelte'

import { go } from '../../state/route.svelte'
import type { Route } from '../../state/route.svelte'

/** Frames a screen may take until what is looked for is drawn. */
const PATIENCE = 20

const drawn = () => new Promise(requestAnimationFrame)

async function find(css: string): Promise<HTMLElement | null> {
  for (let left = PATIENCE; left > 0; left -= 1) {
    await tick()
    const found = document.querySelector<HTMLElement>(css)
    if (found) return found
    await drawn()
  }
  return null
}

/** Goes to a screen; the focus is on the whole of it. */
export async function goAndFocus(to: Route): Promise<void> {
  go(to)
  await tick()
  const screen = await find('main')
  if (!screen) return
  screen.tabIndex = -1
  screen.focus({ preventScroll: true })
}

/** Puts the focus on the search of the screen that is shown, else on the library's. */
export async function goToSearch(): Promise<void> {
  if (!document.querySelector('main [data-find]')) go({ screen: 'library' })
  const field = await find('main [data-find]')
  field?.focus()
  if (field instanceof HTMLInputElement) field.select()
}

/** Shows the search over everything with the focus in its field. */
export async function goToEverything(): Promise<void> {
  go({ screen: 'search' })
  const field = await find('[data-testid="search-field"]')
  field?.focus()
  if (field instanceof HTMLInputElement) field.select()
}

/** Shows a setting in its place, ready to be changed. */
export async function goToSetting(key: string): Promise<void> {
  go({ screen: 'settings' })
  const row = (await find(`[data-key="${key}"]`)) ?? (await find('main'))
  if (!row) return
  row.closest('details')?.setAttribute('open', '')
  await tick()
  row.scrollIntoView({ block: 'center' })
  row.querySelector<HTMLElement>('select:enabled, input:enabled, button')?.focus({ preventScroll: true })
}
