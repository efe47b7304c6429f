// Which fields a violated key is made of, read from what PostgreSQL says in several forms and languages.

import { expect } from 'chai'
import { keyFields } from '../../core/db/key-fields.ts'

const cases: readonly [string | undefined, string[]][] = [
  ['Key (email)=(a@b) already exists.', ['email']],
  ['Key (site_id, label)=(1, x) already exists.', ['siteId', 'label']],
  ['Key (lower(email::text))=(a) already exists.', ['email']],
  ['Key (lower((email)::character varying(20)))=(a) already exists.', ['email']],
  ['Key (COALESCE(parent_id, 0::bigint), lower(TRIM(BOTH FROM label)))=(1, x) already exists.', ['parentId', 'label']],
  [`Key (COALESCE(label, 'it''s )=( a trap'::text))=(x) already exists.`, ['label']],
  [`Key (email)=(x)=(other) already exists.`, ['email']],
  [`Key (email)=(it's ')=(' ) already exists.`, ['email']],
  [`Key ((data ->> 'kind'::text), email)=(a, b) already exists.`, ['data', 'email']],
  ['Key (email, email)=(a, a) already exists.', ['email']],
  ['Schlüssel »(manager_id)=(7)« existiert bereits.', ['managerId']],
  ['something else altogether', []],
  ['', []],
  [undefined, []],
]

describe('fields of a key', () => {
  for (const [detail, fields] of cases) {
    it(`of ${String(detail)}`, () => expect(keyFields(detail)).to.deep.equal(fields))
  }
})
