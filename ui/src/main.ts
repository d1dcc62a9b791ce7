/** Starts the page. */
import { mount } from 'svelte'

import App from './App.svelte'
import { connect } from './host'
import { applyTheme } from './state/theme.svelte'
import './style/tokens.css'
import './style/base.css'
import './style/cells.css'

applyTheme()
const target = document.getElementById('app')
if (target) {
  connect().then(
    () => mount(App, { target }),
    () => (target.textContent = 'This page is part of Epitome and works in its window only.'),
  )
}
