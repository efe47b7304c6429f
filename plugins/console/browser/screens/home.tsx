// The first page: what there is that one may see, with how many there are. Those who may see nothing are led to their own page.
import { me, app } from '../app/state.ts'
import { useLiveList } from '../app/live.ts'
import { number, resourceName, textOf, resourcesName } from '../app/format.ts'
import { mayAsk } from '../app/rights.ts'
import type { DescribedResource } from '#sovrane'
import { t } from '../texts/texts.ts'
import { ButtonLink, Link } from '../shared/button.tsx'
import { later } from '../shared/later.tsx'
import { Empty, Page } from '../shared/page.tsx'

const Dashboard = later(async () => (await import('../shared/dashboard.tsx')).Dashboard)

const Count = ({ resource }: { readonly resource: DescribedResource }) => {
  const list = useLiveList([resource.name], { limit: 1 })
  const path = `/resources/${resource.name}`
  return (
    <li class="card count">
      <Link to={path}>
        <span>{resourcesName(resource)}</span>
        <b>{list.status === 'loading' && list.total === 0 ? '\u00a0' : number(list.total)}</b>
      </Link>
      {mayAsk(resource.events['create']) && (
        <ButtonLink kind="quiet" icon="plus" to={`${path}/new`} label={t.value.make(resourceName(resource.name))} />
      )}
    </li>
  )
}

export const view = () => {
  const shown = (app.value?.resources ?? []).filter(({ events }) => mayAsk(events['list']))
  const name = textOf(me.value?.user['firstName'])
  return (
    <Page title={t.value.welcome(name)}>
      {shown.length === 0 ? (
        <Empty icon="person" title={t.value.nothingToSee}>
          <p>{t.value.whoCanGrant}</p>
          <ButtonLink kind="main" to="/profile">
            {t.value.ownPage}
          </ButtonLink>
        </Empty>
      ) : (
        <>
        <ul class="counts">
          {shown.map((resource) => (
            <Count key={resource.name} resource={resource} />
          ))}
        </ul>
        {mayAsk('audit-activity-request') && <Dashboard />}
        </>
      )}
    </Page>
  )
}
