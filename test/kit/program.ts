// How a program of the project is started as a process of its own.

/** Compiled while it loads, which takes seconds; or, where the run says that it has just built it, from dist/. */
export const program = (source: string): string[] => process.env['TEST_PROGRAMS'] === 'built'
  ? [process.execPath, `dist/${source.replace(/\.ts$/, '.js')}`]
  : [process.execPath, '--import=tsx', source]
