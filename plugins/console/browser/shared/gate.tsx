// The frame of pages that are seen without a session: log-in, and where the links of mails lead.
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { ask } from '../app/state.ts'
import { t } from '../texts/texts.ts'
import { Page } from './page.tsx'

export const Gate = ({ title, children }: { readonly title: string; readonly children: ComponentChildren }) => (
  <main class="gate" id="content">
    <p class="brand">
      <span class="mark" aria-hidden="true" />
      Sovrane
    </p>
    <div class="card">
      <Page title={title}>{children}</Page>
    </div>
  </main>
)

/** Source: `auth-password-policy`. */
interface Policy {
  readonly minLength: number
  readonly mustHaveUppercase: boolean
  readonly mustHaveLowercase: boolean
  readonly mustHaveDigit: boolean
  readonly mustHaveSpecialChar: boolean
}

/** What a new password must have. */
export const PolicyHint = () => {
  const [policy, setPolicy] = useState<Policy>()
  useEffect(() => {
    // Without it the server's refusal says the same.
    ask<Policy>('auth-password-policy').then(setPolicy, () => undefined)
  }, [])
  if (!policy) return <>&nbsp;</>
  const { passwordRules: rules } = t.value
  const parts = [
    rules.atLeast(policy.minLength),
    policy.mustHaveUppercase && rules.uppercase,
    policy.mustHaveLowercase && rules.lowercase,
    policy.mustHaveDigit && rules.digit,
    policy.mustHaveSpecialChar && rules.special,
  ].filter((part) => typeof part === 'string')
  return (
    <>
      {parts.join(', ')}. {rules.guessable}
    </>
  )
}

/** The token in the address of a link. It is taken out of it, so that it is not left in the history. */
export const useToken = (): string => {
  const [token] = useState(() => new URLSearchParams(location.search).get('token') ?? '')
  useEffect(() => {
    if (token !== '') history.replaceState({}, '', location.pathname)
  }, [])
  return token
}
