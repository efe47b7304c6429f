// Invitations: who is invited and how that stands, live; invite, mail again, revoke.
import { useState } from 'preact/hooks'
import type { DescribedResource } from '#sovrane'
import { useLiveList } from '../app/live.ts'
import { number, textOf, valueName } from '../app/format.ts'
import { useNames } from '../app/names.ts'
import { holdsOn, mayAsk, missingFor } from '../app/rights.ts'
import { go, goQuery, place } from '../app/router.ts'
import { useRowScopes } from '../app/row-scopes.ts'
import { resourceNamed } from '../app/rows.ts'
import { ask, type Row } from '../app/state.ts'
import { t } from '../texts/texts.ts'
import { ta } from '../texts/administration/texts.ts'
import { attempt } from '../shared/attempt.ts'
import { Button } from '../shared/button.tsx'
import { confirmed } from '../shared/dialog.tsx'
import { Invite } from '../shared/invite.tsx'
import { Empty, Page, Refused, Skeleton } from '../shared/page.tsx'
import { Pages } from '../shared/pages.tsx'
import { Refusal } from '../shared/refusal.tsx'
import { SearchBox } from '../shared/search-box.tsx'
import { Time } from '../shared/value.tsx'

const limit = 50
const states = ['pending', 'accepted', 'expired', 'revoked'] as const
const keys = { resend: 'create-invitation', revoke: 'delete-invitation' } as const

const queryOf = (query: URLSearchParams) => {
  const [search, status] = [query.get('search') ?? '', query.get('status') ?? '']
  return {
    limit, page: Math.max(1, Number(query.get('page') ?? 1) || 1), sort: '-createdAt',
    ...(search === '' ? {} : { search }),
    ...(states.some((state) => state === status) ? { filter: { status } } : {}),
  }
}

const Actions = ({ resource, row }: { readonly resource: DescribedResource; readonly row: Row }) => {
  const texts = ta.value.invitations
  const email = textOf(row['email'])
  if (row['status'] !== 'pending') return null
  const revoke = async (): Promise<void> => {
    if (await confirmed({ title: texts.revokeTitle(email), text: texts.revokeAbout, yes: texts.revoke }))
      await attempt(() => ask('invitation-revoke', { id: row.id }), texts.revoked)
  }
  return (
    <>
      {holdsOn(keys.resend, resource, row) && (
        <Button kind="quiet" onClick={() => void attempt(() => ask('invitation-resend', { id: row.id }), texts.resent)}>
          {texts.resend}
        </Button>
      )}
      {holdsOn(keys.revoke, resource, row) && (
        <Button kind="quiet" onClick={() => void revoke()}>
          {texts.revoke}
        </Button>
      )}
    </>
  )
}

const Table = ({ resource, items }: { readonly resource: DescribedResource; readonly items: readonly Row[] }) => {
  const texts = ta.value.invitations
  useRowScopes(resource, items)
  const id = (row: Row, field: string): string | null => (typeof row[field] === 'string' ? row[field] : null)
  const roles = useNames('role', items.map((row) => id(row, 'role')))
  const places = useNames('site', items.map((row) => id(row, 'siteId')))
  const departments = useNames('department', items.map((row) => id(row, 'departmentId')))
  const where = (row: Row): string => {
    const [site, department] = [id(row, 'siteId'), id(row, 'departmentId')]
    return [site === null ? undefined : places(site), department === null ? undefined : departments(department)].filter(Boolean).join(' · ')
  }
  return (
    <div class="wide" tabIndex={0} role="region" aria-label={texts.title}>
      <table>
        <thead>
          <tr>
            {[texts.email, t.value.name, ta.value.state, texts.role, `${texts.site} · ${texts.department}`, texts.until].map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
            <td />
          </tr>
        </thead>
        <tbody>
          {items.map((row) => {
            const role = id(row, 'role')
            return (
              <tr key={row.id}>
                <th scope="row">
                  <bdi>{textOf(row['email'])}</bdi>
                </th>
                <td>
                  <bdi>{[textOf(row['firstName']), textOf(row['lastName'])].join(' ').trim() || <span class="none">–</span>}</bdi>
                </td>
                <td>
                  <span class={`badge ${textOf(row['status'])}`}>
                    {texts.states[textOf(row['status'])] ?? valueName(textOf(row['status']))}
                  </span>
                </td>
                <td>{(role === null ? undefined : roles(role)) ?? <span class="none">–</span>}</td>
                <td>{where(row) || <span class="none">–</span>}</td>
                <td>
                  <Time value={row['expiresAt']} />
                </td>
                <td class="row-actions">
                  <Actions resource={resource} row={row} />
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

const Invitations = ({ resource }: { readonly resource: DescribedResource }) => {
  const { query } = place.value
  const payload = queryOf(query)
  const list = useLiveList(['invitation'], payload)
  const [isInviting, setInviting] = useState(false)
  const texts = ta.value.invitations
  const isNarrowed = 'search' in payload || 'filter' in payload
  const mayInvite = mayAsk('invitation-create')
  const invite = (
    <Button kind="main" icon="plus" onClick={() => setInviting(true)}>
      {texts.invite}
    </Button>
  )
  return (
    <Page title={texts.title} about={texts.about} actions={mayInvite && invite}>
      <div class="bar">
        <SearchBox label={texts.search} />
        <select
          aria-label={ta.value.state}
          value={query.get('status') ?? ''}
          onChange={({ currentTarget: { value } }) => goQuery({ status: value, page: undefined }, { replace: true })}
        >
          <option value="">{ta.value.all}</option>
          {states.map((state) => (
            <option key={state} value={state}>
              {texts.states[state]}
            </option>
          ))}
        </select>
      </div>
      {list.error ? (
        <Refused error={list.error} again={list.refresh} />
      ) : list.status === 'loading' && list.items.length === 0 ? (
        <Skeleton lines={8} />
      ) : list.items.length === 0 ? (
        <Empty icon={isNarrowed ? 'search' : 'mail'} title={isNarrowed ? texts.noneFound : texts.none}>
          {isNarrowed ? (
            <Button onClick={() => go(place.value.path)}>{t.value.showAll}</Button>
          ) : (
            mayInvite && (
              <>
                <p>{texts.noneAbout}</p>
                {invite}
              </>
            )
          )}
        </Empty>
      ) : (
        <>
          <Table resource={resource} items={list.items} />
          {list.total > limit && <Pages page={payload.page} limit={limit} total={list.total} isLoading={list.status === 'loading'} />}
        </>
      )}
      <p class="unseen" role="status">
        {list.status === 'live' ? t.value.inAll(number(list.total)) : ''}
      </p>
      {isInviting && <Invite onClose={() => setInviting(false)} />}
    </Page>
  )
}

export const view = () => {
  const resource = resourceNamed('invitation')
  return resource && mayAsk('invitation-list-request') ? (
    <Invitations resource={resource} />
  ) : (
    <Page title={ta.value.invitations.title}>
      <Refusal keys={missingFor('invitation-list-request')} />
    </Page>
  )
}
