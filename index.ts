// The package `sovrane`: what apps are made of, and what starts one.
export * from './core/define/index.ts'
export { start, type StartedServer, type ServerStart } from './core/boot/start.ts'
export { runInTerminal as run } from './core/boot/terminal.ts'
