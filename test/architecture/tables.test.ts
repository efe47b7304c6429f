// A plugin's SQL names only tables of its own migrations: what belongs to others it asks of their services.
import { expect } from 'chai'
import { sources, type Source } from './sources.ts'
import { tokens, type Token } from './tokens.ts'

const isMigration = ({ path }: Source): boolean => path.includes('/migrations/')

/** Whose tables a file's are: the directory stands for all resources of the app. */
const ownerOf = (path: string): string => /^plugins\/([\w-]+)\//.exec(path)?.[1] ?? (path.startsWith('resources/') ? 'resources' : 'core')

/** `createTable('x'`, a migration's own `link(knex, 'x'`, and `create table x` in raw SQL. */
const creations = [/\bcreateTable\(\s*'(\w+)'/g, /\blink\(knex, '(\w+)'/g, /\bcreate table (?:if not exists )?"?(\w+)/gi]

const tablesOf = (all: readonly Source[]): Map<string, string> =>
  new Map(
    all
      .filter(isMigration)
      .flatMap(({ path, text }) =>
        creations.flatMap((creation) =>
          [...text.matchAll(creation)].flatMap(([, table]): [string, string][] => (table === undefined ? [] : [[table, ownerOf(path)]])),
        ),
      ),
  )

const name = String.raw`(?:only\s+)?"?\w+"?`
const alias = String.raw`(?:\s+(?:as\s+)?\w+)?`
/** What follows the words that name a table in SQL; after `from` and `using` a list. */
const naming = [
  new RegExp(String.raw`\b(?:from|using)\s+(${name}${alias}(?:\s*,\s*${name}${alias})*)`, 'gi'),
  new RegExp(String.raw`\b(?:join|into|update|table|truncate)\s+(${name})`, 'gi'),
]

const inSql = (text: string): string[] => naming
  .flatMap((each) => [...text.matchAll(each)].flatMap(([, list]) => (list ?? '').split(',')))
  .flatMap((each) => /^\s*(?:only\s+)?"?(\w+)/i.exec(each)?.[1]?.toLowerCase() ?? [])

/** Functions of knex that are given a table: `db('x')`, `knex('x as y')`, `.join('x', …)`, `.from({ y: 'x' })`. */
const takesTable = /^(db|knex|trx|tx|from|into|table|withSchema|(?:\w*[jJ])oin)$/

const inCall = (code: readonly Token[], index: number): string[] => {
  const token = code[index]
  if (token?.kind !== 'string') return []
  let at = index - 1
  // `{ y: 'x' }`
  if (code[at]?.text === ':') at -= 2
  if (code[at]?.text === '{') at -= 1
  const table = /^(\w+)(?:\s+as\s+\w+)?$/i.exec(token.text)?.[1]
  return table !== undefined && code[at]?.text === '(' && takesTable.test(code[at - 1]?.text ?? '') ? [table] : []
}

/** A table that the code chooses cannot be looked at here. */
const isOpen = (text: string): boolean =>
  /\b(?:select|insert|update|delete|truncate|lock|alter|drop|create)\b[^]*\b(?:from|join|into|update|table|truncate)\s+(?:\?\?|$)/i.test(
    text,
  )

/** Files whose code chooses a table, with the reason why it is their own. */
const choosing: readonly { path: string; reason: string }[] = [
  { path: 'plugins/audit/retention.ts', reason: 'partitions of its own table' },
  { path: 'plugins/audit/seals.ts', reason: 'its own entries, joined to their seals' },
  { path: 'plugins/audit/verify.ts', reason: 'its own entries, joined to their seals' },
  { path: 'plugins/config/list.ts', reason: 'a list of keys, joined to its own table' },
]

const foreign = ({ path, text }: Source, tables: ReadonlyMap<string, string>): string[] => {
  const code = tokens(text).filter(({ kind }) => kind !== 'comment')
  const owner = ownerOf(path)
  return code.flatMap((token, index) => {
    if (token.kind !== 'string') return []
    const named = [...inSql(token.text), ...inCall(code, index)].filter((table) => tables.has(table) && tables.get(table) !== owner)
    return named.map((table) => `${path}:${token.line}: names ${table}, a table of ${tables.get(table)}`)
  })
}

const plugins = sources().filter((source) => source.path.startsWith('plugins/') && !isMigration(source))

describe('architecture: tables', () => {
  const tables = tablesOf(sources())

  it('knows whose each table is', () => {
    expect(tables.get('users')).to.equal('resources')
    expect(tables.get('user_roles')).to.equal('resources')
    expect(tables.get('sessions')).to.equal('auth')
    expect(tables.get('audit_entries')).to.equal('audit')
    expect(tables.get('outbox')).to.equal('core')
  })

  it('plugins name their own only', () => {
    expect(plugins).to.not.have.length(0)
    expect(plugins.flatMap((source) => foreign(source, tables))).to.deep.equal([])
  })

  const known = new Map([['users', 'resources'], ['roles', 'resources'], ['sessions', 'auth'], ['mfa_factors', 'mfa']])
  const found = (text: string): string[] => foreign({ path: 'plugins/mfa/verify.ts', text }, known)

  const bad = [
    "knex('users')", "await call.db('users').where({ id })", "db('users as u')",
    "db.raw('select 1 from users where id = ?')", 'db.raw(`update users set email = ?`)',
    "db('mfa_factors as f').join('sessions as s', 's.user_id', 'f.user_id')",
    "raw('select 1 from mfa_factors f join sessions s on s.id = f.id')",
    "raw('select 1 from mfa_factors f, users u')", "raw('insert into sessions (id) values (?)')",
    'raw(\'delete from "users"\')', 'q.leftJoin({ u: "users" })',
    'const sql = `\n  with x as (select id from roles)\n  select 1 from x`', "db.from('users')",
    "raw('delete from mfa_factors f using users u where u.id = f.user_id')",
    'raw(`select ${columns} from users u where ${condition}`)', "raw('lock table users')",
    'RAW("SELECT 1 FROM Users")',
  ]
  for (const text of bad) it(`catches ${JSON.stringify(text)}`, () => expect(found(text)).to.have.length(1))

  const good = [
    "db('mfa_factors')", "raw('select 1 from mfa_factors')", "const fields = ['users', 'roles']", "{ path: 'roles' }",
    '// the rows from users', "call('user-get')", "keys.includes('sessions')",
    "raw('select 1 from (?) u', [directory.accounts(db)])", 'raw(`select user_id from mfa_factors where users = 1`)',
  ]
  for (const text of good) it(`lets ${JSON.stringify(text)}`, () => expect(found(text)).to.deep.equal([]))
  const open = ["raw('select 1 from ?? where id = ?', [table, id])", 'raw(`delete from ${table}`)']
  it('catches tables that the code chooses', () => {
    expect(open.map((text) => tokens(text).some((token) => token.kind === 'string' && isOpen(token.text)))).to.deep.equal([true, true])
    const found = plugins.filter(({ text }) => tokens(text).some((token) => token.kind === 'string' && isOpen(token.text)))
    expect(found.map(({ path }) => path)).to.deep.equal(choosing.map(({ path }) => path))
  })
})
