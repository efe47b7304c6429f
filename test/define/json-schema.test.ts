// The converter from yup to JSON Schema: what it says of each kind of field, and that it refuses nothing that the schema takes.
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect } from 'chai'
import { array, boolean, date, lazy, mixed, number, object, ref, string, tuple, type Schema } from 'yup'
import { dateTime, email, httpUrl, id, json, label, verbatim } from '../../core/define/index.ts'
import type { JsonSchema } from '../../core/define/index.ts'
import { jsonSchemaOf, payloadSchema } from '../../core/model/json-schema.ts'

const ajv = new Ajv2020({ strict: false, validateFormats: false })

interface Case {
  readonly what: string
  readonly schema: Pick<Schema, 'describe' | 'isValidSync'>
  readonly becomes: JsonSchema
  readonly takes: readonly unknown[]
  readonly refuses: readonly unknown[]
}

const idPattern = '^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$'

const cases: readonly Case[] = [
  {
    what: 'a text with bounds', schema: string().min(2).max(5), becomes: { type: 'string', minLength: 2, maxLength: 5 },
    // Lengths are in code points on both sides.
    takes: ['ab', '😀😀😀😀😀'], refuses: ['a', 'abcdef', 1, null],
  },
  {
    what: 'a text of one length', schema: string().length(3),
    becomes: { type: 'string', minLength: 3, maxLength: 3 }, takes: ['abc'], refuses: ['ab'],
  },
  {
    what: 'a text that must be there', schema: string().required(),
    becomes: { type: 'string', minLength: 1 }, takes: ['a'], refuses: [''],
  },
  {
    what: 'a pattern', schema: string().matches(/^[a-z]+$/),
    becomes: { type: 'string', pattern: '^[a-z]+$' }, takes: ['abc'], refuses: ['ABC'],
  },
  {
    what: 'a pattern with flags that JSON Schema has not, which is left out', schema: string().matches(/^[a-z]+$/i),
    becomes: { type: 'string' },
    takes: ['ABC'], refuses: [1],
  },
  {
    what: 'an enum', schema: string().oneOf(['a', 'b']).default('a'),
    becomes: { type: 'string', enum: ['a', 'b'], default: 'a' }, takes: ['a'],
    refuses: ['c', null],
  },
  {
    what: 'an enum or null', schema: string().oneOf(['a', 'b']).nullable().default(null),
    becomes: { type: ['string', 'null'], enum: ['a', 'b', null], default: null }, takes: ['a', null], refuses: ['c'],
  },
  { what: 'an id', schema: id(), becomes: { type: 'string', pattern: idPattern }, takes: ['a-1'], refuses: ['-a', 'x'.repeat(65)] },
  { what: 'a label', schema: label(3), becomes: { type: 'string', minLength: 1, maxLength: 3 }, takes: ['abc'], refuses: ['', 'abcd'] },
  {
    what: 'an address', schema: email(),
    becomes: { type: 'string', maxLength: 254, format: 'idn-email' }, takes: ['a@example.com'], refuses: [1],
  },
  {
    what: 'a web address', schema: httpUrl(),
    becomes: { type: 'string', maxLength: 2048, format: 'uri' }, takes: ['https://a.example'], refuses: [1],
  },
  {
    what: 'a time', schema: dateTime(),
    becomes: { type: 'string', maxLength: 40, format: 'date-time' }, takes: ['2026-01-31T09:00:00Z'], refuses: [1],
  },
  { what: 'a date of yup', schema: date(), becomes: { type: 'string', format: 'date-time' }, takes: [], refuses: [1] },
  { what: 'a password', schema: verbatim(9), becomes: { type: 'string', maxLength: 9 }, takes: ['  a\t'], refuses: ['x'.repeat(10)] },
  {
    what: 'free JSON', schema: json(10).nullable(), becomes: { type: ['object', 'null'], description: 'Free JSON of at most 10 bytes' },
    takes: [{ a: 1 }, null], refuses: ['text', []],
  },
  {
    what: 'an integer with bounds', schema: number().integer().min(1).max(9),
    becomes: { type: 'integer', minimum: 1, maximum: 9 }, takes: [1, 9],
    refuses: [0, 10, 1.5, '1'],
  },
  {
    what: 'a number between bounds', schema: number().moreThan(0).lessThan(1),
    becomes: { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 },
    takes: [0.5], refuses: [0, 1],
  },
  { what: 'a boolean', schema: boolean().nullable(), becomes: { type: ['boolean', 'null'] }, takes: [true, null], refuses: [0, 'true'] },
  {
    what: 'a list', schema: array().of(id().required()).min(1).max(2),
    becomes: { type: 'array', items: { type: 'string', minLength: 1, pattern: idPattern }, minItems: 1, maxItems: 2 }, takes: [['a']],
    refuses: [[], ['a', 'b', 'c'], [1], 'a'],
  },
  { what: 'a list of anything', schema: array(), becomes: { type: 'array' }, takes: [[1, 'a']], refuses: [{}] },
  {
    what: 'an object', schema: object({ a: string().required(), b: number().default(1) }),
    becomes: { type: 'object', properties: { a: { type: 'string', minLength: 1 }, b: { type: 'number', default: 1 } }, required: ['a'] },
    takes: [{ a: 'x' }, { a: 'x', b: 2 }], refuses: [{}, { a: 1 }],
  },
  {
    what: 'an object without other fields', schema: object({ a: string() }).noUnknown(),
    becomes: { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: false },
    takes: [{ a: 'x' }], refuses: [{ b: 1 }],
  },
  { what: 'anything', schema: mixed().nullable(), becomes: {}, takes: [1, null, []], refuses: [] },
  { what: 'one of some values', schema: mixed().oneOf([1, 'a']), becomes: { enum: [1, 'a'] }, takes: [1, 'a'], refuses: ['b'] },
  {
    what: 'a bound that is another field, which is left out', schema: number().min(ref('other')),
    becomes: { type: 'number' }, takes: [], refuses: ['1'],
  },
  {
    what: 'a rule of the author, which is left out', schema: string().test('even', 'must be even', (value) => value?.length !== 1),
    becomes: { type: 'string' }, takes: ['ab'], refuses: [1],
  },
]

