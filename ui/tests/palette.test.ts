import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/svelte'
import axe from 'axe-core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import App from '../src/App.svelte'
import { use } from '../src/host'
import { named as scenario, type FakeHost } from '../src/host/fake'
import { cancel } from '../src/state/adding.svelte'
import { dismiss, notices } from '../src/state/notices.svelte'
import { showOver } from '../src/state/over.svelte'
import { go, parseRoute } from '../src/state/route.svelte'
import { showAll } from '../src/state/shelf.svelte'
import { named, sheet, shortcut, type Press, type Told } from '../src/state/shortcuts'
import { ranked, score } from '../src/words/fuzzy'

let fake: FakeHost

async function open(name: string, hash: string): Promise<void> {
  fake = scenario(name)
  use(fake)
  go(parseRoute(hash))
  render(App)
  await waitFor(() => expect(document.querySelector('main:not([aria-busy])')).toBeTruthy())
}

const press = (key: string, more: Partial<Press> = {}) => fireEvent.keyDown(document.body, { key, ...more })
const items = () => screen.getAllByTestId('palette-item').map((item) => item.querySelector('.label')?.textContent)
async function type(words: string): Promise<void> {
  await fireEvent.input(await screen.findByTestId('palette-input'), { target: { value: words } })
}
async function choose(words: string): Promise<void> {
  await press('k', { ctrlKey: true })
  await type(words)
  await fireEvent.keyDown(screen.getByTestId('palette-input'), { key: 'Enter' })
}

beforeEach(() => localStorage.clear())
afterEach(() => {
  cleanup()
  cancel()
  showOver(null)
  showAll()
  for (const { id } of notices()) dismiss(id)
})

describe('matching', () => {
  const names = ['War and Peace', 'Peace of mind', 'Warden', 'Worm', 'Émile', 'Chapter 12', 'Calls at a time']
  it.each([
    ['war', ['Warden', 'War and Peace']],
    ['peace war', ['War and Peace']],
    ['emile', ['Émile']],
    ['wape', ['War and Peace']],
    ['12', ['Chapter 12']],
    ['calls time', ['Calls at a time']],
    ['zq', []],
  ])('%s finds %j', (wanted, found) => expect(ranked(names, wanted, (name) => [name], 9)).toEqual(found))
  it('prefers the beginning of a word to its middle', () => {
    expect(score('time', 'a time')).toBeGreaterThan(score('time', 'sometimes') ?? 0)
  })
  it('takes signs as they are', () => expect(score('a.*b', 'axxb')).toBeNull())
})

describe('shortcuts', () => {
  const key = (key: string, more: Partial<Press> = {}): Press => ({
    key,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    typing: false,
    ...more,
  })
  it.each<[string, Press, boolean, Told]>([
    ['Ctrl+K', key('k', { ctrlKey: true }), false, 'palette'],
    ['⌘K', key('k', { metaKey: true }), false, 'palette'],
    ['Ctrl+K in a field', key('k', { ctrlKey: true, typing: true }), false, 'palette'],
    ['Ctrl+2', key('2', { ctrlKey: true }), false, 'board'],
    ['g', key('g'), false, 'begun'],
    ['g then l', key('l'), true, 'library'],
    ['l alone', key('l'), false, null],
    ['? in a field', key('?', { typing: true }), false, null],
    ['/', key('/'), false, 'search'],
    ['Alt+/', key('/', { altKey: true }), false, null],
  ])('%s', (_, given, after, told) => expect(shortcut(given, after)).toBe(told))
  it('are named as the keyboard names them', () => {
    expect(named('Ctrl K', false)).toEqual(['Ctrl', 'K'])
    expect(named('Ctrl K', true)).toEqual(['⌘', 'K'])
  })
})

describe('the palette', () => {
  it('goes to a screen, and the focus is there', async () => {
    await open('library', '#/library')
    await choose('settings')
    await waitFor(() => expect(location.hash).toBe('#/settings'))
    await waitFor(() => expect(document.activeElement?.tagName).toBe('MAIN'))
    expect(screen.queryByTestId('palette')).toBeNull()
  })

  it('opens a book by a part of its title', async () => {
    await open('library', '#/board')
    await choose('frankens')
    await waitFor(() => expect(location.hash).toBe('#/book/5'))
  })

  it('finds the chapters of the book that is open', async () => {
    await open('book', '#/book/4')
    await screen.findAllByTestId('book-chapter')
    await press('k', { ctrlKey: true })
    await type('chapter 12')
    expect(items()[0]).toMatch(/^12\. /)
    await fireEvent.keyDown(screen.getByTestId('palette-input'), { key: 'Enter' })
    await waitFor(() => expect(location.hash).toBe('#/book/4/400013'))
  })

  it('pauses the book at work', async () => {
    await open('library', '#/library')
    await choose('pause ledger')
    await waitFor(() => expect(fake.calls.filter(({ command }) => command === 'pause')).toHaveLength(1))
  })

  it('leads to a setting, ready to be changed', async () => {
    await open('library', '#/library')
    await choose('tries of a call')
    await waitFor(() => expect(document.activeElement?.id).toBe('set-llm.attempts'))
  })

  it('says so when nothing is called that, and closes with the focus where it was', async () => {
    await open('library', '#/library')
    const search = await screen.findByRole('searchbox')
    search.focus()
    await press('k', { ctrlKey: true })
    await type('qqqq')
    expect((await screen.findByTestId('palette-none')).textContent).toContain('“qqqq”')
    await fireEvent.keyDown(screen.getByTestId('palette-input'), { key: 'Escape' })
    await waitFor(() => expect(screen.queryByTestId('palette')).toBeNull())
    await waitFor(() => expect(document.activeElement).toBe(search))
  })

  it('holds hundreds of books without drawing them', async () => {
    await open('many500', '#/library')
    await press('k', { ctrlKey: true })
    await type('peace')
    expect(items().length).toBeLessThan(30)
  })
})

describe('keys of the window', () => {
  it('go to screens, one after the other', async () => {
    await open('library', '#/library')
    await press('g')
    await press('s')
    await waitFor(() => expect(location.hash).toBe('#/settings'))
    await press('1', { ctrlKey: true })
    await waitFor(() => expect(location.hash).toBe('#/library'))
  })

  it('put the focus on the search, from a screen without one on the library’s', async () => {
    await open('library', '#/board')
    await press('/')
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('searchbox')))
    expect(location.hash).toBe('#/library')
  })

  it('are letters like any other while one types', async () => {
    await open('library', '#/library')
    const search = await screen.findByRole('searchbox')
    await fireEvent.keyDown(search, { key: '?' })
    expect(screen.queryByTestId('shortcuts')).toBeNull()
  })

  it('are all listed on one sheet', async () => {
    await open('library', '#/library')
    await press('?')
    const list = await screen.findByTestId('shortcuts')
    for (const { where, rows } of sheet) {
      expect(within(list).getByRole('heading', { name: where })).toBeTruthy()
      for (const { does } of rows) expect(within(list).getByText(does, { selector: 'dt' })).toBeTruthy()
    }
  })
})

describe('accessibility', () => {
  it.each(['k', '?'])('axe finds nothing over %s', async (key) => {
    await open('library', '#/library')
    await screen.findAllByTestId('book-card')
    await press(key, { ctrlKey: key === 'k' })
    await screen.findByRole('dialog')
    const { violations } = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false } } })
    expect(violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(' ')}`)).toEqual([])
  })
})
