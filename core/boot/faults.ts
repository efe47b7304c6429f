// Collects what is wrong with an app, so that boot can say it all at once, each fault with its place.

export class BootError extends Error {
  readonly faults: readonly string[]

  constructor(faults: readonly string[]) {
    super(`The app cannot start:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`)
    this.name = 'BootError'
    this.faults = faults
  }
}

export class Faults {
  private readonly found: string[] = []

  add(place: string, message: string): void {
    this.found.push(`${place}: ${message}`)
  }

  /** @throws BootError with all that was found */
  throwIfAny(): void {
    if (this.found.length > 0) throw new BootError(this.found)
  }
}
