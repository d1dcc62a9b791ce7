import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/svelte'
import axe from 'axe-core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import App from '../src/App.svelte'
import { use } from '../src/host'
import { named, type FakeHost } from '../src/host/fake'
import { cancel, offer } from '../src/state/adding.svelte'
import { notAgain } from '../src/state/again.svelte'
import { askWords, startOf, usual } from '../src/state/ask'
import { watch } from '../src/state/board.svelte'
import { dismiss, notices } from '../src/state/notices.svelte'
import { dropDraft } from '../src/state/prompts.svelte'
import { go, parseRoute } from '../src/state/route.svelte'
import { settingRows } from '../src/state/settings.svelte'
import type { StartJob } from '../src/wire/types'

let fake: FakeHost
const byId = (id: string) => screen.findByTestId(id)
const asked = (command: string) => fake.calls.filter((call) => call.command === command)
const lastStart = (command: string) => (asked(command).at(-1)?.args as { start: StartJob }).start

async function open(scenario: string, hash: string): Promise<void> {
  fake = named(scenario)
  use(fake)
  go(parseRoute(hash))
  render(App)
  await waitFor(() => expect(fake.calls.length).toBeGreaterThan(0))
}

async function choose(testid: string, value: string): Promise<void> {
  await fireEvent.change(await byId(testid), { target: { value } })
}

async function type(element: HTMLElement, value: string): Promise<void> {
  await fireEvent.input(element, { target: { value } })
}

/** Axe without contrast, which needs real colours; the window tests look at those. */
async function clean(): Promise<void> {
  const { violations } = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false } } })
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([])
}

beforeEach(() => localStorage.clear())
afterEach(() => {
  cleanup()
  cancel()
  watch(null)
  notAgain()
  for (const row of settingRows()) dropDraft(row)
  for (const { id } of notices()) dismiss(id)
})

describe('what a job is asked to run with', () => {
  it('holds only what differs from the settings', () => {
    expect(startOf(usual())).toEqual({ provider: null, model: null, settings: {} })
    const ask = { writer: 'ollama:qwen3:14b', language: 'de', profile: '', temperature: ' 0.7 ', style: 'Be short.' }
    expect(startOf(ask)).toEqual({
      provider: 'ollama',
      model: 'qwen3:14b',
      settings: { 'summary.language': 'de', 'llm.temperature': '0.7', 'prompt.style': 'Be short.' },
    })
    expect(askWords(ask)).toBe('qwen3:14b · German · temperature 0.7 · own words')
    const own = { ...usual(), writer: 'built_in', language: 'book' }
    expect(startOf(own)).toEqual({ provider: 'built_in', model: null, settings: { 'summary.language': '' } })
  })
})

describe('a book that is done', () => {
  it('is summarised again with other settings', async () => {
    await open('finished', '#/library')
    const card = await screen.findByRole('link', { name: /Ledger/ })
    await fireEvent.contextMenu(card)
    await fireEvent.click(await byId('again-book'))
    expect((await byId('again')).textContent).toContain('The Ledger of Small Hours')
    await waitFor(() => expect(document.querySelector('[role=menu]')).toBeNull())
    await clean()
    await choose('ask-writer', 'ollama:qwen3:14b')
    await choose('ask-language', 'fr')
    await fireEvent.click(await byId('again-start'))
    await waitFor(() => expect(asked('start')).toHaveLength(1))
    expect(lastStart('start')).toMatchObject({
      provider: 'ollama',
      model: 'qwen3:14b',
      sections: null,
      fresh: true,
      settings: { 'summary.language': 'fr' },
    })
    await waitFor(() => expect(screen.queryByTestId('again')).toBeNull())
  })

  it('has one chapter done again with other settings', async () => {
    await open('finished', '#/library')
    await screen.findByRole('link', { name: /Ledger/ })
    const book = 1
    const section = book * 100_000 + 3
    go({ screen: 'book', book, section })
    await byId('chapter-summary')
    const more = await byId('book-more')
    more.focus()
    await fireEvent.keyDown(more, { key: 'Enter' })
    await fireEvent.click(await byId('again-chapter'))
    await type(await byId('ask-style'), 'In verse.')
    await fireEvent.click(await byId('again-start'))
    await waitFor(() => expect(asked('start')).toHaveLength(1))
    expect(lastStart('start')).toMatchObject({ sections: [section], settings: { 'prompt.style': 'In verse.' } })
  })
})

describe('the settings of a start', () => {
  it('change what it would cost, and go with the books', async () => {
    await open('finished', '#/library')
    await screen.findByRole('link', { name: /Ledger/ })
    await offer(['/b/Emma.epub'])
    const estimate = await byId('preview-estimate')
    expect(estimate.textContent).toContain('llama3.1:8b')
    const panel = await byId('job-settings')
    expect(panel.textContent).toContain('as usual')
    await choose('ask-writer', 'ollama:qwen3:14b')
    await waitFor(() => expect(estimate.textContent).toContain('qwen3:14b'))
    expect(panel.textContent).toContain('qwen3:14b')
    await clean()
    await fireEvent.click(await byId('preview-start'))
    await waitFor(() => expect(asked('add')).toHaveLength(1))
    expect(lastStart('add')).toMatchObject({ provider: 'ollama', model: 'qwen3:14b', fresh: false })
    // The next books begin as usual again.
    await waitFor(() => expect(screen.queryByTestId('preview')).toBeNull())
    await offer(['/b/Persuasion.epub'])
    expect((await byId('job-settings')).textContent).toContain('as usual')
  })
})

