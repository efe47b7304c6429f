// config-get: one value, always as the table has it.
import { object } from 'yup'
import { notFound, operation, type DeclaredSettings } from '../../core/define/index.ts'
import { requireEverywhere } from './rights.ts'
import { readRow } from './rows.ts'
import { effective, keySchema } from './value.ts'

export const getOperation = (declared: DeclaredSettings) => operation({
  event: 'config-get',
  kind: 'query',
  access: { key: 'read-config' },
  input: object({ key: keySchema() }),
  async handle(call) {
    await requireEverywhere(call, 'read-config')
    const { key } = call.input
    const setting = declared.get(key)
    const row = await readRow(call.db, key)
    if (!row && !setting) throw notFound()
    return { key, value: effective(setting, row?.value) }
  },
})
