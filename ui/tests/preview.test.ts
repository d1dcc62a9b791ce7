import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/svelte'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import App from '../src/App.svelte'
import { use } from '../src/host'
import { named, type FakeHost } from '../src/host/fake'
import { cancel, offer, offered, readingFiles } from '../src/state/adding.svelte'
import { dismiss, notices } from '../src/state/notices.svelte'
import { go, parseRoute } from '../src/state/route.svelte'
import type { Edit } from '../src/wire/types'

let fake: FakeHost
const byId = (id: string) => screen.findByTestId(id)
const asked = (command: string) => fake.calls.filter((call) => call.command === command)
const edits = () => (asked('edit_preview').at(-1)?.args as { edits: Edit[] }).edits
const titles = () =>
  offered()[0]?.preview.sections.flatMap((section) => (section.number === null ? [] : [section.title])) ?? []

async function drop(...paths: string[]): Promise<void> {
  fake = named('empty')
  use(fake)
  go(parseRoute('#/library'))
  render(App)
  await offer(paths)
  await byId('preview-start')
}

/** Opens the menu of a section and chooses an action of it. */
async function act(title: string, testid: string): Promise<void> {
  const button = await screen.findByRole('button', { name: `Change ${title}` })
  button.focus()
  await fireEvent.keyDown(button, { key: 'Enter' })
  await fireEvent.click(await byId(testid))
}

beforeEach(() => localStorage.clear())
afterEach(() => {
  cleanup()
  cancel()
  for (const { id } of notices()) dismiss(id)
})

describe('the chapters of a preview', () => {
  it('are left out and put back, and every change is taken back and made again', async () => {
    await drop('/b/Short.epub')
    const before = titles()
    await act('Chapter 1', 'section-out')
    await waitFor(() => expect(titles()).toEqual(before.slice(1)))
    expect((await byId('preview-coverage')).textContent).toContain('100 % of')
    await fireEvent.click(await byId('edit-undo'))
    await waitFor(() => expect(titles()).toEqual(before))
    await fireEvent.click(await byId('edit-redo'))
    await waitFor(() => expect(titles()).toEqual(before.slice(1)))
    await fireEvent.keyDown(window, { key: 'z', ctrlKey: true })
    await waitFor(() => expect(titles()).toEqual(before))
    await act('Contents', 'section-back')
    await waitFor(() => expect(titles()[0]).toBe('Contents'))
  })

  it('are joined when they are neighbours', async () => {
    await drop('/b/Short.epub')
    const before = titles().length
    const box = (title: string) => screen.findByRole('checkbox', { name: `Choose ${title}` })
    await fireEvent.click(await box('Chapter 1'))
    await fireEvent.click(await box('Chapter 3'))
    expect((await byId('edit-join')).hasAttribute('disabled')).toBe(true)
    await fireEvent.click(await box('Chapter 2'))
    expect((await byId('edit-chosen')).textContent).toContain('3 sections')
    await fireEvent.click(await byId('edit-join'))
    await waitFor(() => expect(titles()).toHaveLength(before - 2))
    expect(edits()).toEqual([{ edit: 'merge', section: 2, following: 2 }])
    expect(screen.queryByTestId('edit-chosen')).toBeNull()
  })

  it('get another title, or keep theirs', async () => {
    await drop('/b/Short.epub')
    await act('Chapter 2', 'section-rename')
    const field = await screen.findByRole('textbox', { name: 'Title of section 4' })
    await fireEvent.input(field, { target: { value: 'The storm' } })
    await fireEvent.keyDown(field, { key: 'Enter' })
    await waitFor(() => expect(titles()[1]).toBe('The storm'))
    await act('The storm', 'section-rename')
    await fireEvent.keyDown(await screen.findByRole('textbox', { name: 'Title of section 4' }), { key: 'Escape' })
    expect(await byId('preview')).toBeTruthy()
    expect(asked('edit_preview')).toHaveLength(1)
  })

  it('are split at a paragraph', async () => {
    await drop('/b/Short.epub')
    const before = titles().length
    await act('Chapter 1', 'section-split')
    const dialog = await byId('split')
    expect(dialog.textContent).toContain('Chapter 1')
    const [first] = await within(dialog).findAllByTestId('paragraph')
    if (!first) throw new Error('no paragraph')
    expect(first.textContent).toContain('Paragraph 2')
    await fireEvent.click(first)
    await waitFor(() => expect(titles()).toHaveLength(before + 1))
    expect(edits()[0]).toMatchObject({ edit: 'split', section: 2 })
  })

  it('follow a pattern while it is typed, and a bad one is said', async () => {
    await drop('/b/Short.epub')
    const before = titles().length
    await fireEvent.click(await byId('edit-pattern'))
    const field = await byId('pattern-field')
    await fireEvent.input(field, { target: { value: '(' } })
    expect((await byId('edit-problem')).textContent).toContain('cannot be read')
    expect(titles()).toHaveLength(before)
    await fireEvent.input(field, { target: { value: 'Chapter [159]$' } })
    await waitFor(() => expect(titles()).toEqual(['Chapter 1', 'Chapter 5', 'Chapter 9']))
    expect(screen.queryByTestId('edit-problem')).toBeNull()
    expect((await byId('preview-method')).textContent).toContain('pattern')
    await fireEvent.input(field, { target: { value: '' } })
    await waitFor(() => expect(titles()).toHaveLength(before))
  })
})

describe('a newer version of a book', () => {
  it('says what is new and is added as the reader chooses', async () => {
    await drop('/b/Serial.epub')
    const grown = await byId('preview-grown')
    expect(grown.textContent).toContain('2 chapters new, 1 changed')
    await fireEvent.click(within(grown).getByRole('radio', { name: /Take out 1 chapter/ }))
    await fireEvent.click(await byId('preview-add'))
    await waitFor(() => expect(asked('add')[0]?.args).toMatchObject({ how: 'replace', start: null }))
  })
})

describe('many files', () => {
  it('are read a few at a time, and let go of when the offer is closed', async () => {
    fake = named('empty')
    use(fake)
    render(App)
    const reading = offer(Array.from({ length: 20 }, (_, i) => `/b/Book ${i}.epub`))
    await waitFor(() => expect(offered().length).toBeGreaterThan(0))
    expect(readingFiles().length).toBeLessThan(20)
    cancel()
    await reading
    expect(offered()).toEqual([])
    expect(readingFiles()).toEqual([])
    expect(asked('preview').length).toBeLessThan(5)
    expect(asked('discard').length).toBe(asked('preview').length * 4)
  })
})
