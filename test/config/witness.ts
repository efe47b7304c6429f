// A plugin that sees what any other, such as an audit log, can see of the configuration's changes.
import { definePlugin, statement, type Call } from '../../core/define/index.ts'

/** The notes of the changes so far, in the order of their commits. */
export const witnessed: unknown[] = []

const committed = (call: Call): void => void witnessed.push(call.notes.get(statement))

export const witness = definePlugin({
  name: 'witness',
  setup: () => ({ hooks: ['config-update', 'config-delete'].map((on) => ({ on, committed })) }),
})
