// docs/settings.md and the declarations say the same: key, default, bounds, and who declares it.
import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { app } from '../../app.ts'
import type { Setting } from '../../core/define/index.ts'
import { compiled } from '../kit/server.ts'

const page = readFileSync(new URL('../../docs/settings.md', import.meta.url), 'utf8')
const rows = [...page.matchAll(/^\| `(\w+)` \| (\S+) \| (.+) \| (\w+) \|$/gm)].map(([, key, initial, bounds, owner]) =>
  ({ key, initial, bounds: bounds ?? '', owner }))

/** How the page begins to write a setting's bounds. */
const boundsOf = ({ schema }: Setting): string => {
  const tests = 'tests' in schema.describe()
    ? (schema.describe() as { tests: { name?: string; params?: Record<string, unknown> }[] }).tests
    : []
  const bound = (name: string): string => String(tests.find((test) => test.name === name)?.params?.[name])
  return schema.type === 'number' ? `${bound('min')} to ${bound('max')}` : schema.type
}

describe('config: docs/settings.md', () => {
  // Those of the plugins that the page is about; an app's own are its own affair.
  const ours = new Set(rows.map(({ owner }) => owner))
  for (const { plugin, contribution } of compiled(app).contributors) {
    if (!ours.has(plugin.name)) continue
    for (const setting of contribution.settings ?? []) {
      it(`${setting.key} is as ${plugin.name} declares it`, () => {
        const found = rows.filter(({ key }) => key === setting.key)
        expect(found, 'rows').to.have.length(1)
        expect(found[0]).to.include({ initial: JSON.stringify(setting.initial), owner: plugin.name })
        expect(`${found[0]?.bounds} `.startsWith(`${boundsOf(setting)} `)
          || found[0]?.bounds.startsWith(`${boundsOf(setting)};`), found[0]?.bounds).to.equal(true)
      })
    }
  }

  it('has every setting of docs/protocol.md §7.1', () => {
    expect(rows).to.have.length(22)
    expect(new Set(rows.map(({ key }) => key)).size).to.equal(22)
  })
})
