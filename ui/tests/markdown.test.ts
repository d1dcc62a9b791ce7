import { cleanup, render } from '@testing-library/svelte'
import { afterEach, describe, expect, it } from 'vitest'

import Prose from '../src/parts/Prose.svelte'
import { markdown } from '../src/words/markdown'

afterEach(cleanup)

function shown(text: string): HTMLElement {
  const { container } = render(Prose, { text, written: true })
  return container.querySelector('.prose') as HTMLElement
}
/** Names of every element that is shown. */
const elements = (of: HTMLElement) => [...of.querySelectorAll('*')].map((one) => one.localName)

describe('what a model writes', () => {
  it('is shown with its emphasis, lists and headings', () => {
    const prose = shown(
      '# The salon\n\nAnna **Pávlovna** receives *Prince* Vasíli.\n\n- first\n- second\n  1. inner\n\n3. third\n\n> said `so`',
    )
    expect(prose.querySelector('h2')?.textContent).toBe('The salon')
    expect(prose.querySelector('strong')?.textContent).toBe('Pávlovna')
    expect(prose.querySelector('em')?.textContent).toBe('Prince')
    expect([...prose.querySelectorAll('ul > li > p')].map((one) => one.textContent)).toEqual(['first', 'second'])
    expect(prose.querySelector('ul ol li')?.textContent).toContain('inner')
    expect(prose.querySelector(':scope > ol')?.getAttribute('start')).toBe('3')
    expect(prose.querySelector('blockquote code')?.textContent).toBe('so')
  })

  it('has headings one below another, below that of the page', () => {
    const levels = (text: string) => [...shown(text).querySelectorAll('h2, h3')].map((one) => one.localName)
    expect(levels('### a\n\n#### b\n\n## c\n\n### d')).toEqual(['h2', 'h3', 'h2', 'h2'])
    expect(levels('## a\n\n> ### b')).toEqual(['h2', 'h3'])
  })

  it('keeps spaces between words of other emphasis, and its lines', () => {
    expect(shown('one **two** three, *four*.').textContent).toBe('one two three, four.')
    expect(shown('a line\nanother').querySelector('p')?.textContent).toBe('a line\nanother')
  })

  it('leaves alone what only looks like markup', () => {
    const text = 'snake_case_name, 5 * 3 * 2, AT&T &amp; co, a < b > c, [1] and C:\\new'
    expect(shown(text).textContent).toBe(text)
    expect(shown('    Indented text is a paragraph.').querySelector('pre')).toBeNull()
    expect(shown('[1]: https://example.org').textContent).toBe('[1]: https://example.org')
  })
})

describe('hostile text', () => {
  const SAFE = new Set('p h2 h3 ul ol li strong em code pre blockquote hr br'.split(' '))

  it.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '<svg onload=alert(1)><script>alert(1)</script></svg>',
    '<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>',
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    '<div onclick="alert(1)" style="position:fixed;inset:0">x</div>',
    '<a href="javascript:alert(1)">x</a>',
    '[click](javascript:alert(1))',
    '[click](data:text/html;base64,PHNjcmlwdD4=)',
    '[click][x]\n\n[x]: javascript:alert(1)',
    '<javascript:alert(1)>',
    'https://example.org/steal?x=1 and <https://example.org>',
    '![pixel](https://example.org/pixel.png)',
    '![x](x "onerror=alert(1)")',
    '**bold <b onmouseover=alert(1)>x</b>**',
    '- item <style>*{display:none}</style>\n  > <link rel=stylesheet href=//example.org>',
    '`<script>` and ```\n<script>alert(1)</script>\n```',
    '```html\n<script>alert(1)</script>\n```',
    '&lt;script&gt;alert(1)&lt;/script&gt; &#x3C;img src=x onerror=alert(1)&#x3E;',
    '<!-- --><script>alert(1)</script>',
    '<![CDATA[<script>alert(1)</script>]]>',
    '# <script>alert(1)</script>\n\n1. <img/src/onerror=alert(1)>',
    '{@html "<script>alert(1)</script>"} {constructor.constructor("alert(1)")()}',
  ])('becomes nothing but text: %s', (text) => {
    const prose = shown(text)
    expect(elements(prose).filter((name) => !SAFE.has(name))).toEqual([])
    for (const element of prose.querySelectorAll('*'))
      expect(element.getAttributeNames().filter((name) => !['dir', 'class', 'start'].includes(name))).toEqual([])
  })

  it('says where a link would lead, and no picture is fetched', () => {
    expect(shown('See [this](https://example.org/a).').textContent).toBe('See this (https://example.org/a).')
    expect(shown('![a map](https://example.org/a.png)').textContent).toBe('a map')
    expect(shown('<script>alert(1)</script>').textContent).toBe('<script>alert(1)</script>')
  })

  it.each([
    ['quotes', '> '.repeat(20_000) + 'x'],
    ['lists', '- '.repeat(20_000) + 'x'],
    ['emphasis', '*a **b '.repeat(1200) + ' **c *d'.repeat(1200)],
    ['brackets', '['.repeat(6000) + ']('.repeat(6000)],
    ['backticks', Array.from({ length: 300 }, (_, i) => '`'.repeat(i)).join('x')],
    ['a long text', 'word **bold** '.repeat(20_000)],
  ])('of many nested %s is shown soon, and nothing of it is lost', (_, text) => {
    const before = performance.now()
    const blocks = markdown(text)
    expect(performance.now() - before).toBeLessThan(5000)
    expect(JSON.stringify(blocks)).toContain(text.trim().slice(-1))
  })

  it('nests lists as deep as is shown, and below that as text', () => {
    const deep = Array.from({ length: 11 }, (_, i) => `${'  '.repeat(i)}- level ${i}`).join('\n')
    const prose = shown(deep)
    expect(prose.querySelectorAll('ul')).toHaveLength(6)
    for (let i = 0; i < 11; i++) expect(prose.textContent).toContain(`level ${i}`)
  })

  it('of a book is never taken for markup', () => {
    const { container } = render(Prose, { text: '# 1\n\n**not bold**', look: 'source' })
    expect(container.querySelector('h2, strong')).toBeNull()
    expect(container.textContent).toContain('**not bold**')
  })
})
