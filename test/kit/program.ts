// How a program of the project is started as a process of its own.

/** Node for a program that lives for seconds: optimizing the code of its embedded database would not pay. */
export const node = [process.execPath, '--liftoff-only'] as const

/** Compiled while it loads, which takes seconds; or, where the run says that it has just built it, from dist/. */
export const program = (source: string): string[] => process.env['TEST_PROGRAMS'] === 'built'
  ? [...node, `dist/${source.replace(/\.ts$/, '.js')}`]
  : [...node, '--import=tsx', source]
