import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/svelte'
import axe from 'axe-core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import App from '../src/App.svelte'
import { use } from '../src/host'
import { named, type FakeHost } from '../src/host/fake'
import { cancel } from '../src/state/adding.svelte'
import { dismiss, notices } from '../src/state/notices.svelte'
import { go, parseRoute } from '../src/state/route.svelte'

let fake: FakeHost

async function open(scenario: string, hash: string): Promise<void> {
  fake = named(scenario)
  use(fake)
  go(parseRoute(hash))
  render(App)
  await waitFor(() => expect(fake.calls.length).toBeGreaterThan(0))
}

const byId = (id: string) => screen.findByTestId(id)
const asked = (command: string) => fake.calls.filter((call) => call.command === command)

beforeEach(() => localStorage.clear())
afterEach(() => {
  cleanup()
  cancel()
  for (const { id } of notices()) dismiss(id)
})

describe('library', () => {
  it('explains itself when empty and starts the sample book', async () => {
    await open('empty', '#/library')
    await fireEvent.click(await byId('try-sample'))
    await waitFor(() => expect(location.hash).toMatch(/^#\/board\/\d+$/))
    expect(await byId('board-vitals')).toBeTruthy()
  })

  it('shows running books with controls and the shelf with states in words', async () => {
    await open('library', '#/library')
    const run = await screen.findByRole('article', { name: 'The Ledger of Small Hours' })
    await fireEvent.click(within(run).getByRole('button', { name: 'Pause' }))
    expect(asked('pause')).toHaveLength(1)
    expect(await within(run).findByRole('button', { name: 'Resume' })).toBeTruthy()
    expect(screen.getByText('2 chapters failed')).toBeTruthy()
    expect(screen.getByText(/· built-in$/)).toBeTruthy()
  })
})

describe('dropping files', () => {
  it('says what letting go does, then previews, then adds and starts', async () => {
    await open('empty', '#/library')
    await waitFor(() => expect(fake.files()).toBeDefined())
    fake.files()?.enter(['/b/A.epub', '/b/B.txt', '/b/C.md', '/b/budget.xlsx'])
    const overlay = await byId('drop-overlay')
    expect(overlay.textContent).toContain('Add 3 books')
    expect(overlay.textContent).toContain('budget.xlsx')
    fake.files()?.drop(['/b/War and Peace.epub', '/b/budget.xlsx'])
    const preview = await byId('preview')
    await waitFor(() => expect(preview.textContent).toContain('364 chapters'))
    expect(screen.queryByTestId('drop-overlay')).toBeNull()
    expect((await byId('preview-coverage')).textContent).toContain('100 % of')
    expect((await byId('preview-estimate')).textContent).toContain('38 min')
    expect((await byId('refused')).textContent).toContain('not a book')
    await fireEvent.click(await byId('preview-start'))
    await waitFor(() => expect(screen.queryByTestId('preview')).toBeNull())
    expect(asked('add')[0]?.args).toMatchObject({ start: { sections: null, fresh: false } })
  })
})

describe('a time that is not known', () => {
  it('is found out by a test call', async () => {
    await open('empty', '#/library')
    await waitFor(() => expect(fake.files()).toBeDefined())
    fake.files()?.drop(['/b/Typee.txt'])
    const estimate = await byId('preview-estimate')
    await waitFor(() => expect(estimate.textContent).toContain('Time not known yet'))
    await fireEvent.click(await byId('try-speed'))
    await waitFor(() => expect(estimate.textContent).toContain('about 38 min'))
    expect(estimate.textContent).toContain('From a test call')
    expect(screen.queryByTestId('try-speed')).toBeNull()
  })
})

describe('board', () => {
  it('changes calls at a time and the order while it runs, and finishes what has begun', async () => {
    await open('short', '#/board')
    await fireEvent.keyDown(await byId('calls-menu'), { key: 'ArrowDown' })
    await fireEvent.click(await byId('calls-6'))
    await fireEvent.keyDown(await byId('order-menu'), { key: 'ArrowDown' })
    await fireEvent.click(await byId('order-longest'))
    expect(asked('set').map((call) => call.args)).toEqual([
      { key: 'llm.concurrency', value: '6' },
      { key: 'chapter.order', value: 'longest' },
    ])
    await fireEvent.keyDown(await byId('stop'), { key: 'ArrowDown' })
    await fireEvent.click(await byId('stop-finish'))
    expect(asked('finish')).toHaveLength(1)
    expect((await byId('standing')).textContent).toContain('are finished, then it stops')
    await fireEvent.click(await byId('keep-going'))
    expect(asked('resume')).toHaveLength(1)
  })

  it('shows alerts until they are seen, and finds events', async () => {
    await open('advice', '#/board')
    await byId('chapter-grid')
    fake.tick()
    const alert = await byId('alert')
    expect(alert.textContent).toContain('Writing to the library is slow')
    await fireEvent.click(within(alert).getByRole('button', { name: 'Seen' }))
    expect(screen.queryByTestId('alert')).toBeNull()
    fake.tick()
    expect(screen.queryByTestId('alert')).toBeNull()
    await fireEvent.input(screen.getByRole('searchbox', { name: 'Find in the events' }), { target: { value: 'zzz' } })
    expect(screen.getByText('No event says “zzz”.')).toBeTruthy()
  })

  it('draws every chapter and follows the frames', async () => {
    await open('short', '#/board')
    await byId('chapter-grid')
    const done = () => document.querySelectorAll('[data-testid=cell][data-state=done]').length
    expect(document.querySelectorAll('[data-testid=cell]')).toHaveLength(15)
    const before = done()
    for (let i = 0; i < 400; i++) fake.tick()
    await waitFor(() => expect(done()).toBeGreaterThan(before))
    expect((await byId('vital-chapters')).textContent).toContain(String(done()))
  })

  it('opens a chapter by keyboard', async () => {
    await open('run385', '#/board')
    const grid = await byId('chapter-grid')
    await fireEvent.focus(grid)
    await fireEvent.keyDown(grid, { key: 'ArrowRight' })
    await fireEvent.keyDown(grid, { key: 'Enter' })
    expect(location.hash).toBe('#/book/1/100001')
  })

  it.each([
    ['unreachable', 'does not answer'],
    ['paused', 'Paused'],
    ['failures', '4 chapters failed'],
    ['finished', 'All 385 chapters are summarised'],
  ])('says how a job stands: %s', async (scenario, words) => {
    await open(scenario, '#/board')
    expect((await byId('standing')).textContent).toContain(words)
  })

  it('retries only what failed', async () => {
    await open('failures', '#/board')
    await fireEvent.click(await byId('retry-failed'))
    await waitFor(() => expect(asked('start')).toHaveLength(1))
    expect((asked('start')[0]?.args as { start: { sections: number[] } }).start.sections).toHaveLength(4)
  })

  it('has a line for each server, with its state, its reason and what it does', async () => {
    await open('hosts', '#/board')
    const lines = await screen.findAllByTestId('host')
    expect(lines.map((line) => line.dataset.state)).toEqual(['ready', 'ready', 'open', 'trial'])
    expect(lines[1]?.textContent).toMatch(/of 6 in flight, 4 worked on\s*seeking.*tokens\/s/)
    expect(lines[2]?.textContent).toContain('Left alone: It refuses connections since 14:02')
    expect(lines[3]?.textContent).toContain('On trial: a few calls')
  })

  it('has none for a single server that is well', async () => {
    await open('short', '#/board')
    await byId('board-vitals')
    expect(screen.queryByTestId('hosts')).toBeNull()
    expect(screen.queryByTestId('advice')).toBeNull()
  })

  it('gives advice with the exact setting to copy, until it is put away', async () => {
    const copied: string[] = []
    const clipboard = { writeText: async (text: string) => void copied.push(text) }
    Object.defineProperty(navigator, 'clipboard', { value: clipboard, configurable: true })
    await open('advice', '#/board')
    const advice = await byId('advice')
    await fireEvent.click(within(advice).getByRole('button', { name: 'Copy OLLAMA_NUM_PARALLEL=4' }))
    await waitFor(() => expect(copied).toEqual(['OLLAMA_NUM_PARALLEL=4']))
    await fireEvent.click(within(advice).getByRole('button', { name: 'Put this advice away' }))
    await waitFor(() => expect(screen.queryByTestId('advice')).toBeNull())
    fake.tick()
    await byId('board-vitals')
    expect(screen.queryByTestId('advice')).toBeNull()
    cleanup()
    await open('advice', '#/board')
    await byId('board-vitals')
    expect(screen.queryByTestId('advice')).toBeNull()
  })

  it('says what to do when nothing runs', async () => {
    await open('empty', '#/board')
    expect(await screen.findByText('Nothing runs yet')).toBeTruthy()
  })
})

describe('book', () => {
  it('shows a summary with its writer, and hostile text as text', async () => {
    await open('book', '#/book/3/300003')
    const summary = await byId('chapter-summary')
    expect(summary.textContent).toContain('<script>alert(1)</script>')
    expect(summary.querySelector('script, img')).toBeNull()
    expect(summary.textContent).toContain('llama3.1:8b')
  })

  it('labels the built-in summariser plainly', async () => {
    await open('builtin', '#/book/1/100003')
    expect((await byId('built-in-note')).textContent).toContain('without a model')
  })

  it('shows why a chapter failed and tries it again', async () => {
    await open('book', '#/book/4/400008')
    expect((await byId('chapter-summary')).textContent).toContain('repeated itself')
    await fireEvent.click(await byId('retry-chapter'))
    await waitFor(() =>
      expect(asked('start')[0]?.args).toMatchObject({ book: 4, start: { sections: [400008], fresh: false } }),
    )
  })

  it('exports as Markdown', async () => {
    await open('book', '#/book/3')
    await fireEvent.click(await byId('export-markdown'))
    expect(await screen.findByText(/^Exported to/)).toBeTruthy()
  })
})

describe('settings', () => {
  it('shows where values come from and refuses bad ones beside the field', async () => {
    await open('library', '#/settings')
    expect((await byId('provider-sentence')).textContent).toContain('llama3.1:8b')
    const concurrency = (await screen.findByLabelText('Calls at a time')) as HTMLInputElement
    expect(concurrency.disabled).toBe(true)
    expect(screen.getByText(/set by LLM_CONCURRENCY_LIMIT/)).toBeTruthy()
    const tries = (await screen.findByLabelText('Tries of a call')) as HTMLInputElement
    await fireEvent.change(tries, { target: { value: 'many' } })
    expect(await screen.findByText(/is not a number of tries/)).toBeTruthy()
  })

  it('says of each setting when a change takes effect', async () => {
    await open('library', '#/settings')
    const rows = await screen.findAllByTestId('setting')
    const when = (key: string) => rows.find((row) => row.dataset.key === key)?.textContent
    expect(when('llm.concurrency')).toContain('takes effect at once')
    expect(when('chunk.size')).toContain('with the next job')
  })

  it('folds away what is for experts, says what was changed there, and finds it by search', async () => {
    await open('library', '#/settings')
    const groups = (await screen.findAllByTestId('setting-group')) as HTMLDetailsElement[]
    const group = (name: string) => groups.find((found) => found.dataset.group === name)
    expect(group('Speed')?.tagName).toBe('SECTION')
    expect([group('Circuit breaker')?.tagName, group('Circuit breaker')?.open]).toEqual(['DETAILS', false])
    expect(group('Patience')?.querySelector('summary')?.textContent).toContain('1 changed')
    expect(group('Circuit breaker')?.querySelector('summary')?.textContent).not.toContain('changed')
    await fireEvent.input(screen.getByRole('searchbox'), { target: { value: 'EPITOME_BREAKER_RULE' } })
    await waitFor(() => expect(screen.getAllByTestId('setting')).toHaveLength(1))
    expect(screen.getByTestId('setting-group').tagName).toBe('SECTION')
  })

  it('asks for the address of the server that is chosen', async () => {
    await open('library', '#/settings')
    const provider = await screen.findByRole('region', { name: 'Who writes the summaries' })
    expect(within(provider).getByLabelText('Address of Ollama')).toBeTruthy()
    await fireEvent.change(within(provider).getByLabelText('Who writes the summaries'), { target: { value: 'openai' } })
    expect(await within(provider).findByLabelText(/^Address of an OpenAI/)).toBeTruthy()
    expect(within(provider).queryByLabelText('Address of Ollama')).toBeNull()
    expect(screen.getByLabelText('Address of Ollama')).toBeTruthy()
  })

  it('gives the key of a server to the keyring, once', async () => {
    await open('library', '#/settings')
    const provider = await screen.findByRole('region', { name: 'Who writes the summaries' })
    await within(provider).findByLabelText('Address of Ollama')
    await fireEvent.change(within(provider).getByLabelText('Who writes the summaries'), { target: { value: 'openai' } })
    const key = (await within(provider).findByLabelText('Key')) as HTMLInputElement
    expect(key.type).toBe('password')
    await fireEvent.input(key, { target: { value: ' sk-1 ' } })
    await fireEvent.click(within(provider).getByRole('button', { name: 'Keep' }))
    await waitFor(() => expect(asked('set_key')[0]?.args).toMatchObject({ key: 'sk-1' }))
    await within(provider).findByPlaceholderText('a key is kept')
    expect(key.value).toBe('')
    await fireEvent.click(within(provider).getByRole('button', { name: 'Forget' }))
    await waitFor(() => expect(asked('set_key')[1]?.args).toMatchObject({ key: '' }))
  })

  it('chooses a model, and never one that runs elsewhere', async () => {
    await open('library', '#/settings')
    const cloud = (await screen.findByRole('radio', { name: /cloud/ })) as HTMLInputElement
    expect(cloud.disabled).toBe(true)
    await fireEvent.click(screen.getByRole('radio', { name: /qwen3/ }))
    await waitFor(() => expect(asked('set')[0]?.args).toEqual({ key: 'ollama.model', value: 'qwen3:14b' }))
  })

  it('fetches a model with progress and can stop', async () => {
    await open('nomodel', '#/settings')
    await screen.findByText('Fetch a model')
    await fireEvent.click(await screen.findByRole('button', { name: 'Fetch' }))
    expect(await screen.findByText(/1.9 GB of 4.9 GB/)).toBeTruthy()
    await fireEvent.click(screen.getByRole('button', { name: 'Cancel' }))
    expect(asked('cancel_pull')).toHaveLength(1)
  })

  it('keeps the chosen theme', async () => {
    await open('library', '#/settings')
    await fireEvent.click(await screen.findByRole('radio', { name: 'Dark' }))
    expect(document.documentElement.dataset.theme).toBe('dark')
    await waitFor(() => expect(asked('remember')).toMatchObject([{ args: { name: 'theme', value: 'dark' } }]))
  })
})

describe('a start that cannot work', () => {
  it('says so on the whole page with a way to try again', async () => {
    await open('fatal', '#/library')
    const page = await byId('fatal')
    expect(page.dataset.code).toBe('data_folder_not_writable')
    expect(page.textContent).toContain('EPITOME_DATA')
    await fireEvent.click(within(page).getByRole('button', { name: 'Try again' }))
    await waitFor(() => expect(asked('library').length).toBeGreaterThan(1))
  })
})

describe('closing the window during work', () => {
  it('asks what is to become of the work, and remembers it where wished', async () => {
    await open('library', '#/library')
    await screen.findAllByTestId('book-card')
    fake.push({ kind: 'closing', books: 2 })
    expect((await byId('leaving')).textContent).toContain('2 books still being worked on')
    await fireEvent.click(await byId('leave-not'))
    await waitFor(() => expect(screen.queryByTestId('leaving')).toBeNull())
    expect(fake.left).toEqual([])
    fake.push({ kind: 'closing', books: 1 })
    await fireEvent.click(within(await byId('leaving')).getByRole('checkbox'))
    await fireEvent.click(await byId('leave-hide'))
    await waitFor(() => expect(fake.left).toEqual(['hide']))
    expect(asked('set').at(-1)?.args).toEqual({ key: 'window.close', value: 'keep working' })
    fake.push({ kind: 'closing', books: 1 })
    await fireEvent.click(await byId('leave-quit'))
    await waitFor(() => expect(fake.left).toEqual(['hide', 'quit']))
  })
})

describe('accessibility', () => {
  it.each([
    ['library', '#/library', 'book-card'],
    ['empty', '#/library', 'try-sample'],
    ['short', '#/board', 'chapter-grid'],
    ['failures', '#/board', 'standing'],
    ['hosts', '#/board', 'hosts'],
    ['advice', '#/board', 'advice'],
    ['book', '#/book/3/300004', 'chapter-summary'],
    ['library', '#/search', 'search-none'],
    ['library', '#/settings', 'setting'],
    ['preview', '#/library', 'preview-start'],
    ['fatal', '#/library', 'fatal'],
  ])('axe finds nothing: %s at %s', async (scenario, hash, sign) => {
    await open(scenario, hash)
    await screen.findAllByTestId(sign)
    // Contrast needs real pixels; it is checked in the real window.
    const { violations } = await axe.run(document.body, {
      rules: { 'color-contrast': { enabled: false } },
    })
    expect(violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(' ')}`)).toEqual([])
  })
})
