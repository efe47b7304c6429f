// The rows of a resource as a tree, where its definition makes one: opened level by level, live, moved by dragging or by keys.
import { useEffect, useMemo, useState } from 'preact/hooks'
import type { DescribedResource } from '#sovrane'
import { resourceName, resourcesName, titleOf } from '../app/format.ts'
import { mayAsk, mayWrite, missingFor } from '../app/rights.ts'
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

/** What can be done with the row that is selected. */
const Actions = ({ resource, row, link, mayMove, onMove }: {
  readonly resource: DescribedResource
  readonly row: Row
  readonly link: Link
  readonly mayMove: boolean
  readonly onMove: () => void
}) => {
  const field = resource.fields.find(({ name }) => name === link.field)
  const mayMake = mayAsk(resource.events['create']) && field !== undefined && mayWrite(resource, field)
  const name = titleOf(resource, row)
  return (
    <div class="bar tree-bar" role="group" aria-label={tt.value.actions(name)}>
      <p class="strong"><bdi>{name}</bdi></p>
      <ButtonLink to={rowPath(resource.name, row.id)}>{tt.value.open}</ButtonLink>
      {mayMove && <Button onClick={onMove}>{tt.value.move}</Button>}
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
  const moves = useMemo(() => movesOf(resource, link, () => tree.nodes.value), [])
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
          <Actions resource={resource} row={row} link={link} mayMove={moves.mayMove(row)} onMove={() => setMoving(true)} />
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
