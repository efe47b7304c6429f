#!/usr/bin/env node
// The program `sovrane` of projects that have the package.
import { runSovrane } from './program.ts'
import { projectApp, withoutApp } from './project.ts'

const { rest, file } = withoutApp(process.argv.slice(2))
await runSovrane(rest, projectApp(process.cwd(), file))
