/**
 * The host behind `epitome-cli serve`: the same commands and feed over HTTP. Files go up before they are read, and
 * exports come down.
 */
import type { Commands } from '../wire/commands'
import type { FeedMessage, WireError } from '../wire/types'
import type { FileHandlers, Host } from './index'

/** Kinds the file dialog offers first; the host decides by content. */
const KINDS = '.epub,.pdf,.txt,.text,.md,.markdown,.html,.htm,.xhtml,.docx,.fb2,.mobi,.azw,.azw3,.prc,.zip,.gz'

const gone: WireError = {
  code: 'unreachable',
  message: 'Epitome does not answer any more.',
  hint: 'Start `epitome-cli serve` again and open the address that it prints. Finished work is kept.',
}

/** The answer's body; what is not as agreed is a refusal in words. */
async function answer<T>(ask: () => Promise<Response>): Promise<T> {
  let response: Response
  try {
    response = await ask()
  } catch {
    throw gone
  }
  const text = await response.text()
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    body = { code: 'internal', message: text || `The server answered ${response.status}.`, hint: '' }
  }
  if (!response.ok) throw body as WireError
  return body as T
}

async function upload(file: File): Promise<string> {
  const { path } = await answer<{ path: string }>(() =>
    fetch(`/api/upload?name=${encodeURIComponent(file.name)}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/octet-stream' },
      body: file,
    }),
  )
  return path
}

/** One after another, so that a folder of books does not open a hundred connections. */
async function uploadAll(files: readonly File[]): Promise<string[]> {
  const paths: string[] = []
  for (const file of files) paths.push(await upload(file))
  return paths
}

type Entries = { entry: FileSystemEntry | null; file: File | null }[]

/** The files of what was dropped; a folder stands for those in it. */
async function filesOf(entries: Entries): Promise<File[]> {
  const files: File[] = []
  for (const { entry, file } of entries) {
    if (entry?.isDirectory) files.push(...(await filesIn(entry as FileSystemDirectoryEntry)))
    else if (file) files.push(file)
  }
  return files
}

async function filesIn(folder: FileSystemDirectoryEntry): Promise<File[]> {
  const reader = folder.createReader()
  const files: File[] = []
  for (;;) {
    // A reader gives some of the entries at a time, and none when it has given all.
    const some = await new Promise<FileSystemEntry[]>((done, failed) => reader.readEntries(done, failed))
    if (some.length === 0) return files
    for (const entry of some) {
      if (entry.isDirectory) files.push(...(await filesIn(entry as FileSystemDirectoryEntry)))
      else files.push(await new Promise<File>((done, failed) => (entry as FileSystemFileEntry).file(done, failed)))
    }
  }
}

function choose(): Promise<File[] | null> {
  const input = document.createElement('input')
  Object.assign(input, { type: 'file', multiple: true, accept: KINDS })
  return new Promise((done) => {
    input.addEventListener('change', () => done([...(input.files ?? [])]))
    input.addEventListener('cancel', () => done(null))
    input.click()
  })
}

function carriesFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') ?? false
}

export const browser: Host = {
  call<K extends keyof Commands>(command: K, args: Commands[K]['args']) {
    return answer<Commands[K]['reply']>(() =>
      fetch('/api/call', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ command, args }),
      }),
    )
  },

  async feed(on) {
    // It connects anew by itself, and the server then begins by saying that something may have changed.
    const source = new EventSource('/api/feed')
    source.onmessage = (event) => on(JSON.parse(String(event.data)) as FeedMessage)
    return () => source.close()
  },

  async onFiles(handlers: FileHandlers) {
    // Elements under the pointer tell of entering and leaving too, so those are counted.
    let inside = 0
    const enter = (event: DragEvent) => {
      if (!carriesFiles(event)) return
      event.preventDefault()
      inside += 1
      // A page is not told the names before they are let go.
      if (inside === 1) handlers.enter([])
    }
    const over = (event: DragEvent) => {
      if (carriesFiles(event)) event.preventDefault()
    }
    const leave = (event: DragEvent) => {
      if (!carriesFiles(event)) return
      inside = Math.max(0, inside - 1)
      if (inside === 0) handlers.leave()
    }
    const drop = (event: DragEvent) => {
      if (!carriesFiles(event)) return
      event.preventDefault()
      inside = 0
      handlers.leave()
      // What was dropped is no longer there when this function has returned.
      const entries: Entries = [...(event.dataTransfer?.items ?? [])].map((item) => ({
        entry: item.webkitGetAsEntry?.() ?? null,
        file: item.getAsFile(),
      }))
      void filesOf(entries)
        .then(uploadAll)
        .then(handlers.drop, (error: unknown) => handlers.refuse(error))
    }
    addEventListener('dragenter', enter)
    addEventListener('dragover', over)
    addEventListener('dragleave', leave)
    addEventListener('drop', drop)
    return () => {
      removeEventListener('dragenter', enter)
      removeEventListener('dragover', over)
      removeEventListener('dragleave', leave)
      removeEventListener('drop', drop)
    }
  },

  async saveDialog({ suggested }) {
    return suggested
  },

  async openDialog() {
    const files = await choose()
    return files && uploadAll(files)
  },

  async openUrl(url) {
    open(url, '_blank', 'noopener,noreferrer')
  },

  async deliver(path) {
    const link = document.createElement('a')
    Object.assign(link, { href: path, download: '' })
    link.click()
    return 'your downloads'
  },
}

/** Whether this page came from a browser host. */
export async function isServed(): Promise<boolean> {
  try {
    const response = await fetch('/api/ping')
    return response.ok && (await response.text()) === 'epitome'
  } catch {
    return false
  }
}
