// Completes dist/ after the compiler: imports lead to built files, and what is no TypeScript lies beside the code that reads it.
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))
const dist = join(root, 'dist')

/** What is read beside the code that reads it, as paths from the root. */
const beside = ['core/db/migration.stub', 'cli/template']

const { imports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly imports: Readonly<Record<string, string>> }

/** Behind what imports, as the compiler writes it: files of projects, which are texts here, end their lines without a semicolon. */
const imported = (what: string): RegExp => new RegExp(`(?<=(?:from |import |import\\())(['"])${what}\\1(?=[;)])`, 'g')

/** The names stand for sources; tools do not agree on a second package.json that would say otherwise for dist/. */
const withPaths = (text: string, file: string): string => Object.entries(imports).reduce((all, [name, source]) => {
  const path = relative(dirname(file), join(dist, source.replace(/\.ts$/, '.js')))
  return all.replaceAll(imported(name), `'${path.startsWith('.') ? path : `./${path}`}'`)
}, text)

/** The compiler leaves the extension of sources in declarations. */
const toBuilt = (text: string): string => text.replaceAll(imported(`(\\.{1,2}/[^'"\\n]+)\\.ts`), '$1$2.js$1')

for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
  const file = join(entry.parentPath, entry.name)
  if (entry.isFile() && /\.(?:js|d\.ts)$/.test(entry.name)) writeFileSync(file, toBuilt(withPaths(readFileSync(file, 'utf8'), file)))
}
for (const path of beside) cpSync(join(root, path), join(dist, path), { recursive: true })
