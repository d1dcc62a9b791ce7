import { beforeEach, describe, expect, it } from 'vitest'

import { adviceOf, hostsOf } from '../src/host/fake/pool'
import { makeBook } from '../src/host/fake/books'
import { fakeRun } from '../src/host/fake/run'
import { adviceLines, isPutAway, putAway, subject } from '../src/state/advice'
import { hostName, hostsShown, inFlight, isSeeking } from '../src/state/hosts'
import { signs } from '../src/state/signs'
import type { HostVitals, Vitals } from '../src/wire/types'

const load = { busy: 4, slots: 4, tokens: 200, builtIn: false }
const [one] = hostsOf('one', load) as [HostVitals]
const vitals = (change: Partial<Vitals>): Vitals => ({
  ...fakeRun(makeBook({ id: 1, title: 'T', authors: [], chapters: 12, state: 'running' })).board().vitals,
  ...change,
})
const sign = (name: string) => signs.find((found) => found.name === name) ?? signs[0]!

describe('servers', () => {
  it('has a line for each of several, and for one that is not well', () => {
    expect(hostsShown(vitals({ hosts: [] }))).toEqual([])
    expect(hostsShown(vitals({ hosts: [one] }))).toEqual([])
    expect(hostsShown(vitals({ hosts: [{ ...one, state: 'open' }] }))).toHaveLength(1)
    expect(hostsShown(vitals({ hosts: [{ ...one, state: 'trial' }] }))).toHaveLength(1)
    expect(hostsShown(vitals({ hosts: hostsOf('several', load) }))).toHaveLength(4)
  })

  it('says what is sent and what is worked on', () => {
    expect(inFlight(one)).toBe('4 of 4 in flight')
    expect(inFlight({ ...one, slots: 4 })).toBe('4 of 4 in flight')
    expect(inFlight({ ...one, slots: 1 })).toBe('4 of 4 in flight, 1 worked on')
    expect(hostName(one)).toBe('127.0.0.1:11434')
    expect(hostName({ ...one, name: 'built-in' })).toBe('built-in')
  })

  it('tells of the search for the best number only where one goes on', () => {
    expect(isSeeking(vitals({ hosts: [one] }))).toBe(false)
    expect(isSeeking(vitals({ hosts: [{ ...one, seeking: true, state: 'open' }] }))).toBe(false)
    const seeking = vitals({ hosts: [{ ...one, seeking: true }], in_flight: { value: 3, bound: 6 } })
    expect(sign('in-flight').detail(seeking)).toBe('of 6, seeking')
    expect(sign('in-flight').more?.(seeking)).toContain('looked for')
    expect(sign('in-flight').detail(vitals({ hosts: [one], in_flight: { value: 3, bound: 6 } }))).toBe('of 6 at most')
  })

  it('says how long planning was held back', () => {
    const more = sign('summary-queue').more
    expect(more?.(vitals({ producer_blocked_ms: 900, elapsed_ms: 10_000 }))).toContain('not held back')
    expect(more?.(vitals({ producer_blocked_ms: 120_000, elapsed_ms: 480_000 }))).toBe(
      'Planning was held back for 2 min so far, 25 % of the run.',
    )
  })
})

describe('advice', () => {
  beforeEach(() => localStorage.clear())
  const advice = adviceOf('advised') ?? ''
  const exact = (text: string) =>
    adviceLines(text).flatMap((line) => line.filter((part) => part.exact).map((part) => part.text))

  it('finds what is to be copied, exactly', () => {
    expect(exact(advice)).toEqual([
      'OLLAMA_NUM_PARALLEL=4',
      'sudo systemctl edit ollama',
      'Environment="OLLAMA_NUM_PARALLEL=4"',
      'sudo systemctl restart ollama',
    ])
    expect(exact('Set OLLAMA_KV_CACHE_TYPE=q8_0, then OLLAMA_NUM_PARALLEL=4. Done (A_B=c).')).toEqual([
      'OLLAMA_KV_CACHE_TYPE=q8_0',
      'OLLAMA_NUM_PARALLEL=4',
      'A_B=c',
    ])
    expect(exact('A smaller model would be faster: 2 + 2 = 4.')).toEqual([])
  })

  it('loses no word of it', () => {
    const words = adviceLines(advice)
      .map((line) => line.map((part) => part.text).join(''))
      .join('\n')
    expect(words).toBe(advice.replaceAll('`', ''))
  })

  it('stays put away while its figures change, and other advice is shown', () => {
    putAway(advice)
    expect(isPutAway(advice.replace('14', '13').replace('38', '37'))).toBe(true)
    expect(isPutAway(advice.replaceAll('NUM_PARALLEL=4', 'NUM_PARALLEL=8'))).toBe(false)
    const plain = 'A smaller model would take 12 min.'
    expect(isPutAway(plain)).toBe(false)
    putAway(plain)
    expect(isPutAway('A smaller model would take 9.5 min.')).toBe(true)
    expect(subject(advice)).not.toContain('38')
  })

  it('survives a spoiled storage', () => {
    for (const spoiled of ['{', '7', '[1, null]']) {
      localStorage.setItem('epitome.advice.put-away', spoiled)
      expect(isPutAway(advice)).toBe(false)
    }
    putAway(advice)
    expect(isPutAway(advice)).toBe(true)
  })
})
