import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { use, wireError } from '../src/host'
import { named, type FakeHost } from '../src/host/fake'
import { cancel, confirm, offer, offered, refused, toggle } from '../src/state/adding.svelte'
import { begin, fatalError, follow, take } from '../src/state/app.svelte'
import { boardHistory, currentBoard, watch } from '../src/state/board.svelte'
import { exportBook } from '../src/state/exports.svelte'
import { books, loadLibrary, remove, vitalsOf } from '../src/state/library.svelte'
import { dismiss, notices, undoLast } from '../src/state/notices.svelte'
import { address, parseRoute } from '../src/state/route.svelte'
import { byGroup, loadSettings, refusalOf, row, set, settingRows } from '../src/state/settings.svelte'
import { found } from '../src/state/shelf'
import type { BookCard } from '../src/wire/types'

let fake: FakeHost

function host(name: string) {
  fake = named(name)
  use(fake)
}
const asked = (command: string) => fake.calls.filter((call) => call.command === command)

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] }))
afterEach(() => {
  cancel()
  watch(null)
  for (const { id } of notices()) dismiss(id)
  vi.useRealTimers()
})

describe('route', () => {
  it.each(['#/library', '#/board', '#/board/7', '#/book/3', '#/book/3/300004', '#/settings'])(
    '%s comes back the same',
    (hash) => expect(address(parseRoute(hash))).toBe(hash),
  )
  it('leads to the library from anywhere it does not know', () => {
    expect(parseRoute('#/book/x')).toEqual({ screen: 'library' })
    expect(parseRoute('#javascript:alert(1)')).toEqual({ screen: 'library' })
  })
})

describe('library', () => {
  it('shows a running book as its newest frame says', async () => {
    host('run385')
    await loadLibrary()
    await fake.feed(take)
    fake.tick()
    const [card] = books()
    expect(card?.state).toBe('running')
    expect(vitalsOf(card?.job ?? null)?.chapters_all).toBe(385)
  })

  it('removes at once, so that no end of the page can undo it, and brings back when asked', async () => {
    host('one')
    await loadLibrary()
    remove(books()[0] as BookCard)
    expect(books()).toHaveLength(0)
    expect(asked('remove')).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(books()).toHaveLength(0)
    undoLast()
    await vi.advanceTimersByTimeAsync(1)
    expect(asked('restore')).toHaveLength(1)
    expect(books()).toHaveLength(1)
  })

  it('undoes a removal that is not answered yet after it was', async () => {
    host('one')
    await loadLibrary()
    remove(books()[0] as BookCard)
    undoLast()
    await vi.advanceTimersByTimeAsync(1)
    const order = fake.calls.map(({ command }) => command).filter((command) => /remove|restore/.test(command))
    expect(order).toEqual(['remove', 'restore'])
    expect(books()).toHaveLength(1)
  })

  it('exports to the chosen path and says where; a cancelled dialog does nothing', async () => {
    host('one')
    await loadLibrary()
    const card = books()[0] as BookCard
    fake.savePath = null
    await exportBook(card, 'markdown')
    expect(asked('export')).toHaveLength(0)
    fake.savePath = '/home/reader/out.md'
    await exportBook(card, 'markdown')
    expect(asked('export')[0]?.args).toEqual({ book: card.id, format: 'markdown', path: '/home/reader/out.md' })
    expect(notices().at(-1)?.text).toContain('/home/reader/out.md')
  })

  it('finds by every word, accents and case aside', async () => {
    host('library')
    await loadLibrary()
    expect(found(books(), 'TOLSTOY peace', 'title').map((card) => card.meta.title)).toEqual(['War and Peace'])
    expect(found(books(), '草', 'title')).toHaveLength(1)
    expect(found(books(), 'nothing like it', 'title')).toHaveLength(0)
  })
})

