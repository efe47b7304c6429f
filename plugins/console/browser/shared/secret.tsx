// What is shown once: a token, a link. One copies it before one goes on.
import { useState } from 'preact/hooks'
import { t } from '../texts/texts.ts'
import { Button } from './button.tsx'

export const Secret = ({ about, value }: { readonly about: string; readonly value: string }) => {
  const [isCopied, setCopied] = useState(false)
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(value)
      setCopied(true)
    } catch {
      // A browser that does not let it: the text can be selected.
    }
  }
  return (
    <>
      <p>{about}</p>
      <p class="once">
        <code class="secret">{value}</code>
        <Button onClick={() => void copy()}>{isCopied ? t.value.copied : t.value.copy}</Button>
      </p>
    </>
  )
}
