/** Light, dark, or as the system says. Kept in this window, since it is about this screen and not about books. */
export type Theme = 'system' | 'light' | 'dark'

const KEY = 'epitome.theme'

function stored(): Theme {
  const asked = new URLSearchParams(location.search).get('theme') ?? localStorage.getItem(KEY)
  return asked === 'light' || asked === 'dark' ? asked : 'system'
}

let theme = $state<Theme>('system')

export function currentTheme(): Theme {
  return theme
}

/** Takes the stored choice; call once before anything is drawn. */
export function applyTheme(chosen: Theme = stored()): void {
  theme = chosen
  if (chosen === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = chosen
}

export function chooseTheme(chosen: Theme): void {
  applyTheme(chosen)
  localStorage.setItem(KEY, chosen)
}
