/** The Tauri shell as a host. The only file that imports Tauri's packages. */
import { invoke } from '@tauri-apps/api/core'
import { listen } from '@tauri-apps/api/event'
import { getCurrentWebview } from '@tauri-apps/api/webview'
import { open, save } from '@tauri-apps/plugin-dialog'
import { openUrl } from '@tauri-apps/plugin-opener'

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

  feed: (on) => listen<FeedMessage>('feed', (event) => on(event.payload)),

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

  openUrl: (url) => openUrl(url),
}
