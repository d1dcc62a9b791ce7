/** Numbers as a person reads them: grouped, with units, no more precise than useful. Pure. */
import type { Remaining } from '../wire/types'

const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const oneDigit = new Intl.NumberFormat('en', { maximumFractionDigits: 1 })

export function count(n: number): string {
  return grouped.format(n)
}

/** `1 chapter`, `2 chapters`. */
export function counted(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`
}

/** Thousands and millions, for tokens: `608 k`, `1.2 M`. */
export function rough(n: number): string {
  if (n < 1000) return count(n)
  if (n < 999_500) return `${n < 9950 ? oneDigit.format(n / 1000) : count(n / 1000)} k`
  return `${oneDigit.format(n / 1e6)} M`
}

/** Decimal units, as file managers and Ollama write them. */
export function bytes(n: number): string {
  if (n < 1000) return counted(n, 'byte')
  if (n < 999_500) return `${count(n / 1000)} kB`
  if (n < 999.5e6) return `${n < 9.95e6 ? oneDigit.format(n / 1e6) : count(n / 1e6)} MB`
  return `${oneDigit.format(n / 1e9)} GB`
}

/** A share of a whole; 100 % and 0 % only when exactly all or nothing. */
export function percent(part: number, whole: number): string {
  if (whole <= 0) return '0 %'
  const share = (part / whole) * 100
  if (share >= 100) return '100 %'
  if (share > 99.9) return '99.9 %'
  if (share > 0 && share < 0.1) return '0.1 %'
  return `${share < 10 ? oneDigit.format(share) : count(Math.floor(share))} %`
}

/** `40 s`, `24 min`, `1 h 20 min`, `14 h`: no minutes where hours are many. */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds))
  if (s < 90) return `${s} s`
  const min = Math.round(s / 60)
  if (min < 90) return `${min} min`
  const h = Math.floor(min / 60)
  if (h >= 10) return `${Math.round(min / 60)} h`
  return min % 60 === 0 ? `${h} h` : `${h} h ${min % 60} min`
}

/** As {@link duration}, for time that has passed: a run is over in less than a second, never in none. */
export function took(ms: number): string {
  return ms < 1000 ? 'less than a second' : duration(ms / 1000)
}

/** `22 to 27 min`; one value where both ends read the same. */
export function range(left: Remaining): string {
  const low = duration(left.low_s)
  const high = duration(left.high_s)
  if (low === high) return low
  const unit = (text: string) => text.replace(/^[\d,]+/, '')
  return unit(low) === unit(high) && !/\d/.test(unit(low)) ? `${parseInt(low)} to ${high}` : `${low} to ${high}`
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
const exactClock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })
const dayAndClock = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'medium' })
const shortDay = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })

export function timeOfDay(ms: number): string {
  return clock.format(ms)
}

export function exactTimeOfDay(ms: number): string {
  return exactClock.format(ms)
}

export function exactTime(ms: number): string {
  return dayAndClock.format(ms)
}

/** `just now`, `5 minutes ago`, `yesterday`, then the date. */
export function ago(ms: number, now: number): string {
  const s = Math.round((now - ms) / 1000)
  if (s < 45) return 'just now'
  if (s < 3600) return `${counted(Math.max(1, Math.round(s / 60)), 'minute')} ago`
  if (s < 22 * 3600) return `${counted(Math.round(s / 3600), 'hour')} ago`
  const days = Math.round(s / 86_400)
  if (days <= 1) return 'yesterday'
  if (days < 14) return `${days} days ago`
  return shortDay.format(ms)
}

/** Words as spaces tell them, else characters for scripts without spaces. */
export function length(text: string): string {
  if (/[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}]/u.test(text)) {
    return counted([...text].length, 'character')
  }
  return counted(text.split(/\s+/u).filter(Boolean).length, 'word')
}
