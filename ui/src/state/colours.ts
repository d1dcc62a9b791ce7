/** Counts changes of the colours, for pictures that are drawn by hand. Returns how to stop. */
export function onColours(changed: () => void): () => void {
  const watcher = new MutationObserver(changed)
  watcher.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })
  const dark = window.matchMedia?.('(prefers-color-scheme: dark)')
  dark?.addEventListener('change', changed)
  return () => {
    watcher.disconnect()
    dark?.removeEventListener('change', changed)
  }
}
