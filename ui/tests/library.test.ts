import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/svelte'
import axe from 'axe-core'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import App from '../src/App.svelte'
import { use } from '../src/host'
import { named, type FakeHost } from '../src/host/fake'
import { cancel, confirm, offer, offered } from '../src/state/adding.svelte'
import { take } from '../src/state/app.svelte'
import { nothing } from '../src/state/choosing'
import { books, libraryFrame, loadLibrary } from '../src/state/library.svelte'
import { dismiss, notices, undoLast } from '../src/state/notices.svelte'
import { go, parseRoute } from '../src/state/route.svelte'
import { setChoice, setOrder, showAll } from '../src/state/shelf.svelte'
import type { BoardFrame } from '../src/wire/types'

let fake: FakeHost
const asked = (command: string) => fake.calls.filter((call) => call.command === command)
const tiles = () => screen.queryAllByTestId('book-card')
const titles = () => tiles().map((tile) => tile.querySelector('.title')?.textContent)
const link = (title: string) => screen.findByRole('link', { name: new RegExp(title) })

function host(scenario: string): void {
  fake = named(scenario)
  use(fake)
}

async function open(scenario: string): Promise<void> {
  host(scenario)
  go(parseRoute('#/library'))
  render(App)
  await screen.findAllByTestId('book-card')
}

beforeEach(() => localStorage.clear())
afterEach(() => {
  vi.useRealTimers()
  cleanup()
  cancel()
  showAll()
  setOrder('added')
  setChoice(nothing)
  for (const { id } of notices()) dismiss(id)
})

describe('hundreds of books', () => {
  it('are drawn as far as they are seen', async () => {
    await open('many500')
    expect(books()).toHaveLength(500)
    expect(tiles().length).toBeLessThan(120)
    expect(screen.getByTestId('shelf').getAttribute('aria-rowcount')).not.toBe('1')
  })

  it('are added with one look at the library, a few at a time', async () => {
    host('empty')
    await loadLibrary()
    await fake.feed(take)
    const call = fake.call
    fake.call = (async (command, args) => {
      const reply = await call(command, args)
      if (command === 'add') fake.push({ kind: 'changed' })
      return reply
    }) as typeof call
    await offer(Array.from({ length: 100 }, (_, i) => `/b/Book ${i}.epub`))
    expect(offered()).toHaveLength(100)
    const before = asked('library').length
    await confirm(false)
    expect(asked('add')).toHaveLength(100)
    expect(asked('library').length - before).toBeLessThanOrEqual(2)
    expect(books()).toHaveLength(100)
  })

  it('stay the same objects while frames of one of them come', async () => {
    host('many500')
    await loadLibrary()
    const before = books()
    await fake.feed(take)
    for (let i = 0; i < 20; i++) fake.tick()
    expect(books()).toBe(before)
    expect(asked('library')).toHaveLength(1)
  })

  it('are asked for once because of a job that is no book’s newest', async () => {
    host('one')
    await loadLibrary()
    const vitals = (await fake.call('board', { job: books()[0]?.job ?? 0 })).vitals
    const frame: BoardFrame = {
      job: 99,
      seq: 1,
      state: 'running',
      reason: null,
      vitals,
      cells: [],
      events: [],
      calls: [],
    }
    for (let i = 0; i < 20; i++) libraryFrame({ ...frame, seq: i })
    await waitFor(() => expect(asked('library')).toHaveLength(2))
    await loadLibrary()
    expect(asked('library')).toHaveLength(3)
  })
})

describe('covers', () => {
  it('are asked for where a book has one and is seen, once', async () => {
    await open('covers')
    await waitFor(() => expect(document.querySelectorAll('img.cover').length).toBeGreaterThan(0))
    const books = asked('cover').map(({ args }) => (args as { book: number }).book)
    expect(new Set(books).size).toBe(books.length)
    cleanup()
    render(App)
    await waitFor(() => expect(document.querySelectorAll('img.cover').length).toBeGreaterThan(0))
    expect(asked('cover')).toHaveLength(books.length)
  })
})

describe('filter, order, search', () => {
  it('shows one kind of books, and keeps the choice', async () => {
    await open('library')
    await fireEvent.click(screen.getByTestId('filter-failed'))
    await waitFor(() => expect(titles()).toEqual(['Pride and Prejudice']))
    const value = JSON.stringify({ order: 'added', filter: 'failed' })
    expect(asked('remember')).toMatchObject([{ args: { name: 'shelf', value } }])
    await fireEvent.change(screen.getByTestId('shelf-order'), { target: { value: 'title' } })
    await fireEvent.click(screen.getByTestId('filter-done'))
    await waitFor(() => expect(titles()[0]).toBe('Alice’s Adventures in Wonderland'))
  })

  it('says why nothing is shown, and leads back', async () => {
    await open('library')
    await fireEvent.click(screen.getByTestId('filter-failed'))
    const search = screen.getByRole('searchbox')
    await fireEvent.input(search, { target: { value: 'tolstoy' } })
    const none = await screen.findByTestId('no-books')
    expect(none.textContent).toContain('holds “tolstoy”')
    await fireEvent.click(within(none).getByRole('button', { name: 'Look in all books (1 found)' }))
    await waitFor(() => expect(titles()).toEqual(['War and Peace']))
    await fireEvent.keyDown(search, { key: 'Escape' })
    await waitFor(() => expect(tiles().length).toBeGreaterThan(3))
  })
})

