import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/svelte'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import App from '../src/App.svelte'
import { use } from '../src/host'
import { named, type FakeHost } from '../src/host/fake'
import { stopLooking } from '../src/state/finder.svelte'
import { go, parseRoute } from '../src/state/route.svelte'
import { ask, searchFound } from '../src/state/search.svelte'
import { marked, markedParagraphs } from '../src/words/marks'
import { paragraphs } from '../src/words/states'

let fake: FakeHost
/** Places that were scrolled to, by their words. */
let scrolled: string[] = []

async function open(scenario: string, hash: string): Promise<void> {
  fake = named(scenario)
  use(fake)
  go(parseRoute(hash))
  render(App)
  await waitFor(() => expect(fake.calls.length).toBeGreaterThan(0))
}

const field = () => screen.findByTestId<HTMLInputElement>('search-field')
const type = async (words: string) => fireEvent.input(await field(), { target: { value: words } })
const hits = () => screen.findAllByTestId('hit')
const searches = () => fake.calls.filter(({ command }) => command === 'search').map(({ args }) => args)
const visible = (element: Element) => [...element.querySelectorAll('mark')].map((mark) => mark.textContent)

beforeEach(() => {
  localStorage.clear()
  scrolled = []
  Element.prototype.scrollIntoView = function (this: Element) {
    scrolled.push(this.textContent ?? '')
  }
})
afterEach(() => {
  cleanup()
  ask({ words: '', within: 'everything', book: null })
  stopLooking()
})

describe('marks', () => {
  it('are counted in characters, not in the units of this language', () => {
    expect(marked('𠮷野 and 𠮷', [{ from: 7, to: 8 }])).toEqual([
      { text: '𠮷野 and ', mark: null },
      { text: '𠮷', mark: 0 },
    ])
  })
  it.each(['one\n\ntwo  \n \n\n three', ' a\r\n\r\nb\r\nc\r\rd', '\n\n x \n', '', 'a\n \t\nb'])(
    'leave the paragraphs as they are: %j',
    (text) => {
      const same = (part: string) => part.replace(/\s+/g, ' ')
      const joined = markedParagraphs(text, []).map((runs) => runs.map((run) => run.text).join(''))
      expect(joined.map(same)).toEqual(paragraphs(text).map(same))
    },
  )
  it('keep their number over paragraphs, and never lose a letter', () => {
    const text = 'one two\r\n\r\nthree two\n\nfour'
    const places = [4, 15].map((from) => ({ from: from + (from > 8 ? 2 : 0), to: from + 3 + (from > 8 ? 2 : 0) }))
    const parts = markedParagraphs(text, places)
    expect(parts.map((runs) => runs.map((run) => run.text).join(''))).toEqual(['one two', 'three two', 'four'])
    expect(parts.flat().filter((run) => run.mark !== null)).toEqual([
      { text: 'two', mark: 0 },
      { text: 'two', mark: 1 },
    ])
  })
})

