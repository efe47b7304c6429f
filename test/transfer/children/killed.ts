// Imports a file and ends without a word, as by `kill -9`, once so many rows were created: in the middle of their transaction.
import { app } from '../../../app.ts'
import { withApp } from '../../../core/boot/command.ts'
import { definePlugin } from '../../../core/define/index.ts'
import { readImport } from '../../../plugins/transfer/arguments.ts'
import { performImport } from '../../../plugins/transfer/program.ts'
import { appWith } from '../../kit/server.ts'

const [, , after = '', ...argv] = process.argv
let left = Number(after)

const killer = definePlugin({
  name: 'killer',
  setup: () => ({
    hooks: [{
      on: 'user-create',
      after: () => {
        left -= 1
        if (left === 0) process.kill(process.pid, 'SIGKILL')
      },
    }],
    permissions: [],
  }),
})

const wanted = readImport(argv)
if (wanted === 'help') throw new Error('was asked for help')
await withApp(left > 0 ? appWith(killer) : app, { usual: 'warn', print: () => undefined, interactive: false }, async (server) => {
  await performImport(server, wanted, {
    say: (line) => void process.stdout.write(`${line}\n`), warn: (line) => void process.stderr.write(`${line}\n`),
    progress: { show: () => undefined, end: () => undefined }, isStopped: () => false,
  })
})
