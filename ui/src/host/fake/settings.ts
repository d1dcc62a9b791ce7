/** Invented choices over the program's own settings, and invented answers of a provider. */
import { settingRows as plain } from '../../wire/settings'
import type { ModelInfo, ProviderStatus, SettingRow } from '../../wire/types'

const chosen: Record<string, Partial<SettingRow>> = {
  'ollama.model': { value: 'llama3.1:8b', source: 'file' },
  'llm.concurrency': { value: '4', source: 'environment' },
  'llm.attempts': { value: '5', source: 'file' },
}

export function settingRows(): SettingRow[] {
  return plain.map((row) => ({ ...row, ...chosen[row.key] }))
}

const model = (name: string, size: number, parameters: string, more: Partial<ModelInfo> = {}): ModelInfo => ({
  name,
  digest: name,
  size,
  parameters,
  quantization: 'Q4_K_M',
  window: 131_072,
  thinking: false,
  cloud: false,
  fits: size < 6e9,
  ...more,
})

const models = [
  model('llama3.1:8b', 4_920_000_000, '8.0B'),
  model('qwen3:14b', 9_276_000_000, '14.8B', { thinking: true }),
  model('gpt-oss:120b-cloud', 384, '116.8B', { cloud: true, fits: null }),
]

const url = 'http://127.0.0.1:11434'

export const found: ProviderStatus = {
  using: 'ollama',
  server: 'ready',
  url,
  version: '0.15.2',
  models,
  model: 'llama3.1:8b',
  card_mib: 8_192,
  sentence: 'Ollama 0.15.2 on this machine writes with llama3.1:8b.',
  hint: '',
}

export const notFound: ProviderStatus = {
  using: 'built_in',
  server: 'not_found',
  url,
  version: null,
  models: [],
  model: null,
  card_mib: 8_192,
  sentence: 'Ollama was not found, so the built-in summariser is used.',
  hint: 'Install Ollama from ollama.com and start it; then look again.',
}

export const noModel: ProviderStatus = {
  ...notFound,
  server: 'no_model',
  version: '0.15.2',
  sentence: 'Ollama runs but has no model, so the built-in summariser is used.',
  hint: 'Fetch a model such as llama3.1:8b (4.9 GB).',
}
