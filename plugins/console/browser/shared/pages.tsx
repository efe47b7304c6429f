// Going through the pages of a list, with what of all one sees.
import { goQuery } from '../app/router.ts'
import { limits } from '../app/list-query.ts'
import { number } from '../app/format.ts'
import { t } from '../texts/texts.ts'
import { Button } from './button.tsx'

export const Pages = ({
  page,
  limit,
  total,
  isLoading,
}: {
  readonly page: number
  readonly limit: number
  readonly total: number
  readonly isLoading: boolean
}) => {
  const last = Math.max(1, Math.ceil(total / limit))
  const to = (next: number): void => goQuery({ page: next === 1 ? undefined : String(next) })
  const first = total === 0 ? 0 : (page - 1) * limit + 1
  return (
    <nav class="pages" aria-label={t.value.pages} aria-busy={isLoading}>
      <p>{t.value.range(number(first), number(Math.min(total, page * limit)), number(total))}</p>
      <label>
        <span>{t.value.rowsPerPage}</span>
        <select
          value={limit}
          onChange={({ currentTarget: { value } }) => goQuery({ limit: value === '50' ? undefined : value, page: undefined })}
        >
          {limits.map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </select>
      </label>
      <div>
        <Button kind="quiet" icon="first" label={t.value.firstPage} disabled={page <= 1} onClick={() => to(1)} />
        <Button kind="quiet" icon="left" label={t.value.previousPage} disabled={page <= 1} onClick={() => to(page - 1)} />
        <span>{t.value.pageOf(number(page), number(last))}</span>
        <Button kind="quiet" icon="right" label={t.value.nextPage} disabled={page >= last} onClick={() => to(page + 1)} />
        <Button kind="quiet" icon="last" label={t.value.lastPage} disabled={page >= last} onClick={() => to(last)} />
      </div>
    </nav>
  )
}
