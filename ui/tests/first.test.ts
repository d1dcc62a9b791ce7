import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/svelte'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import App from '../src/App.svelte'
import { use } from '../src/host'
import { named, type FakeHost } from '../src/host/fake'
import { cancel } from '../src/state/adding.svelte'
import { adviceLines, firstAdvice, systemOf } from '../src/state/advice'
import { dismiss, notices } from '../src/state/notices.svelte'
import { go, parseRoute } from '../src/state/route.svelte'
import { defaultWords, loadSettings, row, set } from '../src/state/settings.svelte'
import { totalSentence } from '../src/views/Add/words'
import type { Estimate } from '../src/wire/types'

let fake: FakeHost

async function open(scenario: string, hash: string): Promise<void> {
  fake = named(scenario)
  use(fake)
  go(parseRoute(hash))
  render(App)
  await waitFor(() => expect(fake.calls.length).toBeGreaterThan(0))
}

const patient = { timeout: 10_000 }

beforeEach(() => localStorage.clear())
afterEach(() => {
  cleanup()
  cancel()
  for (const { id } of notices()) dismiss(id)
})

describe('the first start', () => {
  it('leads to where Ollama is got, from the library and from the settings', async () => {
    await open('empty', '#/library')
    await fireEvent.click(await screen.findByTestId('get-ollama', {}, patient))
    await waitFor(() => expect(fake.opened).toEqual(['https://ollama.com/download']))
    go({ screen: 'settings' })
    const writers = await screen.findByRole('region', { name: 'Who writes the summaries' }, patient)
    await fireEvent.click(await within(writers).findByRole('button', { name: 'Get Ollama' }))
    await waitFor(() => expect(fake.opened).toHaveLength(2))
  })

  it('says how Ollama works on several chapters at once, until that is put away', async () => {
    await open('ready', '#/library')
    const advice = await screen.findByTestId('advice', {}, patient)
    expect(advice.textContent).toContain('one call at a time unless told otherwise')
    expect(advice.textContent).toContain('OLLAMA_NUM_PARALLEL=4')
    await fireEvent.click(within(advice).getByRole('button', { name: 'Put this advice away' }))
    await waitFor(() => expect(screen.queryByTestId('advice')).toBeNull())
  })

  it('gives the exact setting of this system, and of all of them where that is not known', () => {
    expect([systemOf('Linux x86_64'), systemOf('MacIntel'), systemOf('Win32')]).toEqual(['linux', 'mac', 'windows'])
    const exact = (system: Parameters<typeof firstAdvice>[0]) =>
      adviceLines(firstAdvice(system)).flatMap((line) => line.filter((part) => part.exact).map((part) => part.text))
    expect(exact('windows')).toEqual(['OLLAMA_NUM_PARALLEL=4', 'setx OLLAMA_NUM_PARALLEL 4'])
    expect(exact('mac')).toContain('launchctl setenv OLLAMA_NUM_PARALLEL 4')
    expect(exact('linux')).toContain('Environment="OLLAMA_NUM_PARALLEL=4"')
    expect(adviceLines(firstAdvice(null))).toHaveLength(4)
  })
})

describe('several books that are offered', () => {
  const estimate = (change: Partial<Estimate>): Estimate => ({
    calls: 100,
    tokens_in: 200_000,
    tokens_out: 20_000,
    time: { low_s: 600, likely_s: 1200, high_s: 1800 },
    basis: '',
    provider: 'ollama',
    model: 'm',
    ...change,
  })

  it('are told what they take together', () => {
    expect(totalSentence([estimate({}), estimate({})])).toBe(
      '2 books together: about 40 min, 20 to 60 min · 200 calls, 400 k tokens in',
    )
    expect(totalSentence([estimate({}), estimate({ time: null })])).toContain('10 to 30 min for 1 of them')
    expect(totalSentence([estimate({ time: null }), estimate({ time: null })])).toContain('time not known yet')
    expect(totalSentence([estimate({ provider: 'built_in' })])).not.toContain('call')
  })

  it('show that total below them, and their coverage apart from the list that scrolls', async () => {
    await open('preview', '#/library')
    expect((await screen.findByTestId('preview-total', {}, patient)).textContent).toMatch(/^\d books together: about/)
    expect(screen.getByTestId('preview-coverage').textContent).toContain('characters accounted for')
  })
})

describe('a value that nobody chose', () => {
  it('names the profile where profiles differ', async () => {
    fake = named('library')
    use(fake)
    await loadSettings()
    const words = (key: string) => {
      const found = row(key)
      return found && defaultWords(found)
    }
    expect(words('chunk.size')).toBe('from the profile auto')
    expect(words('window.close')).toBe('default')
    await set('profile', 'track1')
    expect(words('llm.permit')).toBe('from the profile track1')
    expect(words('llm.attempts')).toBe('default')
  })
})

describe('the data folder', () => {
  it('is opened, not shown in its parent', async () => {
    await open('library', '#/settings')
    await fireEvent.click(await screen.findByTestId('open-data', {}, patient))
    await waitFor(() => expect(fake.revealed).toEqual(['/home/reader/.local/share/epitome/logs']))
  })
})

describe('the source beside a summary', () => {
  const original = window.matchMedia
  afterEach(() => Object.assign(window, { matchMedia: original }))

  it('folds when the window becomes narrow, and comes back with the room', async () => {
    let wide = true
    const changes = new EventTarget()
    const media = (query: string) => ({
      media: query,
      get matches() {
        return query.includes('1180px') && wide
      },
      addEventListener: changes.addEventListener.bind(changes),
      removeEventListener: changes.removeEventListener.bind(changes),
    })
    Object.assign(window, { matchMedia: media })
    await open('book', '#/book/3/300003')
    await screen.findByTestId('chapter-source', {}, patient)
    wide = false
    changes.dispatchEvent(new Event('change'))
    await waitFor(() => expect(screen.queryByTestId('chapter-source')).toBeNull())
    await fireEvent.click(screen.getByTestId('toggle-source'))
    expect(await screen.findByTestId('chapter-source')).toBeTruthy()
    wide = true
    changes.dispatchEvent(new Event('change'))
    expect(await screen.findByTestId('chapter-source')).toBeTruthy()
  })
})
