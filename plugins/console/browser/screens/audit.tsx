// The audit log: who did what, when and from where; filtered by what stands in the address, and gone through by cursors, at any depth.
import { useEffect, useState } from 'preact/hooks'
import type { AuditEntry } from '../app/audit.ts'
import { useAsked } from '../app/asked.ts'
import { exactTime, number, resourceName, time } from '../app/format.ts'
import { useRowNames } from '../app/names.ts'
import { mayAsk, missingFor } from '../app/rights.ts'
import { go, place } from '../app/router.ts'
import type { PageOf } from '../app/state.ts'
import { ta } from '../texts/administration/texts.ts'
import { Button } from '../shared/button.tsx'
import { Empty, Page, Refused, Skeleton } from '../shared/page.tsx'
import { Refusal } from '../shared/refusal.tsx'
import { AuditFilters, filterIn } from '../shared/audit-filters.tsx'
import { AuditDetail, LevelBadge } from '../shared/audit-detail.tsx'
import { Recorded, Verify } from '../shared/audit-checks.tsx'

const limit = 50

interface Names {
  readonly names: (resource: string, id: string) => string | undefined
}

const whoOf = ({ actorId, actorType }: AuditEntry, names: Names['names']): string =>
  actorId === null ? (actorType === 'system' ? ta.value.nobody : ta.value.audit.anonymous) : (names('user', actorId) ?? actorId)

const targetOf = ({ targetType, targetId }: AuditEntry, names: Names['names']): string =>
  targetType === null || targetId === null || targetId === targetType ? '' : (names(targetType, targetId) ?? targetId)

const Row = ({ entry, names, onOpen }: Names & { readonly entry: AuditEntry; readonly onOpen: () => void }) => (
  <tr class="opens" onClick={onOpen}>
    <th scope="row">
      <button type="button" class="as-link">
        <time dateTime={entry.timestamp} title={exactTime(entry.timestamp)}>
          {time(entry.timestamp)}
        </time>
      </button>
    </th>
    <td>
      <bdi>{whoOf(entry, names)}</bdi>
    </td>
    <td>
      <code>{entry.action}</code>
    </td>
    <td>
      <LevelBadge level={entry.level} />
    </td>
    <td>
      {entry.targetType !== null && (
        <>
          {resourceName(entry.targetType)}{' '}
          <small>
            <bdi>{targetOf(entry, names)}</bdi>
          </small>
        </>
      )}
    </td>
    <td>{entry.ipAddress}</td>
  </tr>
)

const Entries = ({ items, onOpen }: { readonly items: readonly AuditEntry[]; readonly onOpen: (entry: AuditEntry) => void }) => {
  const names = useRowNames(items.flatMap(({ actorId, targetType, targetId }) => [
    { resource: 'user', id: actorId },
    { resource: targetType, id: targetId },
  ]))
  const texts = ta.value.audit
  return (
    <div class="wide" tabIndex={0} role="region" aria-label={texts.entries}>
      <table>
        <thead>
          <tr>
            {[ta.value.when, texts.who, texts.action, texts.level, texts.target, texts.address].map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {items.map((entry) => (
            <Row key={entry.id} entry={entry} names={names} onOpen={() => onOpen(entry)} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** The cursors of the pages that one has gone through, from the newest. */
const useCursors = (key: string): { readonly at: readonly string[]; readonly go: (at: readonly string[]) => void } => {
  const [state, setState] = useState<{ readonly key: string; readonly at: readonly string[] }>({ key, at: [] })
  useEffect(() => setState({ key, at: [] }), [key])
  return { at: state.key === key ? state.at : [], go: (at) => setState({ key, at }) }
}

const Log = () => {
  const { query } = place.value
  const filter = filterIn(query)
  const cursors = useCursors(JSON.stringify(filter))
  const after = cursors.at.at(-1)
  const [opened, setOpened] = useState<AuditEntry>()
  const [isVerifying, setVerifying] = useState(false)
  const [isChoosing, setChoosing] = useState(false)
  const { reply, error, isLoading, again } = useAsked<PageOf<AuditEntry>>(
    'audit-log-request', { limit, ...filter, ...(after === undefined ? {} : { after }) })
  const texts = ta.value.audit
  const isNarrowed = Object.keys(filter).length > 0
  const next = reply?.next
  return (
    <Page
      title={texts.title}
      about={texts.about}
      actions={
        <>
          {mayAsk('audit-config-get') && <Button onClick={() => setChoosing(true)}>{texts.recorded}</Button>}
          <Button icon="check" onClick={() => setVerifying(true)}>
            {texts.verify}
          </Button>
        </>
      }
    >
      <AuditFilters onRefresh={again} />
      {error ? (
        <Refused error={error} again={again} />
      ) : !reply ? (
        <Skeleton lines={12} />
      ) : reply.items.length === 0 ? (
        <Empty icon="search" title={isNarrowed ? texts.noneFound : texts.none}>
          {isNarrowed ? <Button onClick={() => go(place.value.path)}>{texts.clear}</Button> : <p>{texts.noneAbout}</p>}
        </Empty>
      ) : (
        <>
          <Entries items={reply.items} onOpen={setOpened} />
          <nav class="pages" aria-label={texts.entries} aria-busy={isLoading}>
            <p>{ta.value.shownOf(number(reply.items.length), number(reply.total))}</p>
            <div>
              <Button kind="quiet" icon="left" disabled={cursors.at.length === 0} onClick={() => cursors.go(cursors.at.slice(0, -1))}>
                {ta.value.newer}
              </Button>
              <Button
                kind="quiet"
                icon="right"
                disabled={next === undefined}
                onClick={() => {
                  if (next !== undefined) cursors.go([...cursors.at, next])
                }}
              >
                {ta.value.older}
              </Button>
            </div>
          </nav>
        </>
      )}
      {opened && <AuditDetail key={opened.id} entry={opened} onClose={() => setOpened(undefined)} />}
      {isVerifying && <Verify onClose={() => setVerifying(false)} />}
      {isChoosing && <Recorded onClose={() => setChoosing(false)} />}
    </Page>
  )
}

export const view = () =>
  mayAsk('audit-log-request') ? (
    <Log />
  ) : (
    <Page title={ta.value.audit.title}>
      <Refusal keys={missingFor('audit-log-request')} />
    </Page>
  )
