// Collects what is wrong with an app, so that boot can say it all at once, each fault once and with its place.

export class BootError extends Error {
  readonly faults: readonly string[]

  constructor(faults: readonly string[]) {
    super(`The app cannot start:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`)
    this.name = 'BootError'
    this.faults = faults
  }
}

export class Faults {
  private readonly found = new Set<string>()
  private readonly absences = new Set<string>()
  private explained = false

  add(place: string, message: string): void {
    this.found.add(`${place}: ${message}`)
  }

  /** Something refers to what is not there. A plugin that could not be set up may explain it, and was told of already. */
  absent(place: string, message: string): void {
    this.absences.add(`${place}: ${message}`)
    this.add(place, message)
  }

  /** A part of the app is missing for a reason that was told: what refers to it is not a fault of its own. */
  excuseAbsences(): void {
    this.explained = true
  }

  /** Adds all that was found to other faults; false: there was nothing. */
  moveTo(others: Faults): boolean {
    for (const fault of this.found) others.found.add(fault)
    return this.found.size > 0
  }

  /** @throws BootError with all that was found */
  throwIfAny(): void {
    const faults = [...this.found].filter((fault) => !this.explained || !this.absences.has(fault))
    if (faults.length > 0) throw new BootError(faults)
  }
}
