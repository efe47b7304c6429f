// Starts the server of `app.ts`. It says so first: loading the program takes a moment, and making a first database some seconds.
process.stdout.write('Preparing the database …\n')

try {
  const [{ app }, { runInTerminal }] = await Promise.all([import('./app.ts'), import('./core/boot/terminal.ts')])
  await runInTerminal(app)
} catch (error) {
  // A definition that fails while it is read: where it stands is in the stack.
  process.stderr.write(`The app cannot be loaded: ${error instanceof Error ? error.stack ?? error.message : String(error)}\n`)
  process.exitCode = 1
}
