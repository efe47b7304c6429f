// What drops down from a button: it closes by Escape, and when one goes elsewhere.
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { Icon, type IconName } from './icon.tsx'

export const DropDown = ({
  icon,
  label,
  children,
}: {
  readonly icon: IconName
  readonly label: string
  readonly children: ComponentChildren
}) => {
  const ref = useRef<HTMLDetailsElement>(null)
  useEffect(() => {
    // By where one presses and where the focus goes to, not by what it leaves: a press on a label takes it from everything.
    const leave = ({ target }: Event): void => {
      if (ref.current?.open === true && target instanceof Node && !ref.current.contains(target) && !target.contains(ref.current))
        ref.current.open = false
    }
    const press = ({ target }: Event): void => {
      if (ref.current?.open === true && target instanceof Node && !ref.current.contains(target)) ref.current.open = false
    }
    addEventListener('focusin', leave)
    addEventListener('pointerdown', press)
    return () => {
      removeEventListener('focusin', leave)
      removeEventListener('pointerdown', press)
    }
  }, [])
  return (
    <details
      ref={ref}
      class="menu"
      onKeyDown={({ key, currentTarget }) => {
        if (key !== 'Escape') return
        currentTarget.open = false
        currentTarget.querySelector('summary')?.focus()
      }}
    >
      <summary class="button plain">
        <Icon name={icon} />
        <span>{label}</span>
      </summary>
      {children}
    </details>
  )
}
