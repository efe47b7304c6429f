// Wrong values for a field, made from its yup schema: wrong types, and each rule of the schema broken.
import type { Field, LinkRelation } from '../../core/model/resource.ts'
import { isValid, ruleOf, shapeOf, type Shape } from './values.ts'

const nowhere = 'no-such-row'

const textLengths = (shape: Shape): string[] => {
  const [least, most] = [ruleOf(shape, 'min'), ruleOf(shape, 'max')]
  return [...(least === undefined || least < 1 ? [] : ['x'.repeat(least - 1)]), ...(most === undefined ? [] : ['x'.repeat(most + 1)])]
}

/** Texts that break a pattern or a test; those that the schema happens to allow are no fault. */
const oddTexts = (shape: Shape): string[] =>
  shape.tests.some(({ name }) => name !== undefined && !['min', 'max', 'length', 'trim', 'required'].includes(name))
    ? ['', ' ', '!? §', 'a'.repeat(65), '-x', 'javascript:alert(1)', '../x', 'x@', '@x', 'not a day']
    : []

const strings = (field: Field, shape: Shape): unknown[] => {
  const rules = [
    ...textLengths(shape),
    ...(shape.oneOf.length > 0 ? ['~none of them~', '', String(shape.oneOf[0]).toUpperCase()] : []),
    ...(shape.tests.some(({ name }) => name === 'trim') ? [' x', 'x '] : []),
    ...oddTexts(shape).filter((text) => !isValid(field.schema, text)),
  ]
  // NUL and lone surrogates are refused before any schema.
  return [42, 0, true, [], ['x'], {}, 'a\0b', '\uD800', ...rules]
}

const numbers = (shape: Shape): unknown[] => {
  const [least, most] = [ruleOf(shape, 'min'), ruleOf(shape, 'max')]
  const whole = shape.tests.some(({ name }) => name === 'integer')
  return [
    '1', '', true, [], [1], {},
    ...(whole ? [(least ?? 0) + 0.5] : []), ...(least === undefined ? [] : [least - 1]), ...(most === undefined ? [] : [most + 1]),
  ]
}

const objects = (field: Field, shape: Shape): unknown[] => {
  const large = { text: 'x'.repeat(60_000) }
  return ['text', 42, true, [], [{}], ...(shape.tests.some(({ name }) => name === 'size') && !isValid(field.schema, large) ? [large] : [])]
}

const lists = (field: Field, shape: Shape): unknown[] => {
  const most = ruleOf(shape, 'max')
  const tooMany = most === undefined || most > 900 ? [] : [Array.from({ length: most + 1 }, (_, index) => `x${index}`)]
  return ['text', 42, true, {}, ...[[null], [42], [['x']], ['']].filter((value) => !isValid(field.schema, value)), ...tooMany]
}

const links = (relation: LinkRelation): unknown[] => [
  'text', 42, true, {}, [42], [null], [['x']], ['not an id!'], [nowhere],
  ...(relation.columns.length === 0
    ? [[{ [relation.payload]: nowhere }]]
    : [[{}], [{ [relation.payload]: 42 }], [{ [relation.payload]: nowhere }], [{ [relation.payload]: nowhere, nonsense: 1 }]]),
]

export interface Wrong {
  readonly value: unknown
  /** As a failure shows it. */
  readonly shown: string
}

const shown = (value: unknown): string => {
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 57)}... (${text.length} characters)` : text
}

/** Values that the field must refuse, whatever the row. `link`: the relation that the field stands for. `refers`: it names a row. */
export const wrongValues = (
  field: Field, { link, refers }: { readonly link: LinkRelation | undefined; readonly refers: boolean },
): Wrong[] => {
  const shape = shapeOf(field.schema)
  const byType = (): unknown[] => {
    if (link) return links(link)
    switch (shape.type) {
      case 'string': return strings(field, shape)
      case 'number': return numbers(shape)
      case 'boolean': return ['true', 0, 1, '', [], {}]
      case 'date': return ['yesterday', '2026-02-30', 42, true, [], {}]
      case 'array': return lists(field, shape)
      default: return objects(field, shape)
    }
  }
  const values = [...byType(), ...(refers ? [nowhere] : []), ...(shape.nullable ? [] : [null])]
  return values.map((value) => ({ value, shown: shown(value) }))
}
