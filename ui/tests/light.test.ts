import { cleanup, render, screen, waitFor } from '@testing-library/svelte'
import { afterEach, describe, expect, it } from 'vitest'

import App from '../src/App.svelte'
import { use } from '../src/host'
import { fakeHost } from '../src/host/fake'
import { scenario } from '../src/host/fake/scenarios'
import { found, notFound } from '../src/host/fake/settings'
import { lightOf, lightWords } from '../src/state/light'
import { go } from '../src/state/route.svelte'
import { takeSettings } from '../src/state/settings.svelte'
import type { ProviderStatus } from '../src/wire/types'

const dead: ProviderStatus = {
  ...found,
  server: 'not_found',
  version: null,
  models: [],
  sentence: 'Ollama does not answer at http://127.0.0.1:11434.',
}

describe('the light of who writes', () => {
  it.each([
    ['good', found, 'auto', 'llama3.1:8b'],
    ['bad', dead, 'ollama', 'does not answer'],
    ['bad', { ...dead, server: 'no_model' }, 'ollama', 'Ollama has no model'],
    ['bad', { ...found, model: null }, 'ollama', 'no model chosen'],
    ['bad', { ...dead, using: 'openai', server: 'not_ollama' }, 'openai', 'not such a server'],
    ['stand_in', notFound, 'auto', 'Ollama does not answer'],
    ['chosen', { ...found, using: 'built_in' }, 'built-in', 'as chosen in the settings'],
  ] as [string, ProviderStatus, string, string][])('is %s where it should be', (light, status, choice, words) => {
    expect(lightOf(status, choice)).toBe(light)
    expect(lightWords(status, lightOf(status, choice))).toBe(words)
  })

  it('is unknown before anything was found', () => expect(lightOf(null, 'auto')).toBe('unknown'))
})

describe('a server that was chosen and does not answer', () => {
  afterEach(() => {
    cleanup()
    takeSettings([])
  })

  it('is shown as such in the rail and in the settings', async () => {
    localStorage.clear()
    use(fakeHost({ ...scenario('library'), provider: dead }))
    go({ screen: 'settings' })
    render(App)
    await waitFor(() => expect(screen.getByTestId('provider-light').dataset.light).toBe('bad'))
    expect(screen.getByTestId('provider-light').textContent).toContain('does not answer')
    expect((await screen.findByTestId('provider-sentence')).className).toContain('bad')
  })
})
