// Configuration: settings of core and plugins, and free keys, as administrators change them while the servers run.
import { definePlugin } from '../../core/define/index.ts'
import { createCache } from './cache.ts'
import { changeOperations } from './change.ts'
import { getOperation } from './get.ts'
import { listOperation } from './list.ts'
import { readValues } from './rows.ts'

export const config = definePlugin({
  name: 'config',
  migrations: new URL('migrations/', import.meta.url),
  setup({ log, declaredSettings }) {
    const cache = createCache(declaredSettings, log)
    return {
      operations: [getOperation(declaredSettings), listOperation(declaredSettings), ...changeOperations(declaredSettings, cache)],
      settingsStore: cache,
      broadcasts: { config: { alias: 'key' } },
      onChange({ resource, id }) {
        if (resource === 'config') void cache.refresh(id)
      },
      onReset() {
        for (const key of declaredSettings.keys()) void cache.refresh(key)
      },
      start: (runtime) => cache.load((keys) => runtime.run((call) => readValues(call.db, keys))),
      stop: () => cache.stop(),
    }
  },
})
