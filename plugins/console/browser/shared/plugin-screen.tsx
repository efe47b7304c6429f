// A screen of a plugin: the heading is the console's, what is below it the module's.
import { useEffect, useRef, useState } from 'preact/hooks'
import { loadModule, toolsWith } from '../app/plugin-modules.ts'
import { mayAsk, missingFor } from '../app/rights.ts'
import { t } from '../texts/texts.ts'
import type { ScreenProps } from '../screens.ts'
import { Empty, Page } from './page.tsx'
import { Refusal } from './refusal.tsx'

export const pluginScreen = (module: string, label: () => string, needs: string | undefined) => {
  const Shown = ({ params }: ScreenProps) => {
    const place = useRef<HTMLDivElement>(null)
    const [hasFailed, setFailed] = useState(false)
    useEffect(() => {
      let stop: (() => void) | undefined
      let isOver = false
      loadModule(module).then(
        ({ screen }) => {
          if (!isOver && place.current && screen) stop = screen(place.current, toolsWith({ params }))
        },
        () => setFailed(true),
      )
      return () => {
        isOver = true
        stop?.()
      }
    }, [JSON.stringify(params)])
    return hasFailed ? <Empty icon="warning" title={t.value.notLoaded} /> : <div ref={place} />
  }
  return (props: ScreenProps) => (
    <Page title={label()}>
      {needs === undefined || mayAsk(needs) ? <Shown {...props} /> : <Refusal keys={missingFor(needs)} />}
    </Page>
  )
}
