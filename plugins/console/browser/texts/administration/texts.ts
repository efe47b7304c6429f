// The texts of the screens of administration, in the language of the console.
import { computed } from '@preact/signals'
import { language, type Widened } from '../texts.ts'
import { en } from './en.ts'
import { fr } from './fr.ts'

/** What each language must have. */
export type AdministrationTexts = Widened<typeof en>

const languages: Readonly<Record<string, AdministrationTexts>> = { en, fr }

export const ta = computed((): AdministrationTexts => languages[language.value] ?? en)
