// All screens: those of the console, and those that plugins add.
import { computed } from '@preact/signals'
import { screens, type Screen } from '../screens.ts'
import { language } from '../texts/texts.ts'
import { app } from './state.ts'

export const allScreens = computed((): readonly Screen[] => [
  ...screens,
  ...(app.value?.screens ?? []).map(({ path, label, needs, module }): Screen => {
    const labelOf = (): string => label[language.value] ?? label.en
    return {
      path,
      menu: { label: labelOf, icon: 'more', ...(needs === undefined ? {} : { needs }) },
      load: async () => ({ view: (await import('../shared/plugin-screen.tsx')).pluginScreen(module, labelOf, needs) }),
    }
  }),
])
