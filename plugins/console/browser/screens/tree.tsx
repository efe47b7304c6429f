// The rows of a resource as a tree, where its definition makes one: opened level by level, live, moved by dragging or by keys.
import { signal, type Signal } from '@preact/signals'
import { useEffect, useMemo, useState } from 'preact/hooks'
import type { DescribedResource } from '#sovrane'
import { allows, useAllowed } from '../app/allowed.ts'
import { resourceName, resourcesName, titleOf } from '../app/format.ts'
import { holdsOn, mayAsk, missingFor } from '../app/rights.ts'
import { resourceNamed } from '../app/rows.ts'
import { useRowScopes } from '../app/row-scopes.ts'
import { useNames } from '../app/names.ts'
import type { Row } from '../app/state.ts'
import { openTree, treeLink, type Link } from '../app/tree.ts'
import { t } from '../texts/texts.ts'
import { tt } from '../texts/tree/texts.ts'
import { Button, ButtonLink } from '../shared/button.tsx'
import { Empty, Page, Refused, Skeleton } from '../shared/page.tsx'
import { Refusal } from '../shared/refusal.tsx'
import { TreeView } from '../shared/tree.tsx'
import { MoveDialog } from '../shared/tree-move-dialog.tsx'
import { movesOf } from '../shared/tree-moves.ts'
import { Views } from '../shared/views.tsx'
import { rowPath } from '../shared/value.tsx'
import { NotFound } from './not-found.tsx'

/** A word beside each row: what its first link to one row of another resource is called. */
const useHints = (resource: DescribedResource, rows: readonly Row[]): ((row: Row) => string) => {
  const link = resource.relations.find(({ kind, field, tree }) => kind === 'one' && field !== undefined && !tree)
  const idOf = (row: Row): string | null => {
    const id = row[link?.field ?? '']
    return typeof id === 'string' ? id : null
  }
  const names = useNames(link?.target ?? '', rows.map(idOf))
  return (row) => {
    const id = idOf(row)
    return id === null ? '' : names(id) ?? ''
  }
}

/** Whether the server lets the row that is selected be moved. */
interface Movable {
  readonly id: string
  readonly may: boolean
}

/** Milliseconds on a row after which the server is asked about it: of many that one passes by keys only the last is asked about. */
const resting = 150

const useRested = (): boolean => {
  const [isRested, setRested] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setRested(true), resting)
    return () => clearTimeout(timer)
  }, [])
  return isRested
}

/** What can be done with the row that is selected, as the server decides it. */
const Actions = ({ resource, row, link, movable, onMove }: {
  readonly resource: DescribedResource
  readonly row: Row
  readonly link: Link
  readonly movable: Signal<Movable | undefined>
  readonly onMove: () => void
}) => {
  const allowed = useAllowed(resource, useRested() ? row.id : undefined, row)
  const mayMove = allowed && allows(allowed, link.events.set) && mayAsk(link.events.clear)
  useEffect(() => {
    movable.value = mayMove === undefined ? undefined : { id: row.id, may: mayMove }
  }, [row.id, mayMove])
  const isGiven = resource.fields.some(({ name, readOnly }) => name === link.field && !readOnly)
  // A new row lies where the one above it does.
  const mayMake = isGiven && mayAsk(resource.events['create']) &&
    [resource.keys['create'], link.key].every((key) => key === undefined || holdsOn(key, resource, row))
  const name = titleOf(resource, row)
  return (
    <div class="bar tree-bar" role="group" aria-label={tt.value.actions(name)} aria-busy={allowed === undefined}>
      <p class="strong"><bdi>{name}</bdi></p>
      <ButtonLink to={rowPath(resource.name, row.id)}>{tt.value.open}</ButtonLink>
      {mayMove === true && <Button onClick={onMove}>{tt.value.move}</Button>}
      {mayMake && (
        <ButtonLink icon="plus" to={`/resources/${resource.name}/new?${link.field}=${row.id}`}>
          {tt.value.below}
        </ButtonLink>
      )}
    </div>
  )
}

const TreePage = ({ resource, link }: { readonly resource: DescribedResource; readonly link: Link }) => {
  const tree = useMemo(() => openTree(resource, link), [])
  useEffect(() => () => tree.close(), [])
  const movable = useMemo(() => signal<Movable | undefined>(undefined), [])
  const moves = useMemo(() => movesOf(resource, link, {
    nodes: () => tree.nodes.value,
    known: ({ id }) => (movable.value?.id === id ? movable.value.may : undefined),
  }), [])
  const [selected, setSelected] = useState<string>()
  const [taken, setTaken] = useState<Row>()
  const [isMoving, setMoving] = useState(false)
  const nodes = tree.nodes.value
  useRowScopes(resource, nodes.map(({ row: each }) => each))
  const hint = useHints(resource, nodes.map(({ row }) => row))
  const row = (nodes.find((node) => node.row.id === selected) ?? nodes[0])?.row
  const put = async (what: Row, to: Row | null): Promise<void> => {
    setTaken(undefined)
    // As it now is: it may have changed since it was taken.
    const now = nodes.find((node) => node.row.id === what.id)?.row ?? what
    if (!(await moves.move(now, to))) return
    setSelected(now.id)
    if (to) tree.open(to.id)
  }
  const isRead = tree.levels.value.has('')
  const error = tree.error.value
  return (
    <Page
      title={resourcesName(resource)}
      about={tt.value.about(resourcesName(resource))}
      actions={
        <>
          <Views resource={resource} current="tree" />
          {mayAsk(resource.events['create']) && (
            <ButtonLink kind="main" icon="plus" to={`/resources/${resource.name}/new`}>
              {t.value.make(resourceName(resource.name))}
            </ButtonLink>
          )}
        </>
      }
    >
      {error && !isRead ? (
        <Refused error={error} again={tree.again} />
      ) : !isRead ? (
        <Skeleton lines={8} />
      ) : !row ? (
        <Empty icon="tree" title={t.value.noneYet(resourcesName(resource))}>
          <p>{t.value.noneYetAbout}</p>
        </Empty>
      ) : (
        <>
          <Actions key={row.id} resource={resource} row={row} link={link} movable={movable} onMove={() => setMoving(true)} />
          <p class="unseen" role="status">
            {taken && tt.value.taken(titleOf(resource, taken))}
          </p>
          {taken && <p class="note" aria-hidden="true">{tt.value.taken(titleOf(resource, taken))}</p>}
          <TreeView
            resource={resource}
            tree={tree}
            moves={moves}
            selected={selected}
            onSelect={setSelected}
            taken={taken}
            onTake={(what) => setTaken(what && moves.mayMove(what) ? what : undefined)}
            onPut={(what, to) => void put(what, to)}
            hint={hint}
          />
          <p class="hint">
            {tt.value.keys} {nodes.some((node) => moves.mayMove(node.row)) && tt.value.keysMove}
          </p>
          {isMoving && <MoveDialog resource={resource} row={row} moves={moves} onClose={() => setMoving(false)} />}
        </>
      )}
    </Page>
  )
}

export const view = ({ params }: { readonly params: Readonly<Record<string, string>> }) => {
  const resource = resourceNamed(params['resource'] ?? '')
  const link = resource && treeLink(resource)
  if (!link) return <NotFound />
  if (!mayAsk(resource.events['list']))
    return (
      <Page title={resourcesName(resource)}>
        <Refusal keys={missingFor(resource.events['list'] ?? '')} />
      </Page>
    )
  return <TreePage key={resource.name} resource={resource} link={link} />
}
