// Ids that no one else makes.

/** 32 hexadecimal digits. Not by `randomUUID`, which pages have over TLS alone. */
export const newId = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
