// Configuration: settings of core and plugins, and free keys, as administrators change them while the servers run.
import { definePlugin } from '#sovrane'
import { createCache } from './cache.ts'
import { listOperation } from './list.ts'
import { configOperations } from './operations.ts'
import { readValues } from './values.ts'

export const config = definePlugin({
  name: 'config',
  migrations: new URL('migrations/', import.meta.url),
  setup({ log, declaredSettings }) {
    const cache = createCache(declaredSettings, log)
    return {
      operations: [listOperation(declaredSettings), ...configOperations(declaredSettings, cache)],
      settingsStore: cache,
      broadcasts: { config: { alias: 'key' } },
      onChange({ resource, id }) {
        if (resource === 'config') void cache.refresh(id)
      },
      onReset() {
        for (const key of declaredSettings.keys()) void cache.refresh(key)
      },
      start: (runtime) => cache.load((keys) => runtime.run((call) => readValues(call.db, keys))),
      stop: async () => cache.stop(),
    }
  },
})
