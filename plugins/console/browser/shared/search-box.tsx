// A box that one searches with: it waits for a pause in typing, and what it looks for stands in the address.
import { useEffect, useRef, useState } from 'preact/hooks'
import { goQuery, place } from '../app/router.ts'
import { t } from '../texts/texts.ts'
import { Icon } from './icon.tsx'

/** Milliseconds without a key after which is looked. */
const pause = 200

export const SearchBox = ({ label }: { readonly label: string }) => {
  const given = place.value.query.get('search') ?? ''
  const [text, setText] = useState(given)
  const sent = useRef(given)
  useEffect(() => {
    // The browser's own buttons have changed it.
    if (given !== sent.current) {
      setText(given)
      sent.current = given
    }
  }, [given])
  useEffect(() => {
    if (text === sent.current) return
    const timer = setTimeout(() => {
      sent.current = text
      goQuery({ search: text, page: undefined }, { replace: true })
    }, pause)
    return () => clearTimeout(timer)
  }, [text])
  return (
    <div class="search" role="search">
      <Icon name="search" />
      <input
        type="search"
        aria-label={label}
        placeholder={t.value.search}
        value={text}
        data-search
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => setText(event.currentTarget.value)}
      />
    </div>
  )
}
