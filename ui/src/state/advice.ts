/** Advice in words, with what is to be copied found in it, and which advice was put away. Pure but for the latter. */
import { keep, keptJson } from './kept.svelte'

export interface Part {
  text: string
  /** A setting or a command, to be copied as it stands. */
  exact: boolean
}

export type System = 'linux' | 'mac' | 'windows'

/** Calls at a time worth setting a server up for, as the advice of a running job says (`advice.rs`). */
const WORTH = 4

const ways: Record<System, { name: string; way: string }> = {
  linux: {
    name: 'Linux (systemd)',
    way: `\`sudo systemctl edit ollama\`, add the line \`Environment="OLLAMA_NUM_PARALLEL=${WORTH}"\` under [Service], then \`sudo systemctl restart ollama\`.`,
  },
  mac: { name: 'macOS', way: `\`launchctl setenv OLLAMA_NUM_PARALLEL ${WORTH}\`, then quit and start Ollama.` },
  windows: { name: 'Windows', way: `\`setx OLLAMA_NUM_PARALLEL ${WORTH}\`, then quit and start Ollama.` },
}

/** The system by what a page is told of it (`navigator.platform`). */
export function systemOf(platform: string): System {
  if (/^win/i.test(platform)) return 'windows'
  return /mac/i.test(platform) ? 'mac' : 'linux'
}

/** What to set up before the first run; a line for each system where it is not known which one the server is on. */
export function firstAdvice(system: System | null): string {
  const hint = `Ollama serves one call at a time unless told otherwise. With \`OLLAMA_NUM_PARALLEL=${WORTH}\` most models work on four chapters at once, in about half the time on a usual graphics card.`
  const lines = (system ? [system] : (['linux', 'mac', 'windows'] as const)).map(
    (one) => `${system ? 'To set it' : ways[one].name}: ${ways[one].way}`,
  )
  return [hint, ...lines].join('\n')
}

const NAME = 'advice.put-away'
const KEPT_MOST = 50

/** Between backticks, or an environment variable with its value, as in `OLLAMA_NUM_PARALLEL=4`. */
const EXACT = /`([^`\n]+)`|\b([A-Z][A-Z0-9]*_[A-Z0-9_]+=[^\s,;]*[^\s,;.:)])/g

/** The lines of an advice, each in parts. Joined again, they are the advice without its backticks. */
export function adviceLines(advice: string): Part[][] {
  return advice
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .map((line) => {
      const parts: Part[] = []
      let from = 0
      for (const found of line.matchAll(EXACT)) {
        if (found.index > from) parts.push({ text: line.slice(from, found.index), exact: false })
        parts.push({ text: found[1] ?? found[2] ?? '', exact: true })
        from = found.index + found[0].length
      }
      if (from < line.length) parts.push({ text: line.slice(from), exact: false })
      return parts
    })
}

/** What an advice is about: its settings, else its words without the figures, which change as the run goes on. */
export function subject(advice: string): string {
  const exact = adviceLines(advice).flatMap((line) => line.filter((part) => part.exact).map((part) => part.text))
  return exact.length > 0 ? exact.join('\n') : advice.replace(/\d[\d.,]*/g, '#')
}

function putAwaySubjects(): string[] {
  const kept = keptJson(NAME)
  return Array.isArray(kept) ? kept.filter((one) => typeof one === 'string') : []
}

export function isPutAway(advice: string): boolean {
  return putAwaySubjects().includes(subject(advice))
}

export function putAway(advice: string): void {
  const others = putAwaySubjects().filter((one) => one !== subject(advice))
  keep(NAME, JSON.stringify([...others, subject(advice)].slice(-KEPT_MOST)))
}
