// `sovrane docs`: writes docs/api.md from the definitions; or one of the documents that a server has, for tools.
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { ArgumentError, type Description, type Program } from '#sovrane'
import { asyncapi } from './asyncapi.ts'
import { markdown } from './markdown.ts'
import { openapi } from './openapi.ts'

const helpOf = (called: string): string => `Writes the description of the API.

  ${called}
      Writes docs/api.md anew.
  ${called} markdown | openapi | asyncapi --output <file>
      Writes one of the documents. Without --output it goes to the standard output; in a pipe, npm must be told \`npm run -s\`.`

const forms: Readonly<Record<string, (description: Description) => string>> = {
  markdown,
  openapi: (description) => `${JSON.stringify(openapi(description), null, 2)}\n`,
  asyncapi: (description) => `${JSON.stringify(asyncapi(description), null, 2)}\n`,
}

const read = (argv: readonly string[]): { readonly form: string; readonly output: string | undefined } => {
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options: { output: { type: 'string' } }, allowPositionals: true })
    const [form = 'markdown', ...more] = positionals
    const isKnown = Object.hasOwn(forms, form) && more.length === 0
    if (!isKnown) throw new Error(`"${positionals.join(' ').slice(0, 40)}" is not one of the documents`)
    return { form, output: values.output ?? (positionals.length === 0 ? 'docs/api.md' : undefined) }
  } catch (error) {
    throw new ArgumentError(error instanceof Error ? error.message : String(error))
  }
}

export const program: Program = {
  trouble: 'The description cannot be written',
  hint: helpOf,
  main(argv, { called, print, describe }) {
    if (argv.includes('--help')) return Promise.resolve(print(helpOf(called)))
    const { form, output } = read(argv)
    const text = forms[form]?.(describe()) ?? ''
    if (output === undefined) process.stdout.write(text)
    else writeFileSync(output, text)
    return Promise.resolve()
  },
}
