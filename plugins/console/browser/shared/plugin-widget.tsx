// A field that a plugin's module edits.
import { useEffect, useRef } from 'preact/hooks'
import type { JsonSchema } from '#sovrane'
import type { PluginWidgetHandle } from '../app/plugin-modules.ts'

export const PluginWidget = ({ module, id, value, schema, disabled, onChange }: {
  readonly module: string
  readonly id: string
  readonly value: unknown
  readonly schema: JsonSchema
  readonly disabled: boolean
  readonly onChange: (value: unknown) => void
}) => {
  const place = useRef<HTMLDivElement>(null)
  const handle = useRef<PluginWidgetHandle | undefined>(undefined)
  // The module keeps one function, whatever form it stands in.
  const change = useRef(onChange)
  change.current = onChange
  useEffect(() => {
    let isOver = false
    const begin = async (): Promise<void> => {
      // Few have one: what it needs is loaded when it is met.
      const { loadModule, toolsWith } = await import('../app/plugin-modules.ts')
      const { widget } = await loadModule(module)
      if (isOver || !place.current || !widget) return
      handle.current = widget(place.current, toolsWith({ id, value, schema, disabled, onChange: (next: unknown) => change.current(next) }))
    }
    void begin()
    return () => {
      isOver = true
      handle.current?.remove?.()
    }
  }, [module, disabled])
  useEffect(() => handle.current?.update?.(value), [value])
  return <div ref={place} />
}
