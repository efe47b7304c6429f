// A part of a screen that is loaded when it is first shown, so that what most people see at once is small.
import type { ComponentType, FunctionComponent } from 'preact'
import { useEffect, useState } from 'preact/hooks'

export const later = <Props extends object>(load: () => Promise<ComponentType<Props>>): FunctionComponent<Props> => {
  let Part: ComponentType<Props> | undefined
  return (props) => {
    const [, setLoaded] = useState(false)
    useEffect(() => {
      if (Part) return
      load().then(
        (found) => {
          Part = found
          setLoaded(true)
        },
        () => undefined,
      ) // It is missing until the page is loaded anew.
    }, [])
    return Part ? <Part {...props} /> : null
  }
}
