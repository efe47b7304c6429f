// Short words at the foot of the page: what was done, with a way back where there is one, and what has failed.
import { signal } from '@preact/signals'
import { t } from '../texts/texts.ts'
import { Button } from './button.tsx'

interface Notice {
  readonly id: number
  readonly text: string
  readonly kind: 'good' | 'bad'
  readonly undo?: () => void
}

const notices = signal<readonly Notice[]>([])
let count = 0

/** Milliseconds: enough to read it and to reach for the way back. */
const stay = { good: 6000, undo: 12_000, bad: 15_000 } as const

const drop = (id: number): void => {
  notices.value = notices.value.filter((notice) => notice.id !== id)
}

export const notify = (
  text: string,
  { kind = 'good', undo }: { readonly kind?: 'good' | 'bad'; readonly undo?: () => void } = {},
): void => {
  const id = (count += 1)
  notices.value = [...notices.value.slice(-2), { id, text, kind, ...(undo ? { undo } : {}) }]
  setTimeout(() => drop(id), undo ? stay.undo : stay[kind])
}

export const Notices = () => (
  <div class="notices" role="status" aria-live="polite">
    {notices.value.map(({ id, text, kind, undo }) => (
      <div key={id} class={`notice ${kind}`}>
        <p>{text}</p>
        {undo && (
          <Button
            kind="quiet"
            onClick={() => {
              drop(id)
              undo()
            }}
          >
            {t.value.undo}
          </Button>
        )}
        <Button kind="quiet" icon="close" label={t.value.close} onClick={() => drop(id)} />
      </div>
    ))}
  </div>
)
