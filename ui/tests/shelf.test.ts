import { describe, expect, it } from 'vitest'

import { makeBook, type Wish } from '../src/host/fake/books'
import { among, every, nothing, through, toggled } from '../src/state/choosing'
import { above, ABOVE_MOST, columnsOf, found, kindOf, kinds, rowsOf, step, type Filter } from '../src/state/shelf'
import type { BookCard } from '../src/wire/types'
import { shelfState } from '../src/words/states'

const card = (wish: Partial<Wish>): BookCard =>
  makeBook({ id: 1, title: 'Book', authors: ['Somebody'], chapters: 10, state: null, ...wish }).card
const titles = (cards: BookCard[]) => cards.map(({ meta }) => meta.title)

describe('kinds of books', () => {
  it.each<[Exclude<Filter, 'all'>, string, Partial<Wish>]>([
    ['new', 'Not begun · 10 chapters', {}],
    ['work', 'Running', { state: 'running', done: 3 }],
    ['work', 'Paused · 3 of 10', { state: 'paused', done: 3 }],
    ['done', 'Done · 10 chapters', { state: 'done' }],
    ['unfinished', '4 of 10', { state: 'done', done: 4 }],
    ['unfinished', 'Stopped · 4 of 10', { state: 'stopped', done: 4 }],
    ['unfinished', '4 of 10', { state: null, done: 4 }],
    ['failed', '2 chapters failed', { state: 'incomplete', failed: [2, 3] }],
  ])('%s: %s', (kind, words, wish) => {
    expect(kindOf(card(wish))).toBe(kind)
    expect(shelfState(card(wish))).toBe(words)
  })

  it('are counted, each book once', () => {
    const { all, ...each } = kinds([card({}), card({ state: 'done' }), card({ state: 'running' }), card({})])
    expect(all).toBe(4)
    expect(each).toEqual({ work: 1, done: 1, unfinished: 0, failed: 0, new: 2 })
  })
})

describe('finding and ordering', () => {
  const shelf = [
    card({ id: 1, title: 'Émile 10', authors: ['Rousseau'], state: 'done' }),
    card({ id: 2, title: 'Emile 9', authors: [] }),
    card({ id: 3, title: 'Walden', authors: ['Thoreau'], state: 'stopped', done: 5 }),
  ]
  it('looks at titles, authors and file names', () => {
    expect(titles(found(shelf, 'emile', 'title'))).toEqual(['Emile 9', 'Émile 10'])
    expect(titles(found(shelf, 'thor wald', 'title'))).toEqual(['Walden'])
    expect(titles(found(shelf, 'walden.epub', 'title'))).toEqual(['Walden'])
    expect(found(shelf, 'walden', 'title', 'done')).toEqual([])
  })
  it('orders as asked; numbers as numbers, books of unknown authors last', () => {
    expect(titles(found(shelf, '', 'title'))).toEqual(['Emile 9', 'Émile 10', 'Walden'])
    expect(titles(found(shelf, '', 'author'))).toEqual(['Émile 10', 'Walden', 'Emile 9'])
    expect(titles(found(shelf, '', 'progress'))).toEqual(['Émile 10', 'Walden', 'Emile 9'])
    expect(titles(found(shelf, '', 'added'))).toEqual(['Émile 10', 'Emile 9', 'Walden'])
  })
  it('shows the most urgent work above the shelf, and not hundreds that wait', () => {
    const many = Array.from({ length: 300 }, (_, id) => card({ id, title: `${id}`, state: 'waiting' }))
    const top = above([...many, card({ id: 400, title: 'now', state: 'running' })])
    expect(top).toHaveLength(ABOVE_MOST)
    expect(titles(top).slice(0, 2)).toEqual(['now', '0'])
  })
})

describe('the grid', () => {
  it('has as many columns as fit', () => {
    expect([0, 150, 319, 320, 1032].map(columnsOf)).toEqual([1, 1, 1, 2, 6])
    expect(rowsOf([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]])
  })
  it.each([
    ['ArrowRight', 4, 5],
    ['ArrowRight', 10, 10],
    ['ArrowLeft', 0, 0],
    ['ArrowDown', 1, 5],
    ['ArrowDown', 7, 10],
    ['ArrowDown', 9, 9],
    ['ArrowUp', 2, 2],
    ['ArrowUp', 9, 5],
    ['Home', 9, 0],
    ['End', 0, 10],
    ['PageDown', 1, 10],
    ['PageUp', 9, 1],
    ['x', 3, null],
  ])('%s from %d of 11 in fours leads to %s', (key, at, to) => expect(step(key, at, 4, 11)).toBe(to))
})

describe('choosing several', () => {
  const order = [5, 3, 9, 7]
  it('takes single ones in and out, ranges as they stand, and all', () => {
    const one = toggled(nothing, 3)
    expect([...toggled(one, 3).ids]).toEqual([])
    const range = through(one, 7, order)
    expect([...range.ids]).toEqual([3, 9, 7])
    expect([...through(range, 5, order).ids]).toEqual([5, 3])
    expect([...through(nothing, 9, order).ids]).toEqual([9])
    expect([...every(order).ids]).toEqual(order)
  })
  it('never holds a book that is not shown', () => {
    const all = every(order)
    expect(among(all, order)).toBe(all)
    expect(among(all, [9, 7])).toEqual({ ids: new Set([9, 7]), anchor: null })
  })
})
