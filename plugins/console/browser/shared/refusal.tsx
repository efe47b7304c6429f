// A page that one may not see: which keys are missing, and who can give them.
import { t } from '../texts/texts.ts'
import { Empty } from './page.tsx'

export const Refusal = ({ keys }: { readonly keys: readonly string[] }) => (
  <Empty icon="warning" title={t.value.mayNotSee}>
    {keys.length > 0 && (
      <p>
        {t.value.missingKeys}{' '}
        {keys.map((key) => (
          <code key={key}>{key}</code>
        ))}
      </p>
    )}
    <p>{t.value.whoCanGrant}</p>
  </Empty>
)
