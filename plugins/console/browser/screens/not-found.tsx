// An address that leads nowhere.
import { t } from '../texts/texts.ts'
import { ButtonLink } from '../shared/button.tsx'
import { Empty, Page } from '../shared/page.tsx'

export const NotFound = () => (
  <Page title={t.value.notFound}>
    <Empty icon="search" title={t.value.notFoundAbout}>
      <ButtonLink to="/">{t.value.toStart}</ButtonLink>
    </Empty>
  </Page>
)
