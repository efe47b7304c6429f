// `sovrane new`: a resource or a plugin to begin with, in the project of the app.
import { newHelp, writeNew } from '../core/boot/new.ts'
import type { AppSource } from './program.ts'

export const newUsage = newHelp

/** @throws ArgumentError when it cannot be called so; then nothing is written */
export const writeSomethingNew = async (argv: readonly string[], source: AppSource): Promise<void> =>
  writeNew(await source.load(), argv, {
    root: process.cwd(), environment: process.env, print: (line) => void process.stdout.write(`${line}\n`),
  })
