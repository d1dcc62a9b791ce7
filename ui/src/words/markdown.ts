/**
 * The little Markdown that models write, as a tree to be shown by elements of our own: no HTML, no links, no pictures,
 * nothing that is fetched. What is not understood stays as it was written. Pure.
 */
import type { BlockContent, PhrasingContent, RootContent } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'

export type Inline =
  { kind: 'text' | 'code'; text: string } | { kind: 'strong' | 'em'; inner: Inline[] } | { kind: 'break' }

export type Block =
  | { kind: 'paragraph'; inner: Inline[] }
  | { kind: 'heading'; level: 2 | 3; inner: Inline[] }
  | { kind: 'list'; start: number | null; items: Block[][] }
  | { kind: 'quote'; inner: Block[] }
  | { kind: 'code'; text: string }
  | { kind: 'rule' }

/** Markup of the syntax that stays plain text: HTML most of all, and what a book's own sentences would fall into. */
const OFF = ['htmlFlow', 'htmlText', 'autolink', 'definition', 'characterReference', 'codeIndented', 'setextUnderline']

/** Lists in lists are shown so deep; what is deeper is shown as text. */
const DEEPEST = 6

/** Longer texts, in characters, are nothing a model was asked for, and are shown as they are. */
const LONGEST = 20_000

/** More marks of quotes or lists at the beginning of a line than a person would write; such a text is shown as it is. */
const NESTED = /^[ \t]*(?:(?:>|[-*+]|\d+[.)])[ \t]*){12}/m

export function markdown(text: string): Block[] {
  if (text.length > LONGEST || NESTED.test(text)) return [plain(text)]
  const { children } = fromMarkdown(text, { extensions: [{ disable: { null: OFF } }] })
  return blocks(children, 0, {})
}

const plain = (text: string): Block => ({ kind: 'paragraph', inner: [{ kind: 'text', text }] })

type Node = RootContent | BlockContent

/** The depth of the text's first heading, once there was one: it is below the page's own, whatever it was written as. */
interface Headings {
  first?: number
}

function blocks(nodes: readonly Node[], depth: number, headings: Headings): Block[] {
  return nodes.flatMap((node): Block[] => {
    switch (node.type) {
      case 'paragraph':
        return [{ kind: 'paragraph', inner: inlines(node.children, 0) }]
      case 'heading':
        headings.first ??= node.depth
        return [{ kind: 'heading', level: node.depth <= headings.first ? 2 : 3, inner: inlines(node.children, 0) }]
      case 'code':
        return [{ kind: 'code', text: node.value }]
      case 'thematicBreak':
        return [{ kind: 'rule' }]
      case 'blockquote':
        if (depth >= DEEPEST) return [plain(words(node))]
        return [{ kind: 'quote', inner: blocks(node.children as Node[], depth + 1, headings) }]
      case 'list': {
        if (depth >= DEEPEST) return [plain(words(node))]
        const items = node.children.map((item) => blocks(item.children as Node[], depth + 1, headings))
        return [{ kind: 'list', start: node.ordered ? (node.start ?? 1) : null, items }]
      }
      default:
        return [plain(words(node))]
    }
  })
}

function inlines(nodes: readonly PhrasingContent[], depth: number): Inline[] {
  return nodes.flatMap((node): Inline[] => {
    switch (node.type) {
      case 'text':
        return [{ kind: 'text', text: node.value }]
      case 'inlineCode':
        return [{ kind: 'code', text: node.value }]
      case 'break':
        return [{ kind: 'break' }]
      case 'strong':
      case 'emphasis':
        if (depth >= DEEPEST) return [{ kind: 'text', text: words(node) }]
        return [{ kind: node.type === 'strong' ? 'strong' : 'em', inner: inlines(node.children, depth + 1) }]
      case 'link':
        // Where it leads is said, not offered: an address out of a model's mouth is not to be followed by a click.
        return [...inlines(node.children, depth), ...(words(node) === node.url ? [] : [address(node.url)])]
      default:
        return [{ kind: 'text', text: words(node) }]
    }
  })
}

const address = (url: string): Inline => ({ kind: 'text', text: ` (${url})` })

/** The text in a node, without its markup. Walks without recursion, so that no depth is too much. */
function words(node: Node | PhrasingContent): string {
  const found: string[] = []
  const open: unknown[] = [node]
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    const part = one as { value?: string; alt?: string | null; children?: unknown[] }
    found.push(part.value ?? part.alt ?? '')
    if (part.children) open.push(...[...part.children].reverse())
  }
  return found.join('')
}