describe('keys', () => {
  it('walk through the grid from the search and back by Tab to the same book', async () => {
    await open('book')
    await fireEvent.keyDown(screen.getByRole('searchbox'), { key: 'ArrowDown' })
    const first = tiles()[0]?.querySelector('a')
    await waitFor(() => expect(document.activeElement).toBe(first))
    await fireEvent.keyDown(document.activeElement as Element, { key: 'ArrowDown' })
    const second = tiles()[1]?.querySelector('a')
    await waitFor(() => expect(document.activeElement).toBe(second))
    expect(tiles().filter((tile) => tile.querySelector('a')?.tabIndex === 0)).toHaveLength(1)
  })

  it('choose and remove several, with one way back', async () => {
    await open('book')
    const some = await link('Moby-Dick')
    await fireEvent.focusIn(some)
    await fireEvent.keyDown(some, { key: ' ' })
    await fireEvent.keyDown(some, { key: 'ArrowDown', shiftKey: true })
    expect((await screen.findByTestId('choice-bar')).textContent).toContain('2 books chosen')
    const before = books().length
    await fireEvent.keyDown(document.activeElement as Element, { key: 'Delete' })
    expect(books()).toHaveLength(before - 2)
    expect(screen.queryByTestId('choice-bar')).toBeNull()
    undoLast()
    await waitFor(() => expect(books()).toHaveLength(before))
  })

  it('choose all, and none with Escape', async () => {
    await open('book')
    const some = await link('Moby-Dick')
    await fireEvent.focusIn(some)
    await fireEvent.keyDown(some, { key: 'a', ctrlKey: true })
    expect((await screen.findByTestId('choice-bar')).textContent).toContain(`${tiles().length} books chosen`)
    await fireEvent.keyDown(some, { key: 'Escape' })
    await waitFor(() => expect(screen.queryByTestId('choice-bar')).toBeNull())
  })
})

describe('several books', () => {
  it('are chosen by clicks with Ctrl and Shift, and begun together with one look at the library', async () => {
    await open('book')
    await fireEvent.click(await link('Robinson Crusoe'), { ctrlKey: true })
    await fireEvent.click(await link('Pride and Prejudice'), { ctrlKey: true })
    await fireEvent.click(await screen.findByTestId('many-summarise'))
    await waitFor(() => expect(asked('start')).toHaveLength(2))
    expect(screen.queryByTestId('choice-bar')).toBeNull()
  })
})

describe('the menu of the right button', () => {
  const labels = async () =>
    within(await screen.findByTestId('book-menu'))
      .getAllByRole('menuitem')
      .map((item) => item.querySelector('.one-line')?.textContent)

  it('is that of the dots', async () => {
    await open('book')
    await fireEvent.contextMenu(await link('Pride and Prejudice'))
    expect(await labels()).toEqual([
      'Open',
      'Watch on the board',
      'Retry what failed',
      'Summarise again from the start',
      'Summarise again with other settings…',
      'Export as Markdown',
      'Export as JSON',
      'Show the data folder',
      'Remove from the library',
    ])
  })

  it('is that of all chosen books over one of them', async () => {
    await open('library')
    await fireEvent.click(await link('Frankenstein'), { ctrlKey: true })
    await fireEvent.click(await link('Robinson Crusoe'), { ctrlKey: true })
    await fireEvent.contextMenu(await link('Frankenstein'))
    expect(await labels()).toEqual([
      'Summarise: 1 book',
      'Summarise again from the start: 1 book',
      'Export as Markdown: 1 book',
      'Export as JSON: 1 book',
      'Remove: 2 books',
    ])
  })

  it('shows a file after it was exported', async () => {
    await open('book')
    await fireEvent.contextMenu(await link('Frankenstein'))
    await fireEvent.click(await screen.findByText('Export as Markdown'))
    await waitFor(() => expect(notices().at(-1)?.text).toContain('Exported to'))
    notices().at(-1)?.action?.run()
    await waitFor(() => expect(fake.revealed).toEqual(['/home/reader/Summary.md']))
  })
})

describe('accessibility', () => {
  it.each(['choosing', 'none'])('axe finds nothing: %s', async (what) => {
    await open('library')
    if (what === 'choosing') {
      await fireEvent.click(await link('Frankenstein'), { ctrlKey: true })
      await screen.findByTestId('choice-bar')
    } else {
      await fireEvent.input(screen.getByRole('searchbox'), { target: { value: 'zzz' } })
      await screen.findByTestId('no-books')
    }
    const { violations } = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false } } })
    expect(violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(' ')}`)).toEqual([])
  })
})
