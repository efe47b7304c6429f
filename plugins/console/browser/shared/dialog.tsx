// Dialogs: the browser's own, which keep the focus, give it back, and close by Escape.
import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { signal } from '@preact/signals'
import { t } from '../texts/texts.ts'
import { Button } from './button.tsx'

export const Dialog = ({
  title,
  onClose,
  wide = false,
  children,
}: {
  readonly title: string
  readonly onClose: () => void
  readonly wide?: boolean
  readonly children: ComponentChildren
}) => {
  const ref = useRef<HTMLDialogElement>(null)
  const heading = useId()
  useEffect(() => {
    const before = document.activeElement
    ref.current?.showModal()
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [])
  return (
    <dialog
      ref={ref}
      class={wide ? 'wide' : undefined}
      aria-labelledby={heading}
      onClose={onClose}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
    >
      <header>
        <h2 id={heading}>{title}</h2>
        <Button kind="quiet" icon="close" label={t.value.close} onClick={onClose} />
      </header>
      {children}
    </dialog>
  )
}

interface Question {
  readonly title: string
  readonly text: string
  readonly yes: string
  readonly danger: boolean
  answer(yes: boolean): void
}

const question = signal<Question | undefined>(undefined)

/** Asks before something that cannot be taken back. */
export const confirmed = ({
  title,
  text,
  yes,
  danger = true,
}: {
  readonly title: string
  readonly text: string
  readonly yes: string
  readonly danger?: boolean
}): Promise<boolean> =>
  new Promise((resolve) => {
    question.value?.answer(false)
    question.value = { title, text, yes, danger, answer: resolve }
  })

/** Where questions are asked. */
export const Questions = () => {
  const asked = question.value
  if (!asked) return null
  const end = (yes: boolean): void => {
    question.value = undefined
    asked.answer(yes)
  }
  return (
    <Dialog title={asked.title} onClose={() => end(false)}>
      <p>{asked.text}</p>
      <footer>
        <Button onClick={() => end(false)} autofocus>
          {t.value.cancel}
        </Button>
        <Button kind={asked.danger ? 'danger' : 'main'} onClick={() => end(true)}>
          {asked.yes}
        </Button>
      </footer>
    </Dialog>
  )
}
