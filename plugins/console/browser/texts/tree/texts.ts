// The texts of the tree, in the language of the console.
import { computed } from '@preact/signals'
import { language, type Widened } from '../texts.ts'
import { en } from './en.ts'
import { fr } from './fr.ts'

/** What each language must have. */
export type TreeTexts = Widened<typeof en>

const languages: Readonly<Record<string, TreeTexts>> = { en, fr }

export const tt = computed((): TreeTexts => languages[language.value] ?? en)
