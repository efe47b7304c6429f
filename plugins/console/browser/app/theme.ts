// Dark, light, or as the machine has it: what one has chosen on this machine.
import { signal } from '@preact/signals'
import { keep, kept } from './kept.ts'

const themes = ['auto', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

const first = kept('theme')
export const theme = signal<Theme>(themes.find((each) => each === first) ?? 'auto')

export const applyTheme = (): void => {
  document.documentElement.dataset['theme'] = theme.value
}

export const nextTheme = (): void => {
  theme.value = themes[(themes.indexOf(theme.value) + 1) % themes.length] ?? 'auto'
  keep('theme', theme.value)
}
