// What one has chosen on this machine: columns of lists, the colour scheme. A browser that keeps nothing loses no more than that.
const prefix = 'sovrane-console.'

export const kept = (name: string): unknown => {
  try {
    return JSON.parse(localStorage.getItem(`${prefix}${name}`) ?? 'null') as unknown
  } catch {
    return null
  }
}

export const keep = (name: string, value: unknown): void => {
  try {
    localStorage.setItem(`${prefix}${name}`, JSON.stringify(value))
  } catch {
    // It is full, or may not be used.
  }
}
