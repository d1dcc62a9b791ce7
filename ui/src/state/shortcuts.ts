/** Keys of the whole window. One table for what they do and for the sheet that lists them. Pure. */

export type Shortcut = 'palette' | 'help' | 'add' | 'library' | 'board' | 'settings' | 'search' | 'everything' | 'undo'

export interface ShortcutRow {
  /** Ways to press it, each keys with spaces between. */
  keys: string[]
  does: string
}

export const sheet: { where: string; rows: ShortcutRow[] }[] = [
  {
    where: 'Everywhere',
    rows: [
      { keys: ['Ctrl K'], does: 'Commands: go anywhere, do anything' },
      { keys: ['Ctrl O'], does: 'Add books' },
      { keys: ['/'], does: 'Search what is shown' },
      { keys: ['g f', 'Ctrl Shift F'], does: 'Search everything' },
      { keys: ['g l', 'Ctrl 1'], does: 'Library' },
      { keys: ['g b', 'Ctrl 2'], does: 'Board' },
      { keys: ['g s', 'Ctrl 3'], does: 'Settings' },
      { keys: ['Ctrl Z'], does: 'Undo what was just removed' },
      { keys: ['?'], does: 'This list' },
      { keys: ['Esc'], does: 'Close what is open' },
    ],
  },
  {
    where: 'Library',
    rows: [
      { keys: ['← → ↑ ↓'], does: 'From book to book' },
      { keys: ['Enter'], does: 'Open the book' },
      { keys: ['Space', 'Ctrl Click'], does: 'Choose the book, or not' },
      { keys: ['Shift ← → ↑ ↓', 'Shift Click'], does: 'Choose a range' },
      { keys: ['Ctrl A'], does: 'Choose all books shown' },
      { keys: ['Shift F10'], does: 'Menu of the book' },
      { keys: ['Delete'], does: 'Remove, with a way back' },
    ],
  },
  {
    where: 'Search',
    rows: [
      { keys: ['↑ ↓'], does: 'From hit to hit' },
      { keys: ['Enter'], does: 'Open the chapter at the place' },
      { keys: ['F3', 'Shift F3'], does: 'In the chapter: the next place, the one before' },
    ],
  },
  {
    where: 'Board',
    rows: [
      { keys: ['← → ↑ ↓'], does: 'From chapter to chapter' },
      { keys: ['Enter'], does: 'Open the chapter' },
      { keys: ['Shift F10'], does: 'Menu of the chapter' },
    ],
  },
  {
    where: 'Adding a book',
    rows: [
      { keys: ['Ctrl Z'], does: 'Take a change of the chapters back' },
      { keys: ['Ctrl Shift Z'], does: 'Make it again' },
    ],
  },
]

export interface Press {
  key: string
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
  shiftKey?: boolean
  /** Whether the key goes into a field that takes text. */
  typing: boolean
}

export const pressed = ({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent) => ({
  key,
  ctrlKey,
  metaKey,
  altKey,
  shiftKey,
})

/** The first key of two is good for so long. */
export const SEQUENCE_MS = 1200

const byControl: Record<string, Shortcut> = { k: 'palette', o: 'add', 1: 'library', 2: 'board', 3: 'settings' }
const alone: Record<string, Shortcut> = { '?': 'help', '/': 'search' }
const byControlShift: Record<string, Shortcut> = { f: 'everything' }
const afterG: Record<string, Shortcut> = { l: 'library', b: 'board', f: 'everything', s: 'settings' }

export type Told = Shortcut | 'begun' | null

/** What a key press asks for; `begun` where it is the first of two. `after` tells that the first was pressed just before. */
export function shortcut(press: Press, after: boolean): Told {
  if (press.altKey) return null
  const key = press.key.toLowerCase()
  if (press.ctrlKey || press.metaKey) {
    // A field takes its own text back, and with Shift the key means the opposite.
    if (press.key === 'z') return press.typing ? null : 'undo'
    return (press.shiftKey ? byControlShift[key] : byControl[key]) ?? null
  }
  if (press.typing) return null
  if (after && afterG[key]) return afterG[key]
  if (key === 'g') return 'begun'
  return alone[key] ?? null
}

/** Whether an element takes what is typed. */
export function takesText(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target instanceof HTMLInputElement) return !['checkbox', 'radio', 'button', 'range'].includes(target.type)
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable
}

/** Keys as this system's keyboard names them. */
export function named(keys: string, mac = /mac/i.test(navigator.platform)): string[] {
  return keys.split(' ').map((key) => (mac ? ({ Ctrl: '⌘', Shift: '⇧', Enter: '↩' }[key] ?? key) : key))
}
