/** The chart library, fetched when a board is opened: charts are on one screen only. */
import type uPlot from 'uplot'

let asked: Promise<typeof uPlot> | undefined

export function plotLibrary(): Promise<typeof uPlot> {
  asked ??= load()
  return asked
}

async function load(): Promise<typeof uPlot> {
  // uPlot asks for the number format of the page's language as it is loaded. Where the system's locale is "C" or "POSIX"
  // WebKit gives that as the language, which is none, and the request throws.
  try {
    new Intl.NumberFormat(navigator.language)
  } catch {
    Object.defineProperty(navigator, 'language', { value: 'en', configurable: true })
  }
  return (await import('uplot')).default
}
