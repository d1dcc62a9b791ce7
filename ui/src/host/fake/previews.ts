/** Invented answers to files that were dropped. */
import type { AddPreview, PreviewChapter, PreviewOutcome } from '../../wire/types'
import { baseName } from '../../words/states'
import { chance } from './chance'
import { coverageOf } from './edits'
import { source } from './texts'

function sections(chapters: number): PreviewChapter[] {
  const random = chance(chapters)
  const front: PreviewChapter[] = [
    { number: null, title: 'Cover', part: null, chars: 12, left_out: 'cover', opening: '', kinship: null },
    {
      number: null,
      title: 'Contents',
      part: null,
      chars: 4210,
      left_out: 'contents',
      opening: 'Book One: 1805. Chapter I',
      kinship: null,
    },
  ]
  const middle = Array.from({ length: chapters }, (_, i): PreviewChapter => ({
    number: i + 1,
    title:
      i % 7 === 3
        ? `Chapter ${i + 1}. In which a very long heading shows what becomes of headings that do not know when to stop`
        : `Chapter ${i + 1}`,
    part: chapters > 50 ? `Book ${Math.floor(i / 28) + 1}` : null,
    chars: 1800 + Math.floor(random() * 15_000),
    left_out: null,
    opening: source(i + 1).slice(0, 90),
    kinship: null,
  }))
  return [
    ...front,
    ...middle,
    {
      number: null,
      title: 'The full licence',
      part: null,
      chars: 18_600,
      left_out: 'licence',
      opening: 'START OF THE LICENCE',
      kinship: null,
    },
  ]
}

function book(file: string, place: number): AddPreview {
  const chapters = /peace/i.test(file) ? 364 : 12 + place * 9
  const all = sections(chapters)
  if (/serial/i.test(file)) {
    for (const one of all)
      one.kinship = (one.number ?? 0) > chapters - 2 ? 'new' : one.number === 3 ? 'changed' : 'same'
  }
  const sum = (some: PreviewChapter[]) => some.reduce((total, one) => total + one.chars, 0)
  const kept = all.filter((one) => one.left_out === null)
  const measured = chapters > 50
  return {
    token: `preview-${file}-${place}`,
    file_name: file,
    meta: {
      title: file.replace(/\.[^.]+$/, ''),
      authors: measured ? ['Leo Tolstoy'] : ['Herman Melville', 'An Editor'],
      language: 'en',
      series: null,
    },
    format: 'epub',
    method: place % 3 === 1 ? 'headings' : 'navigation',
    sections: all,
    coverage: coverageOf(all),
    estimate: {
      calls: chapters + Math.ceil(chapters / 12),
      tokens_in: Math.ceil(sum(kept) / 4000) * 1000,
      tokens_out: chapters * 260,
      time: measured ? { low_s: 1980, likely_s: 2280, high_s: 2700 } : null,
      basis: measured
        ? 'Measured with this model on this machine: 612 tokens a second.'
        : 'Nothing has been measured with this model yet; the first chapters will tell.',
      provider: 'ollama',
      model: 'llama3.1:8b',
    },
    certainty: {
      sureness: place % 3 === 1 ? 'likely' : 'sure',
      reason: place % 3 === 1 ? 'They begin at lines that look like headings.' : 'They are numbered without a gap.',
    },
    known: /moby/i.test(file) ? 3 : null,
    grown: /serial/i.test(file)
      ? { book: 2, title: 'The Long Road', same: chapters - 3, changed: 1, new: 2, gone: 1 }
      : null,
    edits: [],
  }
}

export function previewOf(path: string, place: number): PreviewOutcome {
  const file = baseName(path)
  if (/broken/i.test(file)) {
    return {
      outcome: 'refused',
      file_name: file,
      error: {
        code: 'book_broken',
        message: `“${file}” ends in the middle: the archive is cut off.`,
        hint: 'Download or copy the file again.',
      },
    }
  }
  if (!/\.(epub|txt|md|markdown)$/i.test(file)) {
    return {
      outcome: 'refused',
      file_name: file,
      error: {
        code: 'not_a_book',
        message: `“${file}” is not a book that Epitome can read.`,
        hint: 'Add an EPUB, a PDF, a Word document (DOCX) or a plain text instead.',
      },
    }
  }
  return { outcome: 'book', preview: book(file, place) }
}
