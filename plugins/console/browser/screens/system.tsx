// How the system is: what runs, where the feed is, the database, the servers that are connected, and what waits. Asked again by itself.
import type { ComponentChildren } from 'preact'
import { useAsked } from '../app/asked.ts'
import { number } from '../app/format.ts'
import { mayAsk, missingFor } from '../app/rights.ts'
import type { PageOf } from '../app/state.ts'
import { language, t } from '../texts/texts.ts'
import { ta } from '../texts/administration/texts.ts'
import { Link } from '../shared/button.tsx'
import { Icon } from '../shared/icon.tsx'
import { Page, Refused, Skeleton } from '../shared/page.tsx'
import { Refusal } from '../shared/refusal.tsx'
import { Time } from '../shared/value.tsx'

type Figure = number | null

/** Source: `system-status-request`. */
interface Status {
  readonly version: string
  readonly node: { readonly startedAt: string; readonly runtime: string; readonly memory: Figure; readonly sockets: Figure }
  readonly nodes: readonly { readonly address: string | null; readonly since: string }[]
  readonly feed: {
    readonly ready: boolean
    readonly position: Figure
    readonly behind: Figure
    readonly lag: Figure
    readonly outboxAge: Figure
  }
  readonly database: {
    readonly kind: 'embedded' | 'postgres'
    readonly version: string
    readonly size: Figure
    readonly used: Figure
    readonly idle: Figure
    readonly waiting: Figure
  }
}

const event = 'system-status-request'
const jobList = 'job-list-request'
const mailJob = 'mail.send'
/** Seconds. */
const [every, late] = [5, 5]
const states = ['waiting', 'running', 'failed'] as const

/** 12,345,678 → `12 MB`. */
const bytes = (value: Figure): string => {
  if (value === null) return ''
  const [unit, size] = value >= 1e9 ? ['gigabyte', 1e9] as const : ['megabyte', 1e6] as const
  return new Intl.NumberFormat(language.value, { style: 'unit', unit, maximumFractionDigits: value >= 1e9 ? 1 : 0 }).format(value / size)
}

const seconds = (value: Figure): string =>
  value === null ? '' : new Intl.NumberFormat(language.value, { style: 'unit', unit: 'second', maximumFractionDigits: 1 }).format(value)

const Fact = ({ name, children }: { readonly name: string; readonly children: ComponentChildren }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children === '' || children === null ? <span class="none">–</span> : children}</dd>
  </div>
)

const Card = ({ title, children }: { readonly title: string; readonly children: ComponentChildren }) => (
  <section class="card">
    <h2>{title}</h2>
    <dl class="facts">{children}</dl>
  </section>
)

const count = (value: Figure): string => (value === null ? '' : number(value))

const Count = ({ name, state }: { readonly name: string | undefined; readonly state: (typeof states)[number] }) => {
  const { reply } = useAsked<PageOf>(jobList, { limit: 1, state, ...(name === undefined ? {} : { name }) }, { every })
  const to = `/jobs?${name === undefined ? '' : `name=${name}&`}state=${state}`
  return (
    <Fact name={ta.value.jobs.states[state] ?? state}>
      {!reply ? '\u00a0' : reply.total === 0 ? number(0) : <Link to={to}>{number(reply.total)}</Link>}
    </Fact>
  )
}

const Waiting = () => (
  <>
    <Card title={ta.value.jobs.mails}>
      {states.map((state) => <Count key={state} name={mailJob} state={state} />)}
    </Card>
    <Card title={ta.value.system.allJobs}>
      {states.map((state) => <Count key={state} name={undefined} state={state} />)}
    </Card>
  </>
)

/** What someone should look at; nothing: all is well. */
const troubles = ({ feed, database }: Status): readonly string[] => {
  const texts = ta.value.system
  return [
    ...(feed.ready ? [] : [texts.feedStuck]),
    ...((feed.lag ?? 0) > late || (feed.outboxAge ?? 0) > late ? [texts.feedLate] : []),
    ...((database.waiting ?? 0) > 0 ? [texts.crowded] : []),
  ]
}

const Verdict = ({ status }: { readonly status: Status }) => {
  const found = troubles(status)
  return found.length === 0 ? (
    <p class="note good" role="status">
      <Icon name="check" /> {ta.value.system.well}
    </p>
  ) : (
    <p class="note bad" role="status">
      <Icon name="warning" /> {found.join(' ')}
    </p>
  )
}

const Shown = ({ status, status: { version, node, nodes, feed, database } }: { readonly status: Status }) => {
  const texts = ta.value.system
  return (
    <div class="status">
      <Verdict status={status} />
      <div class="cards">
        <Card title={texts.node}>
          <Fact name="Sovrane">{version}</Fact>
          <Fact name={texts.runtime}>{node.runtime}</Fact>
          <Fact name={texts.started}><Time value={node.startedAt} /></Fact>
          <Fact name={texts.memory}>{bytes(node.memory)}</Fact>
          <Fact name={texts.sockets}>{count(node.sockets)}</Fact>
        </Card>
        <Card title={texts.feed}>
          <Fact name={texts.ready}>{feed.ready ? t.value.yes : t.value.no}</Fact>
          <Fact name={texts.position}>{count(feed.position)}</Fact>
          <Fact name={texts.behind}>{count(feed.behind)}</Fact>
          <Fact name={texts.lag}>{seconds(feed.lag)}</Fact>
          <Fact name={texts.outbox}>{seconds(feed.outboxAge)}</Fact>
        </Card>
        <Card title={texts.database}>
          <Fact name={texts.kind}>{texts.kinds[database.kind]} {database.version}</Fact>
          <Fact name={texts.size}>{bytes(database.size)}</Fact>
          <Fact name={texts.used}>{count(database.used)}</Fact>
          <Fact name={texts.idle}>{count(database.idle)}</Fact>
          <Fact name={texts.crowd}>{count(database.waiting)}</Fact>
        </Card>
        {mayAsk(jobList) && <Waiting />}
        {nodes.length > 0 && (
          <section class="card">
            <h2>
              {texts.servers} <small>{number(nodes.length)}</small>
            </h2>
            <ul class="links">
              {nodes.map(({ address, since }) => (
                <li key={`${address} ${since}`}>
                  <span>{address ?? texts.here}</span>
                  <small>{texts.since} <Time value={since} /></small>
                </li>
              ))}
            </ul>
          </section>
        )}
      </div>
    </div>
  )
}

const System = () => {
  const { reply, error, again } = useAsked<Status>(event, {}, { every })
  return (
    <Page title={ta.value.system.title} about={ta.value.system.about}>
      {error && !reply ? <Refused error={error} again={again} /> : !reply ? <Skeleton lines={8} /> : <Shown status={reply} />}
    </Page>
  )
}

export const view = () =>
  mayAsk(event) ? (
    <System />
  ) : (
    <Page title={ta.value.system.title}>
      <Refusal keys={missingFor(event)} />
    </Page>
  )
