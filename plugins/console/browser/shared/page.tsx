// What every screen has: a heading that names the page, its actions, and words for what is loading, empty or refused.
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { SovraneError } from '../../../../client/index.ts'
import { place } from '../app/router.ts'
import { t } from '../texts/texts.ts'
import { explained } from '../app/explained.ts'
import { Icon, type IconName } from './icon.tsx'

/** The path that was last given the focus: a page that is shown again by its own query keeps it where it is. */
let focused: string | undefined

/** The head of a page. Who follows a link reads on at its heading. */
export const Page = ({
  title,
  about,
  back,
  actions,
  children,
  narrow = false,
}: {
  readonly title: string
  readonly about?: ComponentChildren
  readonly back?: ComponentChildren
  readonly actions?: ComponentChildren
  readonly narrow?: boolean
  readonly children?: ComponentChildren
}) => {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${title} – Sovrane`
  }, [title])
  useEffect(() => {
    const { path } = place.value
    if (focused !== undefined && focused !== path) heading.current?.focus({ preventScroll: true })
    focused = path
  }, [])
  return (
    <div class={narrow ? 'page narrow' : 'page'}>
      {back && <p class="back">{back}</p>}
      <div class="head">
        <div>
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {about && <p class="about">{about}</p>}
        </div>
        {actions && <div class="actions">{actions}</div>}
      </div>
      {children}
    </div>
  )
}

/** Where there is nothing: why, and what to do. */
export const Empty = ({
  icon = 'table',
  title,
  children,
}: {
  readonly icon?: IconName
  readonly title: string
  readonly children?: ComponentChildren
}) => (
  <div class="empty">
    <Icon name={icon} />
    <p class="strong">{title}</p>
    {children}
  </div>
)

/** What was refused, and what that means. */
export const Refused = ({ error, again }: { readonly error: SovraneError; readonly again?: () => void }) => (
  <div class="empty" role="alert">
    <Icon name="warning" />
    <p class="strong">{explained(error)}</p>
    {again && (
      <button type="button" class="button plain" onClick={again}>
        {t.value.tryAgain}
      </button>
    )}
  </div>
)

/** In the place of what is being read: as large as that will be. */
export const Skeleton = ({ lines = 5 }: { readonly lines?: number }) => (
  <div class="skeleton" aria-hidden="true">
    {Array.from({ length: lines }, (_, index) => (
      <i key={index} />
    ))}
  </div>
)
