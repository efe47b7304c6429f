// The screen of the present address: loaded when it is first gone to, and kept.
import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { match, place } from './router.ts'
import { allScreens } from './all-screens.ts'
import type { Screen, ScreenProps } from '../screens.ts'
import { t } from '../texts/texts.ts'
import { Empty, Page, Skeleton } from '../shared/page.tsx'

export interface Found {
  readonly screen: Screen
  readonly params: ScreenProps['params']
}

const screenAt = (path: string): Found | undefined => {
  for (const screen of allScreens.value) {
    const params = match(screen.path, path)
    if (params) return { screen, params }
  }
  return undefined
}

const loaded = new Map<Screen, ComponentType<ScreenProps>>()

/** Undefined: not yet. */
const useView = (
  screen: Screen,
): { readonly View?: ComponentType<ScreenProps>; readonly hasFailed: boolean; readonly again: () => void } => {
  const [state, setState] = useState({ round: 0, hasFailed: false })
  useEffect(() => {
    if (loaded.has(screen)) return
    let isOver = false
    screen.load().then(
      ({ view }) => {
        loaded.set(screen, view)
        if (!isOver) setState(({ round }) => ({ round: round + 1, hasFailed: false }))
      },
      () => {
        if (!isOver) setState(({ round }) => ({ round, hasFailed: true }))
      },
    )
    return () => {
      isOver = true
    }
  }, [screen])
  const View = loaded.get(screen)
  // Another version was put on the server: its files have to be loaded anew.
  return { ...(View ? { View } : {}), hasFailed: state.hasFailed, again: () => location.reload() }
}

export const ScreenView = ({ found }: { readonly found: Found }) => {
  const { View, hasFailed, again } = useView(found.screen)
  if (View) return <View params={found.params} />
  if (hasFailed)
    return (
      <Page title={t.value.notLoaded}>
        <Empty icon="warning" title={t.value.notLoadedAbout}>
          <button type="button" class="button main" onClick={again}>
            {t.value.reload}
          </button>
        </Empty>
      </Page>
    )
  return (
    <div class="page">
      <Skeleton lines={8} />
    </div>
  )
}

export const currentScreen = (): Found | undefined => screenAt(place.value.path)
