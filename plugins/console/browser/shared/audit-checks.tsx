// Whether the audit log is what was written, in words; and the choice of what is recorded.
import { useState } from 'preact/hooks'
import { categories } from '../app/audit.ts'
import { useAsked } from '../app/asked.ts'
import { explained } from '../app/explained.ts'
import { number } from '../app/format.ts'
import { mayAsk } from '../app/rights.ts'
import { client, asError } from '../app/state.ts'
import { t } from '../texts/texts.ts'
import { ta } from '../texts/administration/texts.ts'
import { ownerName } from './audit-filters.tsx'
import { attempt } from './attempt.ts'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { Skeleton } from './page.tsx'

/** Source: `audit-verify`. */
interface Verdict {
  readonly ok: boolean
  readonly checked: number
  readonly firstBroken?: string
  readonly reason?: string
}

/** Milliseconds: a log of years takes minutes. */
const patience = 600_000

const Result = ({ verdict: { ok, checked, firstBroken, reason = '' } }: { readonly verdict: Verdict }) => {
  const texts = ta.value.audit
  return ok ? (
    <p class="note good" role="status">
      {texts.verified(number(checked))}
    </p>
  ) : (
    <div class="note bad" role="alert">
      <p class="strong">{reason === 'unsealed' ? texts.reasons[reason] : texts.broken(number(checked))}</p>
      {reason !== 'unsealed' && <p>{texts.reasons[reason] ?? reason}</p>}
      {firstBroken !== undefined && (
        <p>
          {texts.firstBroken}: <code>{firstBroken}</code>
        </p>
      )}
    </div>
  )
}

export const Verify = ({ onClose }: { readonly onClose: () => void }) => {
  const [state, setState] = useState<{ readonly isBusy: boolean; readonly verdict?: Verdict; readonly failure?: string }>({ isBusy: false })
  const texts = ta.value.audit
  const run = async (): Promise<void> => {
    setState({ isBusy: true })
    try {
      setState({ isBusy: false, verdict: (await client.call('audit-verify', {}, { timeout: patience })) as unknown as Verdict })
    } catch (thrown) {
      setState({ isBusy: false, failure: explained(asError(thrown)) })
    }
  }
  return (
    <Dialog title={texts.verifyTitle} onClose={onClose}>
      <p>{texts.verifyAbout}</p>
      {state.verdict && <Result verdict={state.verdict} />}
      {state.failure !== undefined && (
        <p class="fault" role="alert">
          {state.failure}
        </p>
      )}
      <footer>
        <Button kind="main" busy={state.isBusy} autofocus onClick={() => void run()}>
          {texts.verifyGo}
        </Button>
      </footer>
    </Dialog>
  )
}

/** Source: `audit-config-get`. */
interface RecordedChoice {
  readonly levels: readonly string[]
  readonly categories: readonly string[]
}

const allLevels = ['info', 'warning', 'critical'] as const

/** An empty choice is everything. */
const Ticks = ({ legend, all, chosen, called, disabled, onChoose }: {
  readonly legend: string
  readonly all: readonly string[]
  readonly chosen: readonly string[]
  readonly called: (name: string) => string
  readonly disabled: boolean
  readonly onChoose: (names: readonly string[]) => void
}) => {
  const isOn = (name: string): boolean => chosen.length === 0 || chosen.includes(name)
  const toggle = (name: string, on: boolean): void => {
    const next = all.filter((each) => (each === name ? on : isOn(each)))
    if (next.length > 0) onChoose(next.length === all.length ? [] : next)
  }
  return (
    <fieldset class="ticks" disabled={disabled}>
      <legend>{legend}</legend>
      {all.map((name) => (
        <label key={name}>
          <input type="checkbox" checked={isOn(name)} onChange={({ currentTarget }) => {
            toggle(name, currentTarget.checked)
            // The last one stays on: an empty choice would be everything.
            currentTarget.checked = isOn(name)
          }} />
          {called(name)}
        </label>
      ))}
    </fieldset>
  )
}

const Choice = ({ initial, onClose }: { readonly initial: RecordedChoice; readonly onClose: () => void }) => {
  const [choice, setChoice] = useState(initial)
  const [isBusy, setBusy] = useState(false)
  const texts = ta.value.audit
  const mayChange = mayAsk('audit-config-update')
  const save = async (): Promise<void> => {
    setBusy(true)
    const isSaved = await attempt(
      () => client.call('audit-config-update', { levels: choice.levels, categories: choice.categories }), texts.recordedSaved)
    setBusy(false)
    if (isSaved) onClose()
  }
  return (
    <>
      <Ticks
        legend={texts.levelsRecorded}
        all={allLevels}
        chosen={choice.levels}
        called={(level) => texts.levels[level] ?? level}
        disabled={!mayChange}
        onChoose={(levels) => setChoice((now) => ({ ...now, levels }))}
      />
      <Ticks
        legend={texts.categoriesRecorded}
        all={categories()}
        chosen={choice.categories}
        called={ownerName}
        disabled={!mayChange}
        onChoose={(names) => setChoice((now) => ({ ...now, categories: names }))}
      />
      {mayChange && (
        <footer>
          <Button kind="main" busy={isBusy} onClick={() => void save()}>
            {t.value.save}
          </Button>
        </footer>
      )}
    </>
  )
}

export const Recorded = ({ onClose }: { readonly onClose: () => void }) => {
  const { reply, error } = useAsked<RecordedChoice>('audit-config-get', {})
  return (
    <Dialog title={ta.value.audit.recorded} onClose={onClose} wide>
      <p>{ta.value.audit.recordedAbout}</p>
      {error ? <p class="fault">{explained(error)}</p> : reply ? <Choice initial={reply} onClose={onClose} /> : <Skeleton lines={4} />}
    </Dialog>
  )
}
