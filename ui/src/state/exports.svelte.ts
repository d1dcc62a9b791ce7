/** Files a book's summaries were written to, and showing them. */
import { host } from '../host'
import type { BookCard, BookId, Exported, ExportFormat, JobId } from '../wire/types'
import { bytes, counted } from '../words/numbers'
import { fileName } from '../words/states'
import { keep, keptJson } from './kept.svelte'
import { attempt, tell } from './notices.svelte'

const NAME = 'exports'
const KEPT_MOST = 500

type Paths = [BookId, string][]

function stored(): Paths {
  const kept = keptJson(NAME)
  const fits = (one: unknown): one is [BookId, string] =>
    Array.isArray(one) && typeof one[0] === 'number' && typeof one[1] === 'string'
  return Array.isArray(kept) ? kept.filter(fits) : []
}

const paths = $derived(stored())

/** Where a book was last written to from this window. */
export const exportedTo = (book: BookId): string | null => paths.find(([known]) => known === book)?.[1] ?? null

export const canReveal = () => host().reveal !== undefined

export const canChooseFolder = () => host().openFolder !== undefined

/** A folder of the person's choice; `null` where they changed their mind. */
export async function chooseFolder(): Promise<string | null> {
  let folder: string | null = null
  await attempt(async () => (folder = (await host().openFolder?.()) ?? null))
  return folder
}

/** Shows a file or folder in the system's file manager. */
export const reveal = (path: string) => attempt(async () => host().reveal?.(path))

const figureNames = { svg: 'Charts', json: 'All figures' } as const

/** Asks where to write the figures of a run, writes them, and says where they lie. */
export async function exportFigures(job: JobId, title: string, ending: keyof typeof figureNames): Promise<void> {
  await attempt(async () => {
    const path = await host().saveDialog({
      suggested: fileName(`${title} figures`, ending),
      filters: [{ name: figureNames[ending], extensions: [ending] }],
    })
    if (path === null) return
    const written = await host().call('write_figures', { job, path })
    tell({
      text: `Written to ${await host().deliver(written.path)}`,
      hint: bytes(written.bytes),
      action: canReveal() ? { label: 'Show it', run: () => void reveal(written.path) } : null,
    })
  })
}

const formats = {
  markdown: { name: 'Markdown', ending: 'md' },
  json: { name: 'JSON', ending: 'json' },
} as const satisfies Record<ExportFormat, unknown>

/** Writes a book's summaries to a path, and remembers that they lie there. */
async function write(book: BookId, format: ExportFormat, path: string): Promise<Exported> {
  const written = await host().call('export', { book, format, path })
  const others = paths.filter(([one]) => one !== book)
  keep(NAME, JSON.stringify([[book, written.path], ...others].slice(0, KEPT_MOST)))
  return written
}

/** Asks where to write, writes, and says where it lies. */
export async function exportBook(card: BookCard, format: ExportFormat): Promise<void> {
  const { name, ending } = formats[format]
  await attempt(async () => {
    const path = await host().saveDialog({
      suggested: fileName(card.meta.title, ending),
      filters: [{ name, extensions: [ending] }],
    })
    if (path === null) return
    const written = await write(card.id, format, path)
    tell({
      text: `Exported to ${await host().deliver(written.path)}`,
      hint: `${name}, ${bytes(written.bytes)}`,
      action: canReveal() ? { label: 'Show it', run: () => void reveal(written.path) } : null,
    })
  })
}

/** A file name for each book; books of one title get a number. */
export function fileNames(cards: readonly BookCard[], ending: string): string[] {
  const taken = new Set<string>()
  return cards.map(({ meta }) => {
    let name = fileName(meta.title, ending)
    // File systems that take capital and small letters for the same are usual.
    for (let n = 2; taken.has(name.toLowerCase()); n += 1) name = fileName(`${meta.title} ${n}`, ending)
    taken.add(name.toLowerCase())
    return name
  })
}

/** Asks once for a folder, writes a file for each book into it, and says how many; a browser takes them one by one. */
export async function exportBooks(cards: readonly BookCard[], format: ExportFormat): Promise<void> {
  const { ending } = formats[format]
  const folder = canChooseFolder() ? await chooseFolder() : ''
  if (folder === null) return
  const names = fileNames(cards, ending)
  let [done, last] = [0, '']
  for (const [i, card] of cards.entries()) {
    await attempt(async () => {
      const name = names[i] ?? ''
      const { path } = await write(card.id, format, folder === '' ? name : `${folder}/${name}`)
      last = path
      await host().deliver(path)
      done += 1
    })
  }
  if (done === 0) return
  tell({
    text: `${counted(done, 'book')} exported to ${folder === '' ? 'your downloads' : folder}.`,
    action: canReveal() ? { label: 'Show them', run: () => void reveal(last) } : null,
  })
}
