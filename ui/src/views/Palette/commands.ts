/** Everything the palette knows: places, actions, books, chapters of the open book, settings. */
import Activity from '@lucide/svelte/icons/activity'
import BookIcon from '@lucide/svelte/icons/book'
import BookOpen from '@lucide/svelte/icons/book-open'
import FileDown from '@lucide/svelte/icons/file-down'
import FileText from '@lucide/svelte/icons/file-text'
import FolderOpen from '@lucide/svelte/icons/folder-open'
import Keyboard from '@lucide/svelte/icons/keyboard'
import LibraryBig from '@lucide/svelte/icons/library-big'
import ListFilter from '@lucide/svelte/icons/list-filter'
import Monitor from '@lucide/svelte/icons/monitor'
import Moon from '@lucide/svelte/icons/moon'
import Pause from '@lucide/svelte/icons/pause'
import Play from '@lucide/svelte/icons/play'
import Plus from '@lucide/svelte/icons/plus'
import PlugZap from '@lucide/svelte/icons/plug-zap'
import Search from '@lucide/svelte/icons/search'
import Settings from '@lucide/svelte/icons/settings'
import SlidersHorizontal from '@lucide/svelte/icons/sliders-horizontal'
import Sparkles from '@lucide/svelte/icons/sparkles'
import Square from '@lucide/svelte/icons/square'
import Sun from '@lucide/svelte/icons/sun'
import type { Component } from 'svelte'

import { choose, trySample } from '../../state/adding.svelte'
import { controls } from '../../state/board'
import { currentBook } from '../../state/book.svelte'
import { canReveal, exportBook, reveal } from '../../state/exports.svelte'
import { activeBooks, books, changingMuch, pause, resume, stop } from '../../state/library.svelte'
import { showOver } from '../../state/over.svelte'
import { look } from '../../state/provider.svelte'
import { route } from '../../state/route.svelte'
import { ask } from '../../state/search.svelte'
import { aboutProgram, settingRows } from '../../state/settings.svelte'
import { above, filters, kinds, type Filter } from '../../state/shelf'
import { setFilter, setWanted } from '../../state/shelf.svelte'
import { chooseTheme, currentTheme, type Theme } from '../../state/theme.svelte'
import type { BookCard } from '../../wire/types'
import { count } from '../../words/numbers'
import { authors, isActive, jobWords, shelfState } from '../../words/states'
import { ranked, score } from '../../words/fuzzy'
import { summariseOn } from '../Library/actions'
import { goAndFocus, goToEverything, goToSetting } from './arrive'

export interface Command {
  id: string
  label: string
  /** Said beside the label; found by as well. */
  detail?: string
  /** Further words it is found by. */
  words?: string
  keys?: string
  icon: Component<{ size?: number | string }>
  run: () => unknown
}

export interface CommandGroup {
  name: string
  commands: Command[]
}

function places(): Command[] {
  return [
    { id: 'go:library', label: 'Library', keys: 'g l', icon: LibraryBig, run: () => goAndFocus({ screen: 'library' }) },
    {
      id: 'go:board',
      label: 'Board',
      keys: 'g b',
      words: 'run progress',
      icon: Activity,
      run: () => goAndFocus({ screen: 'board', job: null }),
    },
    {
      id: 'go:search',
      label: 'Search',
      keys: 'g f',
      words: 'find text everything',
      icon: Search,
      run: goToEverything,
    },
    {
      id: 'go:settings',
      label: 'Settings',
      keys: 'g s',
      words: 'preferences options',
      icon: Settings,
      run: () => goAndFocus({ screen: 'settings' }),
    },
  ]
}

/** Runs that can be acted on by name; the first of them, with nothing typed. */
const RUNS_MOST = 40

function runs(typed: boolean): Command[] {
  const active = activeBooks()
  const found = above(active, typed ? RUNS_MOST : 1).flatMap(({ job, state, meta }): Command[] => {
    if (job === null || state === null) return []
    const can = controls(state)
    const detail = `“${meta.title}”`
    return [
      ...(can.pause ? [{ id: `pause:${job}`, label: 'Pause', detail, icon: Pause, run: () => pause(job) }] : []),
      ...(can.resume ? [{ id: `resume:${job}`, label: 'Resume', detail, icon: Play, run: () => resume(job) }] : []),
      ...(can.stop ? [{ id: `stop:${job}`, label: 'Stop', detail, icon: Square, run: () => stop(job) }] : []),
      {
        id: `watch:${job}`,
        label: 'Watch on the board',
        detail,
        icon: Activity,
        run: () => goAndFocus({ screen: 'board', job }),
      },
    ]
  })
  return [...found, ...runsOfAll(active)]
}

function runsOfAll(active: readonly BookCard[]): Command[] {
  const each = (cards: readonly BookCard[], what: (job: number) => Promise<unknown>) => () =>
    changingMuch(async () => {
      for (const { job } of cards) if (job !== null) await what(job)
    })
  const held = active.filter(({ state }) => state === 'paused')
  const going = active.filter(({ state }) => state !== 'paused')
  return [
    ...(going.length > 1 ? [{ id: 'pause:all', label: 'Pause all books', icon: Pause, run: each(going, pause) }] : []),
    ...(held.length > 1 ? [{ id: 'resume:all', label: 'Resume all books', icon: Play, run: each(held, resume) }] : []),
  ]
}

