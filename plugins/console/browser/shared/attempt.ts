// A button's work: what is done is said, and what is refused is.
import { asError } from '../app/state.ts'
import { explained } from '../app/explained.ts'
import { notify } from './notices.tsx'

/** @returns whether it was done */
export const attempt = async (work: () => Promise<unknown>, done?: string): Promise<boolean> => {
  try {
    await work()
    if (done !== undefined) notify(done)
    return true
  } catch (thrown) {
    notify(explained(asError(thrown)), { kind: 'bad' })
    return false
  }
}
