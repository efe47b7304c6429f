// Permissions that the software itself names are there to stay.
import { conflict, type Call } from '../../core/define/index.ts'

/** @throws AppError conflict when the permission is named by a definition or a plugin */
export const keepBuiltIn = async (call: Call): Promise<void> => {
  const row: { built_in: boolean } | undefined = await call.db('permissions').where({ id: call.before?.id ?? '' }).first('built_in')
  if (row?.built_in === true) throw conflict({ reason: 'built_in' }, 'This permission is part of the software and cannot be deleted')
}
