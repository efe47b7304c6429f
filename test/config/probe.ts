// A plugin that declares settings of each kind, uses them, and tells over the wire what this node takes them to be.
import { array, boolean, number, object, string } from 'yup'
import { definePlugin, json, operation, setting } from '../../core/define/index.ts'

const limit = setting('probe_limit', number().integer().min(1).max(100).default(10), 'How many probes at most')
const enabled = setting('probe_enabled', boolean().default(false), 'Whether probes are sent')
const mode = setting('probe_mode', string().oneOf(['slow', 'fast'] as const).default('slow'), 'The pace of the probes')
const tags = setting('probe_tags', array().of(string().min(1).max(8).required()).max(3).default(['all']), 'Labels of 100% of the probes')
const window =
  setting('probe_window', object({ from: number().integer().min(0).required() }).noUnknown().default({ from: 0 }), 'When probes are sent')
const floor = setting('probe_floor', number().integer().min(0).max(50).default(5).meta({ atMost: 'probe_ceiling' }), 'The lowest probe')
const ceiling = setting('probe_ceiling', number().integer().min(0).max(50).default(20), 'The highest probe')
const strict = setting('probe_strict', boolean().default(false).meta({ atMost: 'probe_enabled' }), 'Whether probes are strict')

export const probeSettings = [limit, enabled, mode, tags, window, floor, ceiling, strict]

export const probe = definePlugin({
  name: 'probe',
  setup: ({ settings }) => ({
    settings: probeSettings,
    operations: [operation({
      event: 'probe-read',
      kind: 'query',
      access: 'session',
      input: object({}),
      output: json(8192).required(),
      // Nothing is awaited: what is read is what any code of the node would see at once.
      handle: () => Promise.resolve({
        limit: settings.get(limit), enabled: settings.get(enabled), mode: settings.get(mode), floor: settings.get(floor),
        ceiling: settings.get(ceiling),
      }),
    })],
  }),
})
