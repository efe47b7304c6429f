// The ways in which the rows of a resource can be shown.
import type { DescribedResource } from '#sovrane'
import { t } from '../texts/texts.ts'
import { ButtonLink } from './button.tsx'

/** Where the tree of a resource is shown. */
const treePath = ({ name }: DescribedResource): string => `/resources/${name}/as/tree`

/** Nothing, where a list is the only one. */
export const Views = ({ resource, current }: { readonly resource: DescribedResource; readonly current: 'list' | 'tree' }) =>
  resource.relations.some(({ tree, target }) => tree && target === resource.name) ? (
    <div class="views">
      <ButtonLink kind="quiet" icon="table" to={`/resources/${resource.name}`} current={current === 'list'}>
        {t.value.views.list}
      </ButtonLink>
      <ButtonLink kind="quiet" icon="tree" to={treePath(resource)} current={current === 'tree'}>
        {t.value.views.tree}
      </ButtonLink>
    </div>
  ) : null
