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

const load = async (screen: Screen): Promise<void> => {
  loaded.set(screen, (await screen.load()).view)
}

/** Undefined: not yet. */
const useView = (
  screen: Screen,
): { readonly View?: ComponentType<ScreenProps>; readonly hasFailed: boolean; readonly again: () => void } => {
  const [state, setState] = useState({ round: 0, hasFailed: false })
  const View = loaded.get(screen)
  useEffect(() => {
    // Not whether it is there by now: that it was not when this was drawn is what has to be mended.
    if (View) return
    let isOver = false
    load(screen).then(
      () => {
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

/** While it is still found out who is there. What fails is told once the screen is shown. */
export const fetchCurrentScreen = (): void => {
  const found = currentScreen()
  if (found) load(found.screen).catch(() => undefined)
}
