// Jobs and mails that wait, run or have failed: when each is tried next, what went wrong, try now or drop.
import { useAsked } from '../app/asked.ts'
import { number } from '../app/format.ts'
import { mayAsk, missingFor } from '../app/rights.ts'
import { go, goQuery, place } from '../app/router.ts'
import { ask, type PageOf } from '../app/state.ts'
import { t } from '../texts/texts.ts'
import { ta } from '../texts/administration/texts.ts'
import { attempt } from '../shared/attempt.ts'
import { Button } from '../shared/button.tsx'
import { confirmed } from '../shared/dialog.tsx'
import { Empty, Page, Refused, Skeleton } from '../shared/page.tsx'
import { Pages } from '../shared/pages.tsx'
import { Refusal } from '../shared/refusal.tsx'
import { Time } from '../shared/value.tsx'

const limit = 50
/** Seconds: of jobs no one is told. */
const every = 5
const states = ['failed', 'waiting', 'running'] as const
/** What sends mails. */
const mailJob = 'mail.send'

/** Source: `job-list-request`. */
interface Job {
  readonly name: string
  readonly id: string
  readonly state: string
  readonly attempts: number
  readonly createdAt: string
  readonly nextTry: string | null
  readonly failedAt: string | null
  readonly error: string | null
}

const queryOf = (query: URLSearchParams) => {
  const [name, state] = [query.get('name') ?? '', query.get('state') ?? '']
  return {
    limit, page: Math.max(1, Number(query.get('page') ?? 1) || 1),
    ...(name === '' ? {} : { name }),
    ...(states.some((each) => each === state) ? { state } : {}),
  }
}

const nameOf = (name: string): string => (name === mailJob ? ta.value.jobs.mail : name)

const Actions = ({ job: { name, id, state }, onDone }: { readonly job: Job; readonly onDone: () => void }) => {
  const texts = ta.value.jobs
  if (state === 'running') return null
  const retry = async (): Promise<void> => {
    await attempt(() => ask('job-retry', { name, id }), texts.retried)
    onDone()
  }
  const drop = async (): Promise<void> => {
    if (!(await confirmed({ title: texts.dropTitle(nameOf(name)), text: texts.dropAbout, yes: texts.drop }))) return
    await attempt(() => ask('job-drop', { name, id }), texts.dropped)
    onDone()
  }
  return (
    <>
      <Button kind="quiet" onClick={() => void retry()}>
        {texts.retry}
      </Button>
      <Button kind="quiet" onClick={() => void drop()}>
        {texts.drop}
      </Button>
    </>
  )
}

const Table = ({ items, onDone }: { readonly items: readonly Job[]; readonly onDone: () => void }) => {
  const texts = ta.value.jobs
  const mayManage = mayAsk('job-retry')
  return (
    <div class="wide" tabIndex={0} role="region" aria-label={texts.title}>
      <table>
        <thead>
          <tr>
            {[texts.job, ta.value.state, texts.tries, texts.next, texts.error].map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
            {mayManage && <td />}
          </tr>
        </thead>
        <tbody>
          {items.map((job) => (
            <tr key={`${job.name} ${job.id}`}>
              <th scope="row">
                {nameOf(job.name)} <small>{job.id === 'schedule' ? '' : job.id}</small>
              </th>
              <td>
                <span class={`badge ${job.state}`}>{texts.states[job.state] ?? job.state}</span>
              </td>
              <td>{number(job.attempts)}</td>
              <td>
                <Time value={job.nextTry} />
              </td>
              <td title={job.error ?? ''}>{job.error ?? <span class="none">–</span>}</td>
              {mayManage && (
                <td class="row-actions">
                  <Actions job={job} onDone={onDone} />
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

const Narrow = () => {
  const { query } = place.value
  const texts = ta.value.jobs
  const set = (name: string, value: string): void => goQuery({ [name]: value, page: undefined }, { replace: true })
  return (
    <div class="bar">
      <select aria-label={texts.job} value={query.get('name') ?? ''} onChange={({ currentTarget: { value } }) => set('name', value)}>
        <option value="">{texts.title}</option>
        <option value={mailJob}>{texts.mails}</option>
      </select>
      <select aria-label={ta.value.state} value={query.get('state') ?? ''} onChange={({ currentTarget: { value } }) => set('state', value)}>
        <option value="">{ta.value.all}</option>
        {states.map((state) => (
          <option key={state} value={state}>
            {texts.states[state]}
          </option>
        ))}
      </select>
    </div>
  )
}

const Jobs = () => {
  const payload = queryOf(place.value.query)
  const { reply, error, isLoading, again } = useAsked<PageOf<Job>>('job-list-request', payload, { every })
  const texts = ta.value.jobs
  const isNarrowed = 'name' in payload || 'state' in payload
  return (
    <Page title={texts.title} about={texts.about}>
      <Narrow />
      {error && !reply ? (
        <Refused error={error} again={again} />
      ) : !reply ? (
        <Skeleton lines={6} />
      ) : reply.items.length === 0 ? (
        <Empty icon={isNarrowed ? 'search' : 'check'} title={isNarrowed ? texts.noneOf : texts.none}>
          {isNarrowed ? <Button onClick={() => go(place.value.path)}>{t.value.showAll}</Button> : <p>{texts.noneAbout}</p>}
        </Empty>
      ) : (
        <>
          <Table items={reply.items} onDone={again} />
          {reply.total > limit && <Pages page={payload.page} limit={limit} total={reply.total} isLoading={isLoading} />}
        </>
      )}
    </Page>
  )
}

export const view = () =>
  mayAsk('job-list-request') ? (
    <Jobs />
  ) : (
    <Page title={ta.value.jobs.title}>
      <Refusal keys={missingFor('job-list-request')} />
    </Page>
  )
