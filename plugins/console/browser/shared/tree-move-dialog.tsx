// Where a row of a tree belongs, chosen among all: for those who do not drag, or whose place is far away.
import { useState } from 'preact/hooks'
import type { DescribedResource } from '#sovrane'
import { titleOf } from '../app/format.ts'
import type { Row } from '../app/state.ts'
import { t } from '../texts/texts.ts'
import { tt } from '../texts/tree/texts.ts'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { Picker } from './picker.tsx'
import type { Moves } from './tree-moves.ts'

export const MoveDialog = ({ resource, row, moves, onClose }: {
  readonly resource: DescribedResource
  readonly row: Row
  readonly moves: Moves
  readonly onClose: () => void
}) => {
  const [to, setTo] = useState<Row | null>(null)
  const [fault, setFault] = useState<string>()
  const [isBusy, setBusy] = useState(false)
  const go = async (target: Row | null): Promise<void> => {
    const why = moves.fault(row, target)
    setFault(why)
    if (why !== undefined) return
    setBusy(true)
    const isDone = await moves.move(row, target)
    setBusy(false)
    if (isDone) onClose()
  }
  return (
    <Dialog title={tt.value.moveTitle(titleOf(resource, row))} onClose={onClose}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          if (to) void go(to)
          else setFault(tt.value.choose)
        }}
      >
        <div class="field">
          <label for="move-to">{tt.value.moveTo}</label>
          <Picker
            target={resource.name}
            id="move-to"
            value={to}
            except={[row.id]}
            invalid={fault !== undefined}
            describedBy="move-fault"
            onPick={(picked) => {
              setTo(picked)
              setFault(undefined)
            }}
          />
          <p class="fault" id="move-fault" role="alert">
            {fault}
          </p>
        </div>
        <footer>
          {moves.fault(row, null) === undefined && <Button onClick={() => void go(null)}>{tt.value.toTop}</Button>}
          <Button onClick={onClose}>{t.value.cancel}</Button>
          <Button kind="main" type="submit" busy={isBusy}>
            {tt.value.moveGo}
          </Button>
        </footer>
      </form>
    </Dialog>
  )
}
