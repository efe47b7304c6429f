// How the system is: this node, the others, the feed and the database, for those who keep it running. Asked when someone looks.
import { definePlugin, type Runtime } from '#sovrane'
import { statusOperation } from './status.ts'

export const overview = definePlugin({
  name: 'overview',
  setup() {
    const parts: { runtime?: Runtime } = {}
    const running = (): Runtime => {
      if (!parts.runtime) throw new Error('The plugin "overview" has not started')
      return parts.runtime
    }
    return {
      operations: [statusOperation(running)],
      async start(runtime) {
        parts.runtime = runtime
      },
    }
  },
})
