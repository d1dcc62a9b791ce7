import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/svelte'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import App from '../src/App.svelte'
import { use } from '../src/host'
import { named, type FakeHost } from '../src/host/fake'
import { notAgain } from '../src/state/again.svelte'
import { watch } from '../src/state/board.svelte'
import { every, nothing } from '../src/state/choosing'
import { exportBooks, fileNames } from '../src/state/exports.svelte'
import { books } from '../src/state/library.svelte'
import { dismiss, notices } from '../src/state/notices.svelte'
import { go, parseRoute } from '../src/state/route.svelte'
import { setChoice, showAll } from '../src/state/shelf.svelte'

let fake: FakeHost
const asked = (command: string) => fake.calls.filter((call) => call.command === command)

async function open(scenario: string, hash: string, sign: string): Promise<HTMLElement> {
  fake = named(scenario)
  use(fake)
  go(parseRoute(hash))
  render(App)
  return (await screen.findAllByTestId(sign, {}, { timeout: 10_000 }))[0] as HTMLElement
}

const entries = () => screen.getAllByRole('menuitem').map((entry) => entry.textContent?.trim())
const closed = () => waitFor(() => expect(screen.queryByRole('menu')).toBeNull())

beforeEach(() => localStorage.clear())
afterEach(() => {
  cleanup()
  watch(null)
  notAgain()
  showAll()
  setChoice(nothing)
  for (const { id } of notices()) dismiss(id)
})

describe('the menu of a chapter on the board', () => {
  it('puts a chapter that waits to the front, by the right mouse button', async () => {
    const grid = await open('short', '#/board', 'chapter-grid')
    const cell = grid.querySelector('[data-state="waiting"]') as HTMLElement
    await fireEvent.mouseOver(cell)
    await fireEvent.contextMenu(cell)
    expect(await screen.findByTestId('chapter-menu')).toBeTruthy()
    expect(screen.queryByTestId('chapter-again')).toBeNull()
    await fireEvent.click(screen.getByTestId('chapter-front'))
    await waitFor(() => expect(asked('front')[0]?.args).toEqual({ job: 1, section: expect.any(Number) }))
    expect(notices().at(-1)?.text).toMatch(/^Chapter \d+ goes before/)
  })

  it('offers to do again what is done only when the run is over', async () => {
    const grid = await open('short', '#/board', 'chapter-grid')
    const cell = grid.querySelector('[data-state="done"]') as HTMLElement
    await fireEvent.mouseOver(cell)
    await fireEvent.contextMenu(cell)
    expect((await screen.findByTestId('chapter-again')).getAttribute('aria-disabled')).toBe('true')
    expect(screen.queryByTestId('chapter-front')).toBeNull()
  })

  it('tries a failed one again, by the keyboard', async () => {
    const grid = await open('failures', '#/board', 'chapter-grid')
    const place = [...grid.querySelectorAll('[data-testid=cell]')].findIndex(
      (cell) => (cell as HTMLElement).dataset.state === 'failed',
    )
    await fireEvent.focus(grid)
    for (let i = 0; i < place; i++) await fireEvent.keyDown(grid, { key: 'ArrowRight' })
    await fireEvent.keyDown(grid, { key: 'F10', shiftKey: true })
    await screen.findByTestId('chapter-menu')
    expect(entries()[0]).toContain('Open')
    expect(screen.queryByTestId('chapter-front')).toBeNull()
    expect(screen.getByTestId('chapter-again').textContent).toContain('Try again')
    await fireEvent.click(screen.getByTestId('chapter-again'))
    await waitFor(() => expect(asked('start')[0]?.args).toMatchObject({ book: 1, start: { fresh: false } }))
    expect((asked('start')[0]?.args as { start: { sections: number[] } }).start.sections).toHaveLength(1)
  })
})

describe('the menu of a chapter in the book', () => {
  it('does it with other settings, and copies its summary', async () => {
    const copied: string[] = []
    const clipboard = { writeText: async (text: string) => void copied.push(text) }
    Object.defineProperty(navigator, 'clipboard', { value: clipboard, configurable: true })
    await open('book', '#/book/3', 'book-chapter')
    const row = screen.getAllByTestId('book-chapter').find((one) => one.dataset.state === 'done') as HTMLElement
    await fireEvent.contextMenu(row)
    await screen.findByTestId('chapter-menu')
    await fireEvent.click(screen.getByTestId('chapter-copy'))
    await waitFor(() => expect(copied[0]).toContain('\n\n'))
    await closed()
    await fireEvent.contextMenu(row)
    await fireEvent.click(await screen.findByTestId('chapter-settings'))
    expect(await screen.findByRole('dialog')).toBeTruthy()
  })

  it('is not there for the synopsis, and offers only to open what was left out', async () => {
    await open('book', '#/book/3', 'book-chapter')
    await fireEvent.contextMenu(screen.getByTestId('book-synopsis'))
    expect(screen.queryByTestId('chapter-menu')).toBeNull()
    const out = screen.getAllByTestId('book-chapter').find((one) => one.dataset.state === 'left_out') as HTMLElement
    await fireEvent.contextMenu(out)
    await screen.findByTestId('chapter-menu')
    expect(screen.queryByTestId('chapter-again')).toBeNull()
  })
})

