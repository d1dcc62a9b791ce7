import { describe, expect, it } from 'vitest'

import { ago, bytes, counted, duration, length, percent, range, rough } from '../src/words/numbers'
import { authors, fileName, paragraphs, sortDropped, writer } from '../src/words/states'

describe('numbers', () => {
  it.each([
    [0, '0 s'],
    [40, '40 s'],
    [89, '89 s'],
    [90, '2 min'],
    [1440, '24 min'],
    [5400, '1 h 30 min'],
    [7200, '2 h'],
    [49_800, '14 h'],
  ])('%i s is %s', (seconds, words) => expect(duration(seconds)).toBe(words))

  it('says a range with one unit where both ends share it', () => {
    expect(range({ low_s: 1320, likely_s: 1440, high_s: 1620 })).toBe('22 to 27 min')
    expect(range({ low_s: 80, likely_s: 90, high_s: 300 })).toBe('80 s to 5 min')
    expect(range({ low_s: 600, likely_s: 600, high_s: 601 })).toBe('10 min')
  })

  it('says 100 % and 0 % only when exactly so', () => {
    expect(percent(999_999, 1_000_000)).toBe('99.9 %')
    expect(percent(1, 1_000_000)).toBe('0.1 %')
    expect(percent(5, 5)).toBe('100 %')
    expect(percent(0, 5)).toBe('0 %')
    expect(percent(0, 0)).toBe('0 %')
    expect(percent(995, 1000)).toBe('99 %')
  })

  it('keeps units sensible', () => {
    expect(bytes(4_920_000_000)).toBe('4.9 GB')
    expect(bytes(48_211)).toBe('48 kB')
    expect(bytes(1)).toBe('1 byte')
    expect(rough(608_000)).toBe('608 k')
    expect(rough(1_250_000)).toBe('1.3 M')
    expect(counted(1, 'chapter')).toBe('1 chapter')
    expect(counted(2100, 'chapter')).toBe('2,100 chapters')
  })

  it('tells past times relatively', () => {
    const now = Date.UTC(2025, 5, 15, 12)
    expect(ago(now - 20_000, now)).toBe('just now')
    expect(ago(now - 120_000, now)).toBe('2 minutes ago')
    expect(ago(now - 26 * 3_600_000, now)).toBe('yesterday')
    expect(ago(now - 40 * 86_400_000, now)).toBe('6 May 2025')
  })

  it('counts characters where a script has no spaces', () => {
    expect(length('one two  three')).toBe('3 words')
    expect(length('草枕を読む')).toBe('5 characters')
  })
})

describe('words', () => {
  it('parts paragraphs at blank lines and keeps hostile text as text', () => {
    expect(paragraphs('a\r\n\r\nb\n \n\n<script>x</script>\n')).toEqual(['a', 'b', '<script>x</script>'])
    expect(paragraphs('  \n\n')).toEqual([])
  })

  it('makes a file name that every file system takes', () => {
    expect(fileName('Moby-Dick; or, The Whale', 'md')).toBe('Moby-Dick; or, The Whale.md')
    expect(fileName('../../etc/passwd: "a"', 'md')).toBe('etc passwd a.md')
    expect(fileName('???', 'json')).toBe('Summary.json')
    expect(fileName('草枕', 'md')).toBe('草枕.md')
  })

  it('sorts what is dropped by what may be a book', () => {
    expect(sortDropped(['/a/B.EPUB', '/a/c.txt', '/a/d.xlsx', '/a/folder', '/a/p.azw3'])).toEqual({
      books: ['/a/B.EPUB', '/a/c.txt', '/a/p.azw3'],
      folders: ['/a/folder'],
      others: ['/a/d.xlsx'],
    })
  })

  it('names the built-in summariser as what it is', () => {
    expect(writer('built_in', '')).toBe('built-in summariser, no model')
    expect(writer('ollama', 'llama3.1:8b')).toBe('llama3.1:8b')
  })

  it('shortens many authors', () => {
    expect(authors({ title: '', authors: ['A', 'B'], language: null, series: null })).toBe('A, B')
    expect(authors({ title: '', authors: ['A', 'B', 'C', 'D'], language: null, series: null })).toBe(
      'A, B and 2 others',
    )
  })
})
