/** Addresses of the web, opened outside this window. */
import { host } from '../host'
import { attempt } from './notices.svelte'

/** Where Ollama is got from; the window may open no other address (`tauri.conf.json`). */
const OLLAMA_DOWNLOAD = 'https://ollama.com/download'

export const getOllama = () => attempt(() => host().openUrl(OLLAMA_DOWNLOAD))
