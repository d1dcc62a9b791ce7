import { cleanup, render, screen, waitFor } from '@testing-library/svelte'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import App from '../src/App.svelte'
import { use } from '../src/host'
import { fakeHost } from '../src/host/fake'
import { scenario } from '../src/host/fake/scenarios'
import { keep, kept, keptJson, recall } from '../src/state/kept.svelte'
import { go } from '../src/state/route.svelte'
import { applyTheme } from '../src/state/theme.svelte'

beforeEach(() => localStorage.clear())
afterEach(() => {
  cleanup()
  applyTheme('system')
})

describe('what a screen remembers', () => {
  it('is told to the program once, and is there at once', () => {
    const host = fakeHost(scenario('library'))
    use(host)
    keep('once', '{}')
    keep('once', '{}')
    expect(kept('once')).toBe('{}')
    expect(host.calls).toEqual([{ command: 'remember', args: { name: 'once', value: '{}' } }])
  })

  it('comes back from the program where the page itself has forgotten', async () => {
    use(fakeHost({ ...scenario('library'), remembered: { theme: 'dark', shelf: '{"order":"title","filter":"done"}' } }))
    go({ screen: 'library' })
    render(App)
    await waitFor(() => expect(document.documentElement.dataset.theme).toBe('dark'))
    await waitFor(() => expect((screen.getByTestId('shelf-order') as HTMLSelectElement).value).toBe('title'))
    expect((screen.getByTestId('filter-done') as HTMLInputElement).checked).toBe(true)
  })

  it('is not overtaken by what the program kept before', async () => {
    use(fakeHost({ ...scenario('library'), remembered: { late: 'old', other: 'kept' } }))
    keep('late', 'new')
    await recall()
    expect(kept('late')).toBe('new')
    expect(kept('other')).toBe('kept')
  })

  it('counts as nothing where it is spoiled', () => {
    localStorage.setItem('epitome.spoiled', '{"order":')
    expect(keptJson('spoiled')).toBeNull()
  })
})
