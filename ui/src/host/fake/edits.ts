/** Changes of an invented preview, as the real host makes them. */
import type { AddPreview, Coverage, Edit, Paragraph, PreviewChapter, SectionParagraphs } from '../../wire/types'
import { refuse } from './refuse'

export function coverageOf(sections: readonly PreviewChapter[]): Coverage {
  const sum = (some: readonly PreviewChapter[]) => some.reduce((total, one) => total + one.chars, 0)
  return {
    source_chars: sum(sections),
    chapter_chars: sum(sections.filter((one) => one.left_out === null)),
    summarised_chars: 0,
    left_out: sections.flatMap((one) =>
      one.left_out ? [{ title: one.title, chars: one.chars, reason: one.left_out }] : [],
    ),
  }
}

function pattern(text: string): RegExp {
  try {
    return new RegExp(text, 'u')
  } catch {
    return refuse('bad_use', 'The pattern cannot be read: unclosed group.', 'Write a regular expression.')
  }
}

function merged(some: readonly PreviewChapter[]): PreviewChapter[] {
  const named = some.find((one) => one.left_out === null) ?? some[0]
  return named ? [{ ...named, chars: some.reduce((sum, one) => sum + one.chars, 0) }] : []
}

function one(list: PreviewChapter[], edit: Edit): PreviewChapter[] {
  const with_ = (places: number[], change: Partial<PreviewChapter>) =>
    list.map((section, place) => (places.includes(place) ? { ...section, ...change } : section))
  switch (edit.edit) {
    case 'leave_out':
      return with_(edit.sections, { left_out: 'excluded' })
    case 'put_back':
      return with_(edit.sections, { left_out: null })
    case 'rename':
      return with_([edit.section], { title: edit.title })
    case 'merge': {
      const end = edit.section + edit.following + 1
      return [...list.slice(0, edit.section), ...merged(list.slice(edit.section, end)), ...list.slice(end)]
    }
    case 'split': {
      const found = list[edit.section]
      if (!found) return list
      const halves = [
        { ...found, chars: edit.at },
        { ...found, title: `${found.title} (2)`, chars: found.chars - edit.at },
      ]
      return [...list.slice(0, edit.section), ...halves, ...list.slice(edit.section + 1)]
    }
    case 'pattern': {
      const fits = pattern(edit.pattern)
      const sets = list.reduce<PreviewChapter[][]>((all, section) => {
        const last = all.at(-1)
        if (last && section.left_out === null && last[0]?.left_out === null && !fits.test(section.title)) {
          last.push(section)
          return all
        }
        return [...all, [section]]
      }, [])
      if (!list.some((section) => section.left_out === null && fits.test(section.title)))
        refuse('bad_use', 'The pattern fits no line of the book.', 'A line fits as a whole.')
      return sets.flatMap(merged)
    }
  }
}

/** The preview after all changes. */
export function edited(base: AddPreview, edits: Edit[]): AddPreview {
  let number = 0
  const sections = edits.reduce(one, base.sections).map((section) => ({
    ...section,
    number: section.left_out === null ? ++number : null,
  }))
  const method = edits.some((edit) => edit.edit === 'pattern') ? 'pattern' : base.method
  return { ...base, sections, method, edits, coverage: coverageOf(sections) }
}

export function paragraphsOf(section: PreviewChapter): SectionParagraphs {
  const step = Math.max(1, Math.floor(section.chars / 12))
  const paragraphs = Array.from({ length: Math.max(1, Math.floor(section.chars / step)) }, (_, i): Paragraph => ({
    at: i * step,
    text: `Paragraph ${i + 1} of “${section.title}” begins with these words and goes on for a while.`,
  }))
  return { paragraphs, next: null }
}
