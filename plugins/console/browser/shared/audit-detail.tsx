// One entry of the audit log: what was changed, field by field, and everything else that was recorded with it.
import { changesIn, furtherIn, type AuditEntry } from '../app/audit.ts'
import { exactTime, fieldName, resourceName } from '../app/format.ts'
import { useNames } from '../app/names.ts'
import { resourceNamed } from '../app/rows.ts'
import { ta } from '../texts/administration/texts.ts'
import { ButtonLink } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { rowPath } from './value.tsx'

export const LevelBadge = ({ level }: { readonly level: string }) => (
  <span class={`badge ${level}`}>{ta.value.audit.levels[level] ?? level}</span>
)

const shown = (value: unknown): string =>
  value === undefined || value === null ? '–' : typeof value === 'string' ? value : JSON.stringify(value, null, 1)

const Fact = ({ name, value }: { readonly name: string; readonly value: string | null | undefined }) =>
  value === null || value === undefined ? null : (
    <div>
      <dt>{name}</dt>
      <dd>
        <bdi>{value}</bdi>
      </dd>
    </div>
  )

const Differences = ({ entry }: { readonly entry: AuditEntry }) => {
  const changes = changesIn(entry)
  const texts = ta.value.audit
  if (changes.length === 0) return null
  return (
    <div class="wide" tabIndex={0} role="region" aria-label={ta.value.details}>
      <table class="differences">
        <thead>
          <tr>
            <th scope="col">{texts.field}</th>
            <th scope="col">{texts.before}</th>
            <th scope="col">{texts.after}</th>
          </tr>
        </thead>
        <tbody>
          {changes.map(({ name, before, after }) => (
            <tr key={name}>
              <th scope="row">{fieldName(name)}</th>
              <td>{before === undefined || before === null ? <span class="none">–</span> : <del>{shown(before)}</del>}</td>
              <td>{after === undefined || after === null ? <span class="none">–</span> : <ins>{shown(after)}</ins>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

export const AuditDetail = ({ entry, onClose }: { readonly entry: AuditEntry; readonly onClose: () => void }) => {
  const texts = ta.value.audit
  const people = useNames('user', [entry.actorId])
  const further = furtherIn(entry)
  const target = entry.targetType === null ? undefined : resourceNamed(entry.targetType)
  const rows = useNames(target?.name ?? '', target ? [entry.targetId] : [])
  return (
    <Dialog title={entry.action} onClose={onClose} wide>
      <dl class="facts">
        <Fact name={ta.value.when} value={exactTime(entry.timestamp)} />
        <Fact
          name={texts.who}
          value={entry.actorId === null
            ? (entry.actorType === 'system' ? ta.value.nobody : texts.anonymous)
            : (people(entry.actorId) ?? entry.actorId)}
        />
        <div>
          <dt>{texts.level}</dt>
          <dd>
            <LevelBadge level={entry.level} />
          </dd>
        </div>
        <Fact
          name={texts.target}
          value={entry.targetType === null
            ? null
            : `${resourceName(entry.targetType)} ${(entry.targetId === null ? undefined : rows(entry.targetId)) ?? entry.targetId ?? ''}`}
        />
        <Fact name={texts.address} value={entry.ipAddress} />
        <Fact name={texts.program} value={entry.userAgent} />
        <Fact name={texts.request} value={entry.requestId} />
      </dl>
      <Differences entry={entry} />
      {Object.keys(further).length > 0 && (
        <>
          <h3>{texts.further}</h3>
          <pre class="code" tabIndex={0}>{JSON.stringify(further, null, 2)}</pre>
        </>
      )}
      {target && entry.targetId !== null && rows(entry.targetId) !== undefined && (
        <footer>
          <ButtonLink to={rowPath(target.name, entry.targetId)}>{texts.openRow}</ButtonLink>
        </footer>
      )}
    </Dialog>
  )
}
