// Settings: what administrators change while the servers run, each with its bounds and its default. Others' changes are seen at once.
import { useState } from 'preact/hooks'
import type { DescribedSetting } from '#sovrane'
import { useAsked } from '../app/asked.ts'
import { number, textOf } from '../app/format.ts'
import { mayAsk, missingFor } from '../app/rights.ts'
import { place } from '../app/router.ts'
import { app, type PageOf } from '../app/state.ts'
import { t } from '../texts/texts.ts'
import { ta } from '../texts/administration/texts.ts'
import { Button } from '../shared/button.tsx'
import { Empty, Page, Refused, Skeleton } from '../shared/page.tsx'
import { Pages } from '../shared/pages.tsx'
import { Refusal } from '../shared/refusal.tsx'
import { SearchBox } from '../shared/search-box.tsx'
import { EditSetting, NewKey, settingName, shownValue, type SettingItem } from '../shared/edit-setting.tsx'

const limit = 100

interface Group {
  readonly owner: string
  readonly items: readonly SettingItem[]
}

/** By the plugins that declare them, in the order of the app; keys that no one declares last. */
const grouped = (items: readonly SettingItem[], declared: readonly DescribedSetting[]): readonly Group[] => {
  const ownerOf = new Map(declared.map(({ key, owner }) => [key, owner]))
  const owners = [...new Set(declared.map(({ owner }) => owner)), 'free']
  return owners
    .map((owner) => ({ owner, items: items.filter(({ key }) => (ownerOf.get(key) ?? 'free') === owner) }))
    .filter(({ items: own }) => own.length > 0)
}

const Line = ({ item, declared, onEdit }: {
  readonly item: SettingItem
  readonly declared: DescribedSetting | undefined
  readonly onEdit: () => void
}) => {
  const name = settingName(item)
  const isChanged = declared !== undefined && JSON.stringify(item.value) !== JSON.stringify(item.default)
  return (
    <li>
      <div>
        <b>{name}</b>
        {declared && <code>{item.key}</code>}
      </div>
      <p>
        {isChanged && <span class="badge active">{ta.value.settings.changed}</span>}
        <span class="value">{shownValue(item.value)}</span>
        {mayAsk('config-update') && (
          <Button kind="quiet" icon="edit" label={ta.value.settings.change(name)} onClick={onEdit} />
        )}
      </p>
    </li>
  )
}

const Groups = ({ items }: { readonly items: readonly SettingItem[] }) => {
  const [editing, setEditing] = useState<string>()
  const declared = app.value?.settings ?? []
  const schemaOf = (key: string): DescribedSetting | undefined => declared.find((each) => each.key === key)
  const open = items.find(({ key }) => key === editing)
  return (
    <div class="settings">
      {grouped(items, declared).map(({ owner, items: own }) => (
        <section key={owner} class="card">
          <h2>{ta.value.settings.owners[owner] ?? owner}</h2>
          <ul>
            {own.map((item) => (
              <Line key={item.key} item={item} declared={schemaOf(item.key)} onEdit={() => setEditing(item.key)} />
            ))}
          </ul>
        </section>
      ))}
      {open && <EditSetting key={open.key} item={open} declared={schemaOf(open.key)} onClose={() => setEditing(undefined)} />}
    </div>
  )
}

const Settings = () => {
  const { query } = place.value
  const search = query.get('search') ?? ''
  const page = Math.max(1, Number(query.get('page') ?? 1) || 1)
  const [isAdding, setAdding] = useState(false)
  const texts = ta.value.settings
  const { reply, error, isLoading, again } = useAsked<PageOf<SettingItem>>(
    'config-list-request', { limit, page, ...(search === '' ? {} : { search }) }, { changes: ['config'] })
  const actions = mayAsk('config-update') && (
    <Button icon="plus" onClick={() => setAdding(true)}>
      {texts.add}
    </Button>
  )
  return (
    <Page title={texts.title} about={texts.about} actions={actions}>
      <div class="bar">
        <SearchBox label={texts.search} />
      </div>
      {error && !reply ? (
        <Refused error={error} again={again} />
      ) : !reply ? (
        <Skeleton lines={12} />
      ) : reply.items.length === 0 ? (
        <Empty icon="search" title={texts.none}>
          <p>{textOf(search)}</p>
        </Empty>
      ) : (
        <Groups items={reply.items} />
      )}
      {reply && reply.total > limit && <Pages page={page} limit={limit} total={reply.total} isLoading={isLoading} />}
      {isAdding && <NewKey onClose={() => setAdding(false)} />}
      <p class="unseen" role="status">
        {reply ? t.value.inAll(number(reply.total)) : ''}
      </p>
    </Page>
  )
}

export const view = () =>
  mayAsk('config-list-request') ? (
    <Settings />
  ) : (
    <Page title={ta.value.settings.title}>
      <Refusal keys={missingFor('config-list-request')} />
    </Page>
  )
