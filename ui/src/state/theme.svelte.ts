/** Light, dark, or as the system says. */
import { keep, kept } from './kept.svelte'

export type Theme = 'system' | 'light' | 'dark'

const NAME = 'theme'

function stored(): Theme {
  const asked = new URLSearchParams(location.search).get('theme') ?? kept(NAME)
  return asked === 'light' || asked === 'dark' ? asked : 'system'
}

let theme = $state<Theme>('system')

export function currentTheme(): Theme {
  return theme
}

/** Takes the stored choice; called before anything is drawn, and again when the program has told what it kept. */
export function applyTheme(chosen: Theme = stored()): void {
  theme = chosen
  if (chosen === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = chosen
}

export function chooseTheme(chosen: Theme): void {
  applyTheme(chosen)
  keep(NAME, chosen)
}