describe('the list of chapters', () => {
  it('tells a screen reader what is chosen as the arrow keys move', async () => {
    const list = await open('book', '#/book/3', 'chapter-list')
    await screen.findAllByTestId('book-chapter')
    const heard = () => document.getElementById(list.getAttribute('aria-activedescendant') ?? '')
    expect(heard()?.textContent).toContain('The whole book')
    await fireEvent.keyDown(list, { key: 'ArrowDown' })
    await waitFor(() => expect(heard()?.textContent).toContain('Cover'))
    expect(heard()?.getAttribute('aria-selected')).toBe('true')
    expect(list.querySelectorAll('[aria-selected="true"]')).toHaveLength(1)
    expect(list.getAttribute('role')).toBe('listbox')
    await fireEvent.click(screen.getAllByTestId('book-chapter')[3] as HTMLElement)
    await waitFor(() => expect(heard()?.getAttribute('aria-posinset')).toBe('5'))
  })
})

describe('the calls on the board', () => {
  it('are reached and heard by the arrow keys', async () => {
    const lanes = await open('short', '#/board', 'lanes-keys')
    const heard = () =>
      document.getElementById(lanes.getAttribute('aria-activedescendant') ?? '')?.getAttribute('aria-label')
    await fireEvent.focus(lanes)
    await waitFor(() => expect(heard()).toMatch(/^Chapter \d+, (reading|merging): under way/))
    await fireEvent.keyDown(lanes, { key: 'ArrowLeft' })
    await waitFor(() => expect(heard()).toMatch(/: (answered|failed), /))
    await fireEvent.keyDown(lanes, { key: 'Home' })
    const first = heard()
    await fireEvent.keyDown(lanes, { key: 'ArrowDown' })
    await waitFor(() => expect(heard()).not.toBe(first))
    await fireEvent.blur(lanes)
    await waitFor(() => expect(heard()).toBeUndefined())
  })
})

describe('a book at work', () => {
  it('is put to the front from its row and from its board', async () => {
    const menu = (await open('two', '#/library', 'run-menu')) as HTMLElement
    await fireEvent.keyDown(menu, { key: 'ArrowDown' })
    await fireEvent.click(await screen.findByText('To the front'))
    await waitFor(() => expect(asked('front')[0]?.args).toMatchObject({ section: null }))
    await closed()
    go({ screen: 'board', job: 1 })
    await fireEvent.keyDown(await screen.findByTestId('order-menu'), { key: 'ArrowDown' })
    await fireEvent.click(await screen.findByTestId('front-book'))
    await waitFor(() => expect(asked('front')[1]?.args).toEqual({ job: 1, section: null }))
  })
})

describe('several chosen books', () => {
  it('are stopped, exported and done again', async () => {
    await open('library', '#/library', 'book-card')
    setChoice(every(books().map((card) => card.id)))
    const bar = await screen.findByTestId('choice-bar')
    await fireEvent.keyDown(within(bar).getByTestId('many-more'), { key: 'ArrowDown' })
    await fireEvent.click(await screen.findByTestId('entry-again'))
    await waitFor(() => expect(asked('start').length).toBeGreaterThan(2))
    expect(asked('start').every((call) => (call.args as { start: { fresh: boolean } }).start.fresh)).toBe(true)
    setChoice(every(books().map((card) => card.id)))
    await fireEvent.click(await screen.findByTestId('many-stop'))
    await waitFor(() => expect(asked('stop').length).toBeGreaterThan(1))
  })

  it('are exported to one folder, each under a name of its own', async () => {
    await open('library', '#/library', 'book-card')
    const cards = books().slice(0, 3)
    const same = cards.map((card) => ({ ...card, meta: { ...card.meta, title: 'Emma' } }))
    expect(fileNames(same, 'md')).toEqual(['Emma.md', 'Emma 2.md', 'Emma 3.md'])
    await exportBooks(same, 'markdown')
    expect(asked('export').map((call) => (call.args as { path: string }).path)).toEqual([
      '/home/reader/New books/Emma.md',
      '/home/reader/New books/Emma 2.md',
      '/home/reader/New books/Emma 3.md',
    ])
    expect(notices().at(-1)?.text).toContain('3 books exported to /home/reader/New books')
  })
})