function ofOpenBook(): Command[] {
  const view = currentBook()
  if (route().screen !== 'book' || !view) return []
  const { card } = view
  const detail = `“${card.meta.title}”`
  return [
    ...(isActive(card.state) && card.state !== 'paused'
      ? []
      : [{ id: 'summarise', label: 'Summarise', detail, icon: Play, run: () => summariseOn(card) }]),
    ...(card.summarised === 0
      ? []
      : (['markdown', 'json'] as const).map((format) => ({
          id: `export:${format}`,
          label: `Export as ${format === 'json' ? 'JSON' : 'Markdown'}`,
          detail,
          icon: FileDown,
          run: () => exportBook(card, format),
        }))),
  ]
}

const themes: Record<Theme, { label: string; icon: Command['icon'] }> = {
  system: { label: 'Colours as the system has them', icon: Monitor },
  light: { label: 'Light colours', icon: Sun },
  dark: { label: 'Dark colours', icon: Moon },
}

function actions(typed: boolean): Command[] {
  const data = aboutProgram()?.data_folder
  return [
    ...runs(typed),
    ...ofOpenBook(),
    { id: 'add', label: 'Add books…', keys: 'Ctrl O', words: 'open file import', icon: Plus, run: choose },
    { id: 'sample', label: 'Try the sample book', words: 'example Alice', icon: Sparkles, run: trySample },
    ...(Object.keys(themes) as Theme[])
      .filter((theme) => theme !== currentTheme())
      .map((theme) => ({ id: `theme:${theme}`, ...themes[theme], words: 'theme', run: () => chooseTheme(theme) })),
    { id: 'test', label: 'Test who writes the summaries', words: 'provider Ollama server', icon: PlugZap, run: test },
    ...(data && canReveal()
      ? [{ id: 'data', label: 'Show the data folder', words: 'reveal', icon: FolderOpen, run: () => reveal(data) }]
      : []),
    { id: 'help', label: 'Keyboard shortcuts', keys: '?', icon: Keyboard, run: () => showOver('help') },
  ]
}

async function test(): Promise<void> {
  await goToSetting('provider.choice')
  await look()
}

function shelves(): Command[] {
  const numbers = kinds(books())
  return (Object.keys(filters) as Filter[])
    .filter((filter) => numbers[filter] > 0)
    .map((filter) => ({
      id: `filter:${filter}`,
      label: `Books: ${filters[filter].toLowerCase()}`,
      detail: count(numbers[filter]),
      words: 'show filter shelf',
      icon: ListFilter,
      run: () => {
        setWanted('')
        setFilter(filter)
        return goAndFocus({ screen: 'library' })
      },
    }))
}

function volumes(): Command[] {
  const named = (card: BookCard) => [authors(card.meta), isActive(card.state) ? jobWords[card.state ?? 'waiting'] : '']
  return books().map((card) => ({
    id: `book:${card.id}`,
    label: card.meta.title,
    detail: named(card).filter(Boolean).join(' · ') || shelfState(card),
    words: card.file_name,
    icon: BookIcon,
    run: () => goAndFocus({ screen: 'book', book: card.id, section: null }),
  }))
}

function chapters(): Command[] {
  const view = currentBook()
  if (route().screen !== 'book' || !view) return []
  const book = view.card.id
  const synopsis: Command = {
    id: 'chapter:none',
    label: 'Synopsis of the book',
    icon: BookOpen,
    run: () => goAndFocus({ screen: 'book', book, section: null }),
  }
  const found = view.chapters.map(({ section, number, title, source_title }) => ({
    id: `chapter:${section}`,
    label: number === null ? source_title : `${number}. ${title ?? source_title}`,
    detail: title === null || title === source_title ? undefined : source_title,
    icon: FileText,
    run: () => goAndFocus({ screen: 'book', book, section }),
  }))
  return [synopsis, ...found]
}

function settings(): Command[] {
  return settingRows().map((row) => ({
    id: `setting:${row.key}`,
    label: row.label,
    detail: `${row.group}${row.value && row.form !== 'words' ? ` · ${row.value}` : ''}`,
    words: `${row.key} ${row.environment} ${row.help}`,
    icon: SlidersHorizontal,
    run: () => goToSetting(row.key),
  }))
}

/** Shown of each group; with nothing typed, and with something. */
const sources: { name: string; all: (typed: boolean) => Command[]; atFirst: number; most: number }[] = [
  { name: 'Go to', all: places, atFirst: 4, most: 4 },
  { name: 'Chapters', all: chapters, atFirst: 4, most: 8 },
  { name: 'Actions', all: actions, atFirst: 8, most: 8 },
  { name: 'Books', all: volumes, atFirst: 5, most: 10 },
  { name: 'Library', all: shelves, atFirst: 0, most: 4 },
  { name: 'Settings', all: settings, atFirst: 0, most: 8 },
]

const text = ({ label, detail, words }: Command): [string, string] => [label, `${detail ?? ''} ${words ?? ''}`]

/** Takes what was typed to the search, which also looks where the palette does not. */
function everything(words: string): Command {
  const run = () => {
    ask({ words, within: 'everything', book: null })
    return goToEverything()
  }
  return { id: 'search:everything', label: `Search everything for “${words}”`, icon: Search, run }
}

/** What is offered for what was typed, in groups that hold something; the best match is the first of all. */
export function offer(wanted: string): CommandGroup[] {
  const typed = wanted.trim() !== ''
  const groups = sources
    .map(({ name, all, atFirst, most }) => ({
      name,
      commands: ranked(all(typed), wanted, text, typed ? most : atFirst),
    }))
    .filter(({ commands }) => commands.length > 0)
  if (!typed) return groups
  const through: CommandGroup = { name: 'Search', commands: [everything(wanted.trim())] }
  const best = ({ commands: [first] }: CommandGroup) => (first ? Math.round(score(wanted, ...text(first)) ?? 0) : 0)
  return [...groups.toSorted((one, other) => best(other) - best(one)), through]
}
