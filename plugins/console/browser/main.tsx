// The console starts: the session that the browser has kept, the description of the app, the screen of the address.
import { render } from 'preact'
import { begin } from './app/state.ts'
import { listenToHistory } from './app/router.ts'
import { fetchCurrentScreen } from './app/screen.tsx'
import { Shell } from './app/shell.tsx'
import { applyTheme } from './app/theme.ts'
import { speak } from './texts/texts.ts'
import './style.css'

const root = document.querySelector('#console')
if (root) {
  applyTheme()
  listenToHistory()
  begin()
  fetchCurrentScreen()
  await speak(null)
  root.replaceChildren()
  render(<Shell />, root)
}