describe('prompts', () => {
  const field = () => screen.findByLabelText('How to write', { selector: '#set-prompt\\.style' })

  it('are drafts until they are kept, with a way back', async () => {
    await open('finished', '#/settings')
    await type(await field(), 'Write as a sailor would.')
    expect(asked('set')).toHaveLength(0)
    const row = (await field()).closest<HTMLElement>('[data-testid="setting"]')!
    await fireEvent.click(within(row).getByRole('button', { name: 'Undo' }))
    expect(((await field()) as HTMLTextAreaElement).value).toContain('Write plain prose')
    await type(await field(), 'Write as a sailor would.')
    await fireEvent.click(await byId('keep-words'))
    await waitFor(() =>
      expect(asked('set')[0]?.args).toEqual({ key: 'prompt.style', value: 'Write as a sailor would.' }),
    )
    await fireEvent.click(await within(row).findByRole('button', { name: 'back to the usual ones' }))
    await waitFor(() => expect(asked('set')[1]?.args).toEqual({ key: 'prompt.style', value: '' }))
    expect(((await field()) as HTMLTextAreaElement).value).toContain('Write plain prose')
  })

  it('are tried on a chapter as they are typed, by showing and by asking', async () => {
    await open('finished', '#/settings')
    await type(await field(), 'Write as a sailor would.')
    await choose('try-book', '1')
    expect((await byId('sent')).textContent).toContain('Write as a sailor would.')
    expect(asked('try_words').at(-1)?.args).toMatchObject({ ask: false, words: { chapter: null } })
    await fireEvent.click(await byId('ask-model'))
    expect((await byId('trial-answer')).textContent).toContain('A ball and a war')
    expect(asked('set')).toHaveLength(0)
    await clean()
  })
})

describe('the data folder', () => {
  it('tells its size, is cleaned, and deletes what was put aside only when asked', async () => {
    await open('finished', '#/settings')
    const data = await byId('data-folder')
    await waitFor(() => expect(data.textContent).toContain('214 MB'))
    expect(data.textContent).toContain('32 MB of it is left by what was removed')
    expect(data.textContent).toContain('1 damaged library kept')
    await fireEvent.click(await byId('clean'))
    await waitFor(() => expect(asked('clean')[0]?.args).toEqual({ put_aside: false }))
    expect(await screen.findByText(/32 MB were given back/)).toBeTruthy()
    expect(((await byId('clean')) as HTMLButtonElement).disabled).toBe(true)
    await fireEvent.click(within(data).getByRole('button', { name: 'Delete for good' }))
    await waitFor(() => expect(data.textContent).not.toContain('damaged'))
  })

  it('of the inbox is chosen from the folders of this machine', async () => {
    await open('finished', '#/settings')
    const rows = await screen.findAllByTestId('setting')
    const inbox = rows.find((row) => row.dataset.key === 'inbox.folder')!
    await fireEvent.click(within(inbox).getByRole('button', { name: 'Choose a folder' }))
    await waitFor(() => expect(asked('set')[0]?.args).toEqual({ key: 'inbox.folder', value: '/home/reader/New books' }))
  })
})

describe('the figures of a run', () => {
  it('are written where the person chooses', async () => {
    await open('finished', '#/board')
    await fireEvent.keyDown(await byId('charts-save'), { key: 'ArrowDown' })
    await fireEvent.click(await byId('save-json'))
    expect(fake.suggested.at(-1)).toMatch(/ figures\.json$/)
    await waitFor(() => expect(asked('write_figures')[0]?.args).toEqual({ job: 1, path: fake.savePath }))
    expect(await screen.findByText(/Written to/)).toBeTruthy()
    await waitFor(() => expect(screen.queryByRole('menu')).toBeNull())
    await fireEvent.keyDown(await byId('charts-save'), { key: 'ArrowDown' })
    await fireEvent.click(await byId('save-svg'))
    expect(fake.suggested.at(-1)).toMatch(/ figures\.svg$/)
  })

  it('over time are gone after a while; its stages and its other figures are not', async () => {
    await open('forgotten', '#/board')
    expect((await byId('no-charts')).textContent).toContain('no longer kept')
    expect((await byId('stages')).textContent).toContain('Map')
    expect((await byId('further-figures')).textContent).toMatch(/First summary\s*21 s.*Sent again\s*1/)
    expect(screen.getByTestId<HTMLSelectElement>('chart-choice').value).toBe('stages')
    await fireEvent.keyDown(await byId('charts-save'), { key: 'ArrowDown' })
    expect((await byId('save-svg')).getAttribute('aria-disabled')).toBe('true')
  })
})

describe('the first start', () => {
  it('lists the models with their size and whether they fit, and takes another', async () => {
    await open('ready', '#/library')
    const models = await screen.findAllByTestId('first-model')
    expect(models.map((one) => one.textContent?.replace(/\s+/g, ' ').trim())).toEqual([
      'llama3.1:8b 4.9 GB, fits the card',
      'qwen3:14b 9.3 GB, larger than the card: slow',
    ])
    expect(models[0]?.getAttribute('aria-pressed')).toBe('true')
    await fireEvent.click(models[1]!)
    await waitFor(() => expect(asked('set')[0]?.args).toEqual({ key: 'ollama.model', value: 'qwen3:14b' }))
    await clean()
  })

  it('fetches a model with one button where there is none', async () => {
    await open('nomodel', '#/library')
    await screen.findByText('Fetch a model')
    await fireEvent.click(await screen.findByRole('button', { name: 'Fetch' }))
    await waitFor(() => expect(asked('pull')[0]?.args).toEqual({ model: 'llama3.1:8b' }))
  })
})
