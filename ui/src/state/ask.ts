/** What one job runs with beside the settings: as the person asks for it before a start. Pure. */
import type { ProviderKind, ProviderStatus, SettingRow, StartJob } from '../wire/types'
import { language, providerWords } from '../words/states'

/** Every field is empty where the settings say. */
export interface Ask {
  /** `built_in`, or a provider and its model as `ollama:llama3.1:8b`. */
  writer: string
  /** A tag, or `book` for the book's own. */
  language: string
  profile: string
  temperature: string
  /** How to write, in the person's words. */
  style: string
}

export const usual = (): Ask => ({ writer: '', language: '', profile: '', temperature: '', style: '' })

export const isUsual = (ask: Ask): boolean => Object.values(ask).every((value: string) => value.trim() === '')

/** Languages that are offered; any other tag can be given in the settings. */
const languages = (
  'en de fr es it pt nl sv da nb fi pl cs hu ro el ru uk tr ar he fa hi id vi th zh-Hans zh-Hant ja ko' as const
).split(' ')

export interface Choice {
  value: string
  label: string
}

const byLabel = (one: Choice, other: Choice) => one.label.localeCompare(other.label)

export function languageChoices(): Choice[] {
  return [
    { value: 'book', label: 'The book’s own' },
    ...languages.map((tag) => ({ value: tag, label: language(tag) })).sort(byLabel),
  ]
}

/** Who could write: the models of the server in use, and the built-in summariser. */
export function writerChoices(status: ProviderStatus | null): Choice[] {
  const kind: ProviderKind = status?.using === 'openai' ? 'openai' : 'ollama'
  const models = (status?.models ?? []).filter((model) => !model.cloud)
  return [
    ...models.map(({ name }) => ({ value: `${kind}:${name}`, label: name })),
    { value: 'built_in', label: `${providerWords.built_in}, no model` },
  ]
}

/** What the settings have for a field, as its empty choice says it. */
export function asSetWords(status: ProviderStatus | null, row: SettingRow | undefined, field: keyof Ask): string {
  if (field === 'writer') return status?.using === 'built_in' ? providerWords.built_in : (status?.model ?? '')
  if (field === 'language') return row?.value ? language(row.value) : 'the book’s own'
  return row?.value ?? ''
}

const keys = {
  language: 'summary.language',
  profile: 'profile',
  temperature: 'llm.temperature',
  style: 'prompt.style',
} as const

export const settingKey = (field: keyof typeof keys): string => keys[field]

/** The start that is asked for. */
export function startOf(ask: Ask): Pick<StartJob, 'provider' | 'model' | 'settings'> {
  const at = ask.writer.indexOf(':')
  const provider = (at < 0 ? ask.writer : ask.writer.slice(0, at)) as ProviderKind | ''
  const settings: StartJob['settings'] = {}
  for (const field of ['language', 'profile', 'temperature', 'style'] as const) {
    const value = ask[field].trim()
    if (value !== '') settings[keys[field]] = field === 'language' && value === 'book' ? '' : value
  }
  return { provider: provider || null, model: at < 0 ? null : ask.writer.slice(at + 1), settings }
}

/** What is asked for, in a few words. */
export function askWords(ask: Ask): string {
  const { writer } = ask
  const said = [
    writer === 'built_in' ? providerWords.built_in : writer.slice(writer.indexOf(':') + 1),
    ask.language === 'book' ? 'the book’s own language' : language(ask.language),
    ask.profile && `profile ${ask.profile}`,
    ask.temperature.trim() && `temperature ${ask.temperature.trim()}`,
    ask.style.trim() && 'own words',
  ]
  return said.filter(Boolean).join(' · ')
}
