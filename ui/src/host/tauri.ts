/** The Tauri shell as a host. The only file that imports Tauri's packages. */
import { invoke } from '@tauri-apps/api/core'
import { emit, listen } from '@tauri-apps/api/event'
import { getCurrentWebview } from '@tauri-apps/api/webview'
import { getCurrentWindow } from '@tauri-apps/api/window'
import { open, save } from '@tauri-apps/plugin-dialog'
import { openUrl, revealItemInDir } from '@tauri-apps/plugin-opener'

import type { FeedMessage } from '../wire/types'
import { wireError, type Host } from './index'

/** Usual endings of what the program reads; the content decides, so any other file may be chosen too. */
const BOOKS = 'epub pdf docx mobi azw3 azw prc fb2 html htm xhtml txt text md markdown zip gz'.split(' ')

export const tauri: Host = {
  async call(command, args) {
    try {
      return await invoke('call', { request: { command, args } })
    } catch (thrown) {
      throw wireError(thrown)
    }
  },

  asks: () => emit('asks'),
  hide: () => getCurrentWindow().hide(),
  quit: () => getCurrentWindow().destroy(),

  async feed(on) {
    const stop = await listen<FeedMessage>('feed', ({ payload }) => {
      on(payload)
      // A page that does not say so is told no more of them.
      if (payload.kind === 'frames') void emit('heard')
    })
    // Files that waited for somebody to hear of them come now.
    await emit('listens')
    return stop
  },

  onFiles: (handlers) =>
    getCurrentWebview().onDragDropEvent(({ payload }) => {
      if (payload.type === 'enter') handlers.enter(payload.paths)
      else if (payload.type === 'leave') handlers.leave()
      else if (payload.type === 'drop') handlers.drop(payload.paths)
    }),

  saveDialog: ({ suggested, filters }) => save({ defaultPath: suggested, filters }),

  openDialog: () =>
    open({
      multiple: true,
      filters: [
        { name: 'Books', extensions: BOOKS },
        { name: 'All files', extensions: ['*'] },
      ],
    }),

  openFolder: () => open({ directory: true, multiple: false }),

  // It is written where the person chose.
  deliver: async (path) => path,
  openUrl: (url) => openUrl(url),

  async reveal(path) {
    try {
      await revealItemInDir(path)
    } catch {
      const message = `${path} could not be shown: it was moved or removed, or there is no file manager.`
      throw wireError({ code: 'file_missing', message })
    }
  },
}
