// A program whose last plugin does not start, in the way that its argument says. Run by terminal.test.ts.
import { app } from '../../app.ts'
import { runInTerminal } from '../../core/boot/terminal.ts'
import { definePlugin } from '../../core/define/index.ts'

const ways: Readonly<Record<string, () => Promise<void>>> = {
  rejects: () => Promise.reject(new Error('no printer is there')),
  throws: () => {
    throw new Error('no printer is there')
  },
  text: () => Promise.reject('no printer is there'),
  'leaves a timer': () => {
    setInterval(() => undefined, 1000)
    return Promise.reject(new Error('no printer is there'))
  },
}

const printing = definePlugin({
  name: 'printing',
  setup: () => ({ start: ways[process.argv[2] ?? ''] ?? ((): Promise<void> => Promise.resolve()) }),
})

await runInTerminal({ ...app, plugins: [...app.plugins, printing] })
