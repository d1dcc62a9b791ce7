/** Invented settings and provider answers. */
import type { ModelInfo, ProviderStatus, SettingRow, SettingSource } from '../../wire/types'

function row(
  key: string,
  group: string,
  label: string,
  help: string,
  value: string,
  more: Partial<SettingRow> = {},
): SettingRow {
  return {
    key,
    group,
    label,
    help,
    value,
    default: value,
    unit: '',
    range: '',
    choices: [],
    environment: `EPITOME_${key.toUpperCase().replace('.', '_')}`,
    source: 'profile' as SettingSource,
    ...more,
  }
}

export function settingRows(): SettingRow[] {
  return [
    row(
      'provider.choice',
      'Provider',
      'Who writes',
      'Ollama where it answers and has a model, else the built-in summariser.',
      'auto',
      { choices: ['auto', 'ollama', 'built-in'] },
    ),
    row('ollama.url', 'Provider', 'Address of Ollama', 'Where the Ollama server is asked.', 'http://127.0.0.1:11434', {
      environment: 'OLLAMA_HOST',
      range: 'an http address',
    }),
    row(
      'ollama.model',
      'Provider',
      'Model',
      'Which model writes; empty takes the largest that is usable.',
      'llama3.1:8b',
      { default: '', range: 'the name of a model', source: 'file' },
    ),
    row('profile', 'Speed', 'Profile', 'A whole set of values that fit together.', 'auto', {
      choices: ['auto', 'track1', 'baseline'],
    }),
    row('llm.concurrency', 'Speed', 'Calls at a time', 'Most calls sent to the server and not answered yet.', '4', {
      default: 'auto',
      range: '1 to 64, or auto',
      environment: 'LLM_CONCURRENCY_LIMIT',
      source: 'environment',
    }),
    row('llm.attempts', 'Patience', 'Tries of a call', 'How often a call is tried before its chapter fails.', '5', {
      default: '4',
      range: '1 to 20',
      source: 'file',
    }),
    row('llm.stall_s', 'Patience', 'Longest silence', 'How long a begun answer may stay silent.', '60', {
      unit: 'seconds',
      range: '5 to 3,600',
    }),
    row(
      'llm.first_token_s',
      'Patience',
      'Wait for the first word',
      'Loading the model and waiting for a free slot count too.',
      '600',
      { unit: 'seconds', range: '10 to 7,200' },
    ),
    row('queue.summary_capacity', 'Queues', 'Summary queue', 'Room for calls that wait for a worker.', '1000', {
      unit: 'calls',
      range: '1 to 100,000',
      environment: 'EPITOME_SUMMARY_QUEUE',
    }),
    row('queue.write_capacity', 'Queues', 'Write queue', 'Room for results that wait for the disk.', '1000', {
      unit: 'results',
      range: '1 to 100,000',
      environment: 'EPITOME_WRITE_QUEUE',
    }),
  ]
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
  ...more,
})

const models = [
  model('llama3.1:8b', 4_920_000_000, '8.0B'),
  model('qwen3:14b', 9_276_000_000, '14.8B', { thinking: true }),
  model('gpt-oss:120b-cloud', 384, '116.8B', { cloud: true }),
]

const url = 'http://127.0.0.1:11434'

export const found: ProviderStatus = {
  using: 'ollama',
  server: 'ready',
  url,
  version: '0.15.2',
  models,
  model: 'llama3.1:8b',
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
