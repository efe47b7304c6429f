// The right to the configuration: it lies in no site and no department, so only a key held everywhere reaches it.
import { forbidden, type Call } from '../../core/define/index.ts'

/** @throws AppError forbidden when the key is held in some scope only (docs/protocol.md §5) */
export const requireEverywhere = async ({ system, rights }: Pick<Call, 'system' | 'rights'>, key: string): Promise<void> => {
  if (system || (await rights.covers({ key, scopeId: null, deny: false }))) return
  throw forbidden(key)
}
