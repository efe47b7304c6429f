// What a scenario is: something that must hold, played on this machine, with the figures that say whether it did.

export interface Hold {
  readonly name: string
  readonly what: string
  readonly bound: string
  readonly measured: string
  /** Undefined: it could not be played here; `measured` says why. */
  readonly holds: boolean | undefined
  /** For the file: what `measured` says in words, as numbers. */
  readonly figures?: Readonly<Record<string, unknown>>
}

export interface Play {
  readonly seed: number
  /** How many of the tries, sockets and rows of the issue, from 0 to 1. */
  readonly scale: number
}

export interface Scenario {
  /** As `--only` names it. */
  readonly name: string
  /** Minutes that it takes as a whole, on two cores with nothing else to do. */
  readonly minutes: number
  play(play: Play): Promise<readonly Hold[]>
}

/** That share of `whole` which is played; one at least. */
export const share = ({ scale }: Play, whole: number): number => Math.max(1, Math.round(whole * scale))

export const counted = (count: number): string => count.toLocaleString('en')

/** Milliseconds, for people. */
export const ms = (value: number): string =>
  (Number.isFinite(value) ? `${value < 10 ? value.toFixed(1) : counted(Math.round(value))} ms` : 'never')

export const spread = (values: readonly number[]): { readonly p50: number; readonly p99: number; readonly max: number } => {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (part: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
  return { p50: at(0.5), p99: at(0.99), max: sorted.at(-1) ?? Number.NaN }
}

export const told = ({ p50, p99, max }: ReturnType<typeof spread>): string => `p50 ${ms(p50)}, p99 ${ms(p99)}, max ${ms(max)}`