describe('define: JSON Schema of a yup schema', () => {
  for (const { what, schema, becomes, takes, refuses } of cases) {
    it(`says of ${what}: ${JSON.stringify(becomes).slice(0, 80)}`, () => {
      expect(jsonSchemaOf(schema)).to.deep.equal(becomes)
      const check = ajv.compile(becomes)
      for (const value of takes) {
        expect(schema.isValidSync(value, { strict: true }), `yup and ${JSON.stringify(value)}`).to.equal(true)
        expect(check(value), `JSON Schema and ${JSON.stringify(value)}`).to.equal(true)
      }
      for (const value of refuses) expect(check(value), `JSON Schema and ${JSON.stringify(value)}`).to.equal(false)
    })
  }

  it('takes what is decided only when there is a value for anything', () => {
    const undecided: unknown = lazy(() => string())
    expect(jsonSchemaOf(undecided as Pick<Schema, 'describe'>)).to.deep.equal({})
  })

  it('writes a tuple as a list of given items', () => {
    const pair: unknown = tuple([string().required(), number().required()])
    expect(jsonSchemaOf(pair as Pick<Schema, 'describe'>)).to.deep.equal({
      type: 'array', prefixItems: [{ type: 'string', minLength: 1 }, { type: 'number' }],
    })
  })

  it('writes a payload as an object of its fields and no others', () => {
    const payload = payloadSchema(new Map<string, Schema>([['id', id().required()], ['page', number().integer()]]))
    expect(payload).to.deep.equal({
      type: 'object', properties: { id: { type: 'string', minLength: 1, pattern: idPattern }, page: { type: 'integer' } }, required: ['id'],
      additionalProperties: false,
    })
    expect(payloadSchema(new Map())).to.deep.equal({ type: 'object', properties: {}, additionalProperties: false })
  })
})
