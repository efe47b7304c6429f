// `npm start` and the other commands of `app.ts`: what `npx sovrane` is in a project that has the package.
import { runSovrane } from './cli/program.ts'

const [name = 'start', ...argv] = process.argv.slice(2)
await runSovrane([name, ...argv], { load: async () => (await import('./app.ts')).app })
