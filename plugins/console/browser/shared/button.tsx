// Buttons, and links that look like them.
import type { ComponentChildren } from 'preact'
import { hrefOf } from '../app/router.ts'
import { Icon, type IconName } from './icon.tsx'

type ButtonKind = 'main' | 'plain' | 'quiet' | 'danger'

interface Looks {
  readonly kind?: ButtonKind
  readonly icon?: IconName
  /** The icon alone is shown; what it says is its name, and stands beside it on hover. */
  readonly label?: string
  readonly children?: ComponentChildren
}

interface ButtonProps extends Looks {
  readonly onClick?: (event: MouseEvent) => void
  readonly type?: 'button' | 'submit'
  readonly disabled?: boolean
  /** What it asked for is under way: it keeps its place and its focus, and cannot be pressed again. */
  readonly busy?: boolean
  readonly pressed?: boolean
  readonly expanded?: boolean
  readonly id?: string
  readonly form?: string
  readonly autofocus?: boolean
}

const classOf = ({ kind = 'plain', label, children }: Looks): string =>
  `button ${kind}${label !== undefined && children === undefined ? ' square' : ''}`

export const Button = ({
  onClick,
  type = 'button',
  disabled,
  busy = false,
  pressed,
  expanded,
  id,
  form,
  autofocus,
  ...looks
}: ButtonProps) => (
  <button
    type={type}
    class={classOf(looks)}
    disabled={disabled}
    aria-disabled={busy || undefined}
    aria-busy={busy || undefined}
    aria-pressed={pressed}
    aria-expanded={expanded}
    aria-label={looks.label}
    title={looks.label}
    id={id}
    form={form}
    autofocus={autofocus}
    onClick={(event) => {
      if (busy) event.preventDefault()
      else onClick?.(event)
    }}
  >
    {looks.icon && <Icon name={looks.icon} />}
    {looks.children !== undefined && <span>{looks.children}</span>}
  </button>
)

/** A link within the console. */
export const Link = ({
  to,
  class: name,
  current,
  label,
  children,
}: {
  readonly to: string
  readonly class?: string
  readonly current?: boolean
  readonly label?: string
  readonly children: ComponentChildren
}) => (
  <a href={hrefOf(to)} data-route class={name} aria-current={current ? 'page' : undefined} aria-label={label}>
    {children}
  </a>
)

export const ButtonLink = ({ to, current, ...looks }: Looks & { readonly to: string; readonly current?: boolean }) => (
  <Link
    to={to}
    class={classOf(looks)}
    {...(current === undefined ? {} : { current })}
    {...(looks.label === undefined ? {} : { label: looks.label })}>
    {looks.icon && <Icon name={looks.icon} />}
    {looks.children !== undefined && <span>{looks.children}</span>}
  </Link>
)