describe('the search', () => {
  it('is reached by keys from every screen, with the focus in its field', async () => {
    await open('few', '#/board')
    await fireEvent.keyDown(window, { key: 'F', ctrlKey: true, shiftKey: true })
    await waitFor(() => expect(location.hash).toBe('#/search'))
    await waitFor(async () => expect(document.activeElement).toBe(await field()))
    expect((await screen.findByTestId('search-none')).textContent).toContain('every title, summary and page')
  })

  it('asks while one types, and only the last question counts', async () => {
    await open('few', '#/search')
    for (const words of ['p', 'pi', 'pierre can', 'pierre candour']) await type(words)
    await waitFor(() => expect(searches()).toHaveLength(1))
    expect(searches()[0]).toEqual({ words: 'pierre candour', within: 'everything', book: null, until: null })
    const found = await hits()
    expect(visible(found[0] as Element)).toEqual(['Pierre', 'candour'])
    expect(screen.getByTestId('search-said').textContent).toMatch(/\d+ places in \d+ books/)
  })

  it('does not show an answer that was overtaken', async () => {
    await open('few', '#/search')
    const call = fake.call.bind(fake)
    const waiting: (() => void)[] = []
    fake.call = async (command, args) => {
      if (command === 'search') await new Promise<void>((go) => waiting.push(go))
      return call(command, args)
    }
    ask({ words: 'pierre' })
    await waitFor(() => expect(waiting).toHaveLength(1))
    ask({ words: 'regicide', within: 'summaries' })
    waiting[0]?.()
    await waitFor(() => expect(waiting).toHaveLength(2))
    expect(searchFound()).toBeNull()
    waiting[1]?.()
    const found = await hits()
    expect(new Set(found.map((hit) => hit.dataset.place))).toEqual(new Set(['summary']))
  })

  it('looks in summaries, in sources or in one book, and says what to do where nothing is', async () => {
    await open('few', '#/search')
    await type('assassination')
    const places = async () => new Set((await hits()).map((hit) => hit.dataset.place))
    await waitFor(async () => expect(await places()).toEqual(new Set(['source'])))
    await fireEvent.click(screen.getByTestId('within-summaries'))
    const none = await screen.findByTestId('search-none')
    await waitFor(() => expect(none.textContent).toContain('looked for in summaries only'))
    await fireEvent.click(within(none).getByRole('button', { name: 'Look everywhere' }))
    await hits()
    await fireEvent.change(screen.getByTestId('search-book'), { target: { value: '5' } })
    await waitFor(async () =>
      expect(new Set((await hits()).map((hit) => hit.getAttribute('href')?.slice(0, 7)))).toEqual(new Set(['#/book/'])),
    )
    await waitFor(() => expect(screen.getAllByTestId('search-book-hits')).toHaveLength(1))
    expect(screen.getByTestId('search-book-hits').textContent).toContain('Frankenstein')
  })

  it('shows hostile text as text', async () => {
    await open('few', '#/search')
    await type('script alert')
    const [hit] = await hits()
    expect(hit?.textContent).toContain('<script>alert(1)</script>')
    expect(hit?.querySelector('script, img')).toBeNull()
  })

  it('is walked through with the arrow keys and opens a chapter at the passage', async () => {
    await open('few', '#/search')
    await type('assassination')
    await fireEvent.click(screen.getByTestId('within-sources'))
    const [first, second] = await hits()
    await fireEvent.keyDown(await field(), { key: 'ArrowDown' })
    expect(document.activeElement).toBe(first)
    await fireEvent.keyDown(first as Element, { key: 'ArrowDown' })
    expect(document.activeElement).toBe(second)
    await fireEvent.keyDown(second as Element, { key: 'ArrowUp' })
    await fireEvent.keyDown(first as Element, { key: 'ArrowUp' })
    expect(document.activeElement).toBe(await field())

    await fireEvent.click(second as Element)
    await waitFor(() => expect(location.hash).toBe(second?.getAttribute('href')))
    const source = await screen.findByTestId('chapter-source')
    await waitFor(() => expect(visible(source)).toContain('assassination'))
    await waitFor(() => expect(scrolled.at(-1)).toBe('assassination'))
    const now = () => [...document.querySelectorAll('mark')].findIndex((mark) => mark.hasAttribute('aria-current'))
    expect(now()).toBe(0)
    await fireEvent.click(screen.getByTestId('finder-next'))
    await waitFor(() => expect(now()).toBe(1))
    expect(screen.getByTestId('finder').textContent).toMatch(/2 of \d+/)
    await fireEvent.keyDown(window, { key: 'Escape' })
    await waitFor(() => expect(document.querySelector('mark')).toBeNull())

    // The way back leads to the same hits, at the one that was opened.
    history.back()
    go({ screen: 'search' })
    await waitFor(async () => expect((await hits())[1]?.hasAttribute('data-opened')).toBe(true))
    await waitFor(() => expect(document.activeElement?.hasAttribute('data-opened')).toBe(true))
  })

  it('looks again when the library changed', async () => {
    await open('few', '#/search')
    await type('assassination')
    await hits()
    fake.push({ kind: 'changed' })
    await waitFor(() => expect(searches()).toHaveLength(2))
  })

  it('is offered by the palette for whatever is typed', async () => {
    await open('few', '#/library')
    await fireEvent.keyDown(window, { key: 'k', ctrlKey: true })
    await fireEvent.input(await screen.findByTestId('palette-input'), { target: { value: 'regicide' } })
    await screen.findByText('Search everything for “regicide”')
    await fireEvent.keyDown(screen.getByTestId('palette-input'), { key: 'Enter' })
    await waitFor(() => expect(location.hash).toBe('#/search'))
    expect((await field()).value).toBe('regicide')
    await hits()
  })

  it('says what cannot be found yet, and how an error is mended', async () => {
    await open('few', '#/search')
    const call = fake.call.bind(fake)
    let fails = false
    fake.call = (async (command, args) => {
      if (command !== 'search') return call(command, args)
      if (fails) throw { code: 'disk_full', message: 'The disk is full.', hint: 'Free some space.' }
      return { books: [], total: 0, unindexed: 364 }
    }) as FakeHost['call']
    await type('whale')
    expect((await screen.findByTestId('unindexed')).textContent).toContain('364 chapters cannot be found yet')
    fails = true
    await type('whales')
    expect(await screen.findByText('The disk is full.')).toBeTruthy()
  })
})
