import { cleanup, fireEvent, render, screen } from '@testing-library/svelte'
import { tick } from 'svelte'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import Notices from '../src/parts/Notices.svelte'
import { act, dismiss, notices, tell, undoLast } from '../src/state/notices.svelte'
import { shortcut } from '../src/state/shortcuts'

const texts = () => notices().map((notice) => notice.text)

beforeEach(() => vi.useFakeTimers())
afterEach(() => {
  cleanup()
  for (const { id } of notices()) dismiss(id)
  vi.useRealTimers()
})

describe('messages', () => {
  it('leave by themselves, but for what failed', () => {
    tell({ text: 'Copied.' })
    tell({ text: 'It broke.', tone: 'bad' })
    vi.advanceTimersByTime(10_000)
    expect(texts()).toEqual(['It broke.'])
  })

  it('stay while they are pointed at or have the focus', async () => {
    render(Notices)
    tell({ text: 'Copied.' })
    await tick()
    vi.advanceTimersByTime(4000)
    await fireEvent.pointerEnter(screen.getByRole('status'))
    tell({ text: 'Came meanwhile.' })
    vi.advanceTimersByTime(60_000)
    expect(texts()).toEqual(['Copied.', 'Came meanwhile.'])
    await fireEvent.pointerLeave(screen.getByRole('status'))
    vi.advanceTimersByTime(2500)
    expect(texts()).toEqual(['Came meanwhile.'])
    await tick()
    await fireEvent.focusIn(screen.getByRole('button'))
    vi.advanceTimersByTime(60_000)
    await fireEvent.focusOut(screen.getByRole('button'))
    expect(texts()).toEqual(['Came meanwhile.'])
    vi.advanceTimersByTime(6000)
    expect(texts()).toEqual([])
  })
})

describe('what can be taken back', () => {
  let done: string[] = []
  const removal = (name: string) =>
    tell({
      text: name,
      action: { label: 'Undo', run: () => done.push(`back ${name}`) },
      undoes: true,
    })
  beforeEach(() => (done = []))

  it('is not pushed out by newer messages', () => {
    removal('A')
    for (let i = 0; i < 8; i++) tell({ text: `${i}` })
    expect(texts()).toEqual(['A', '4', '5', '6', '7'])
    expect(done).toEqual([])
  })

  it('is left as it is when its message leaves', () => {
    dismiss(removal('A'))
    removal('B')
    vi.advanceTimersByTime(20_000)
    expect(texts()).toEqual([])
    expect(undoLast()).toBe(false)
    expect(done).toEqual([])
  })

  it('is taken back by its button, or the last of it by a key', () => {
    const first = removal('A')
    removal('B')
    tell({ text: 'Copied.' })
    expect(undoLast()).toBe(true)
    act(first)
    expect(undoLast()).toBe(false)
    vi.advanceTimersByTime(20_000)
    expect(done).toEqual(['back B', 'back A'])
  })

  it('has Ctrl+Z as its key, but not in a field and not with Shift', () => {
    const press = { key: 'z', ctrlKey: true, metaKey: false, altKey: false, typing: false }
    expect(shortcut(press, false)).toBe('undo')
    expect(shortcut({ ...press, typing: true }, false)).toBeNull()
    expect(shortcut({ ...press, key: 'Z' }, false)).toBeNull()
  })
})