describe('board', () => {
  it('asks again after a lost frame and goes on from there', async () => {
    host('run385')
    await fake.feed(take)
    watch(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(currentBoard()?.cells).toHaveLength(388)
    const lost = await fake.call('board', { job: 1 })
    take({
      kind: 'frames',
      frames: [
        {
          job: 1,
          seq: lost.seq + 5,
          state: 'running',
          reason: null,
          vitals: lost.vitals,
          cells: [],
          events: [],
          calls: [],
        },
      ],
    })
    await vi.advanceTimersByTimeAsync(1)
    fake.tick()
    await vi.advanceTimersByTimeAsync(1)
    expect(currentBoard()?.seq).toBe((await fake.call('board', { job: 1 })).seq)
  })
})

describe('the history of the board', () => {
  const start = Date.now()
  const tick = async (ms: number) => {
    vi.setSystemTime(Date.now() + ms)
    fake.tick()
    await vi.advanceTimersByTimeAsync(1)
  }

  beforeEach(async () => {
    vi.useFakeTimers({ now: start })
    host('run385')
    await fake.feed(take)
    watch(1)
    await vi.advanceTimersByTimeAsync(1)
  })

  it('is there at once after a reload, and grows by a sample a second', async () => {
    const before = boardHistory().length
    expect(before).toBeGreaterThan(1000)
    for (let i = 0; i < 30; i++) await tick(100)
    expect(boardHistory().length - before).toBeGreaterThanOrEqual(2)
    expect(boardHistory().length - before).toBeLessThanOrEqual(4)
    expect(asked('history')).toHaveLength(1)
  })

  it('is asked for again after a silence, as of a sleeping laptop, and has no hole', async () => {
    await tick(1000)
    await tick(90_000)
    expect(asked('history')).toHaveLength(2)
    const times = boardHistory().map((one) => one.at_ms)
    const widest = Math.max(...times.slice(1).map((at, i) => at - (times[i] ?? at)))
    expect(widest).toBeLessThanOrEqual(2000)
  })

  it('is asked for until it comes', async () => {
    const call = fake.call
    let down = true
    fake.call = ((command, args) =>
      down && command === 'history'
        ? (call(command, args), Promise.reject(new Error('down')))
        : call(command, args)) as typeof call
    await tick(60_000)
    await tick(1000)
    expect(asked('history')).toHaveLength(2)
    down = false
    await tick(6000)
    expect(asked('history')).toHaveLength(3)
    await tick(1000)
    expect(asked('history')).toHaveLength(3)
  })

  it('is asked for of the other job when that is watched, and no sample is taken of a paused one', async () => {
    host('two')
    watch(2)
    await vi.advanceTimersByTimeAsync(1)
    expect(asked('history').map((one) => one.args)).toEqual([{ job: 2 }])
    await fake.feed(take)
    await fake.call('pause', { job: 2 })
    const before = boardHistory().length
    await tick(3000)
    expect(boardHistory()).toHaveLength(before)
  })
})

describe('a page that comes into sight again', () => {
  it('asks for what it may have missed', async () => {
    host('run385')
    const stop = follow()
    watch(1)
    await vi.advanceTimersByTimeAsync(1000)
    const before = asked('board').length
    document.dispatchEvent(new Event('visibilitychange'))
    await vi.advanceTimersByTimeAsync(1000)
    expect(asked('board').length).toBe(before + 1)
    stop()
  })
})

describe('adding', () => {
  it('offers what can be read, names what cannot, and adds what is chosen', async () => {
    host('empty')
    await loadLibrary()
    await offer(['/b/Typee.epub', '/b/Moby-Dick.epub', '/b/budget.xlsx'])
    expect(offered().map((one) => [one.preview.meta.title, one.chosen])).toEqual([
      ['Typee', true],
      ['Moby-Dick', false],
    ])
    expect(refused()[0]?.error.message).toContain('budget.xlsx')
    toggle(offered()[1]?.preview.token ?? '')
    await confirm(true)
    expect(asked('add')).toHaveLength(2)
    expect(asked('discard')).toHaveLength(0)
    expect(offered()).toHaveLength(0)
    expect(books()).toHaveLength(2)
  })

  it('offers the same file once, however often it is dropped', async () => {
    host('empty')
    await offer(['/b/Typee.epub'])
    await offer(['/b/Typee.epub'])
    expect(offered()).toHaveLength(1)
  })

  it('forgets the offer at the host when cancelled', async () => {
    host('empty')
    await offer(['/b/Typee.epub'])
    cancel()
    expect(asked('discard')).toHaveLength(1)
    expect(offered()).toHaveLength(0)
  })

  it('keeps a book in the offer when adding it is refused', async () => {
    host('empty')
    await offer(['/b/Typee.epub'])
    const call = fake.call
    fake.call = ((command, args) =>
      command === 'add'
        ? Promise.reject({ code: 'disk_full', message: 'The disk is full.', hint: 'Make room.' })
        : call(command, args)) as typeof call
    await confirm(true)
    expect(offered()).toHaveLength(1)
    expect(notices().at(-1)).toMatchObject({ tone: 'bad', text: 'The disk is full.', hint: 'Make room.' })
  })
})

describe('settings', () => {
  it('keeps a refused value beside its row until it is mended', async () => {
    host('library')
    await loadSettings()
    expect(await set('llm.attempts', 'many')).toBe(false)
    expect(refusalOf('llm.attempts')?.hint).toContain('1 to 20')
    expect(await set('llm.attempts', '7')).toBe(true)
    expect(refusalOf('llm.attempts')).toBeUndefined()
    expect(row('llm.attempts')).toMatchObject({ value: '7', source: 'file' })
  })

  it('groups rows in the order they come', async () => {
    host('library')
    await loadSettings()
    const groups = byGroup(settingRows())
    expect(groups.map((group) => group.group)).toEqual([...new Set(settingRows().map((row) => row.group))])
    expect(groups.flatMap((group) => group.rows)).toHaveLength(settingRows().length)
    // What suits nearly everyone as it is comes last, folded away.
    expect(groups.map((group) => group.expert)).toEqual(groups.map((group) => group.expert).toSorted())
  })
})

describe('start', () => {
  it('says why it cannot work, and goes on when it can', async () => {
    host('fatal')
    await begin()
    expect(fatalError()?.code).toBe('data_folder_not_writable')
    host('one')
    await begin()
    expect(fatalError()).toBeNull()
    expect(books()).toHaveLength(1)
  })

  it('turns any thrown thing into a sentence', () => {
    expect(wireError({ code: 'busy', message: 'm', hint: 'h' })).toEqual({ code: 'busy', message: 'm', hint: 'h' })
    expect(wireError(new Error('x')).code).toBe('internal')
    expect(wireError('plain').message).toContain('plain')
  })
})
