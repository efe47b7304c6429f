// Starts the server of `app.ts`; `main.ts describe EVENT` prints what happens when an event is called.
const [command, ...events] = process.argv.slice(2)

// Said first: loading the program takes a moment, and making a first database some seconds.
if (command !== 'describe') process.stdout.write('Preparing the database …\n')

try {
  const [{ app }, { describeInTerminal, runInTerminal }] = await Promise.all([import('./app.ts'), import('./core/boot/terminal.ts')])
  if (command === 'describe') describeInTerminal(app, events)
  else await runInTerminal(app)
} catch (error) {
  // A definition that fails while it is read: where it stands is in the stack.
  process.stderr.write(`The app cannot be loaded: ${error instanceof Error ? error.stack ?? error.message : String(error)}\n`)
  process.exitCode = 1
}
