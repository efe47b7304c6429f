// Variables whose text has a form of its own: hosts and addresses of databases and servers.
import { isIP } from 'node:net'
import { string } from 'yup'
import { isDecodable } from '../define/text.ts'

/** A text that `faultOf` finds nothing wrong with. */
export const formed = (faultOf: (text: string) => string | undefined) =>
  string().test('form', (value, context) => {
    const message = value === undefined ? undefined : faultOf(value)
    return message === undefined || context.createError({ message })
  })

/** A name of a machine: labels of letters, digits, hyphens and underscores. */
const hostName = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_][a-z0-9_-]{0,62})*\.?$/i

export const hostFault = (text: string): string | undefined => {
  if (isIP(text) !== 0) return undefined
  return hostName.test(text) && !/^[\d.]+$/.test(text)
    ? undefined
    : 'must be an address or a name of this machine, such as 127.0.0.1 or 0.0.0.0; without port and brackets'
}

/** What is wrong with a URL that must not be shown: it may hold a password. */
const urlFault = (text: string, form: RegExp, example: string): string | undefined => {
  if (!form.test(text) || /[\s\\]/.test(text)) return `must be like ${example}`
  // An address without a host, for a local socket, is one that the URL parser does not know.
  const local = /^(\w+:\/\/[^/@]*@)\//
  const whole = local.test(text) ? text.replace(local, '$1localhost/') : text
  if (!URL.canParse(whole)) return `must be like ${example}; characters such as # / ? @ in a password are written as %23 %2F %3F %40`
  const { hash, username, password, pathname } = new URL(whole)
  if (hash !== '') return 'has a # in it; in a password it is written as %23'
  if (![username, password, pathname].every(isDecodable)) return 'has a % that stands for nothing; in a password it is written as %25'
  return undefined
}

export const databaseUrlFault = (text: string): string | undefined =>
  urlFault(text, /^postgres(?:ql)?:\/\//i, 'postgres://name:password@host:5432/database')
