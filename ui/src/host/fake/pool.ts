/** Invented servers of a pool. */
import type { HostVitals } from '../../wire/types'

/** One that is well, one that could be set up better, or several of which one rests. */
export type Pool = 'one' | 'advised' | 'several'

interface Load {
  busy: number
  slots: number
  tokens: number
  builtIn: boolean
}

const host = (name: string, value: number, bound: number, tokens: number): HostVitals => ({
  name,
  state: 'ready',
  reason: null,
  in_flight: { value, bound },
  seeking: false,
  slots: null,
  tokens_out_per_s: tokens,
})

export function hostsOf(pool: Pool, { busy, slots, tokens, builtIn }: Load): HostVitals[] {
  const first = host(builtIn ? 'built-in' : 'http://127.0.0.1:11434', busy, slots, tokens)
  if (pool === 'one') return [first]
  if (pool === 'advised') return [{ ...first, slots: 1, seeking: true }]
  const share = Math.floor(busy / 2)
  return [
    { ...first, in_flight: { value: busy - share, bound: slots }, tokens_out_per_s: tokens * 0.6 },
    { ...host('http://192.168.0.20:11434', share, 6, tokens * 0.4), seeking: true, slots: 4 },
    {
      ...host('http://192.168.0.21:11434', 0, 4, 0),
      state: 'open',
      reason: 'It refuses connections since 14:02; it is looked at every second or two.',
    },
    { ...host('http://192.168.0.22:8080', Math.min(1, busy), 1, 0), state: 'trial' },
  ]
}

export function adviceOf(pool: Pool): string | null {
  if (pool !== 'advised') return null
  return [
    'Ollama serves 1 call at a time; with OLLAMA_NUM_PARALLEL=4 this book would take about 14 instead of 38 min.',
    'Run `sudo systemctl edit ollama`, add `Environment="OLLAMA_NUM_PARALLEL=4"` under [Service], then run `sudo systemctl restart ollama`.',
  ].join('\n')
}
