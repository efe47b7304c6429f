// The events of core itself, which are about no resource.
import { array, boolean, mixed, object, string, type Schema } from 'yup'
import { aboutOf } from '../access/about.ts'
import { scopesOfRows } from '../access/scopes.ts'
import { deciding } from '../call/operation.ts'
import type { Interest } from '../define/call.ts'
import { AppError } from '../define/errors.ts'
import type { InterestReader } from '../define/interest.ts'
import { id } from '../define/fields.ts'
import { validate } from '../define/validate.ts'
import { resourceOf, type Resources } from '../model/resource.ts'
import type { Unhooked } from './events.ts'

const own = { owner: 'core', kind: 'query', action: 'custom', file: 'core/boot/own-events.ts' } as const

const ping: Unhooked = {
  ...own, event: 'ping', tags: ['essential'], public: true,
  said: { about: 'Answers: the server is there', output: object({}) },
  steps: deciding({
    accepts: { fields: new Map() }, demands: [],
    parse: (payload) => validate(new Map(), payload), load: () => Promise.resolve(), authorise: () => Promise.resolve(),
    handle: () => Promise.resolve({}),
  }),
}

const names = () => array().of(string().required()).required()

/** What a socket hears of changes from now on. */
const feedListen = (interests: InterestReader): Unhooked => ({
  ...own, event: 'feed-listen', tags: [], public: false, socketOnly: true,
  said: {
    about: 'Says which changes this socket hears from now on', output: object({ resources: names(), heads: boolean().required() }),
  },
  steps: deciding({
    accepts: { fields: interests.fields }, demands: [],
    parse: (payload) => ({ ...interests.read(payload) }), load: () => Promise.resolve(), authorise: () => Promise.resolve(),
    async handle(call) {
      const { listen } = call.connection
      if (!listen) throw new AppError('unknown_event', { message: 'Only a socket on / hears changes; this request came without one' })
      const { resources, heads } = call.input as unknown as Interest
      await listen({ resources, heads })
      return { resources: resources ?? interests.names, heads }
    },
  }),
})

/** What a client needs to know of resources to keep what it has read of them true. */
const feedAbout = (resources: Resources): Unhooked => {
  const all = [...resources.keys()].toSorted()
  const fields = new Map<string, Schema>([['resources', array().of(string().oneOf(all).required()).optional()]])
  return {
    ...own, event: 'feed-about', tags: [], public: false,
    said: {
      about: 'Says what a client must know of resources to keep what it has read of them true',
      output: object({ items: array().of(object({
        resource: string().required(), about: names(), alike: boolean().required(), relations: mixed().required(),
      })).required() }),
    },
    steps: deciding({
      accepts: { fields }, demands: [],
      parse: (payload) => validate(fields, payload), load: () => Promise.resolve(), authorise: () => Promise.resolve(),
      handle({ input, actor, rights }) {
        const { resources: asked = all } = input as { readonly resources?: readonly string[] }
        const items = all.filter((name) => asked.includes(name)).map((name) => resourceOf(resources, name)).map((resource) => ({
          resource: resource.name,
          about: aboutOf(resource, resources, actor, rights),
          alike: rights.alike(resource),
          relations: Object.fromEntries([...resource.relations].map(([relation, { target }]) => [relation, target.name])),
        }))
        return Promise.resolve({ items })
      },
    }),
  }
}

/** Rows that can be asked about at once. */
const mostRows = 100

/** Where rows lie, as far as it matters for what the caller may do with them. */
const rightsScopes = (resources: Resources): Unhooked => {
  const fields = new Map<string, Schema>([
    ['resource', string().oneOf([...resources.keys()].toSorted()).required()],
    ['ids', array().of(id().required()).max(mostRows).required()],
  ])
  return {
    ...own, event: 'rights-scopes', tags: [], public: false,
    said: {
      about: 'Says in which of the scopes of your keys rows lie',
      output: object({ items: array().of(object({ id: id().required(), scopes: array().of(id().required()).required() })).required() }),
    },
    steps: deciding({
      accepts: { fields }, demands: [],
      parse: (payload) => validate(fields, payload), load: () => Promise.resolve(), authorise: () => Promise.resolve(),
      async handle({ db, input, rights }) {
        const { resource: name, ids } = input as { readonly resource: string; readonly ids: readonly string[] }
        const resource = resourceOf(resources, name)
        const wanted = [...new Set(ids)]
        // Of rows that they may not see nothing is told.
        const seen = new Set([...await rights.nameable(resource, wanted), ...await rights.among('list', resource, wanted)])
        const scopes = new Set(rights.effective().flatMap(({ scopes: held, except }) => [...held ?? [], ...except]))
        const found = await scopesOfRows(db, resource, wanted.filter((each) => seen.has(each)), [...scopes])
        return { items: [...found].map(([each, lies]) => ({ id: each, scopes: lies })) }
      },
    }),
  }
}

/** What the caller may do with each of some rows: for those who show people what they can do. */
const rightsOn = (resources: Resources): Unhooked => {
  const fields = new Map<string, Schema>([
    ['resource', string().oneOf([...resources.keys()].toSorted()).required()],
    ['ids', array().of(id().required()).min(1).max(mostRows).required()],
  ])
  return {
    ...own, event: 'rights-on', tags: [], public: false,
    said: {
      about: 'Says which events you may ask about each of some rows, and which of their fields you may change',
      output: object({ events: names(), fields: names() }),
      errors: ['not_found'],
    },
    steps: deciding({
      accepts: { fields }, demands: [],
      parse: (payload) => validate(fields, payload),
      load: () => Promise.resolve(), authorise: () => Promise.resolve(),
      async handle(call) {
        const resource = resourceOf(resources, String(call.input['resource']))
        const [first = '', ...others] = new Set(call.input['ids'] as readonly string[])
        let { events, fields: changed } = await call.allowedOn(resource, first)
        for (const other of others) {
          const there = await call.allowedOn(resource, other)
          events = events.filter((each) => there.events.includes(each))
          changed = changed.filter((each) => there.fields.includes(each))
        }
        return { events, fields: changed }
      },
    }),
  }
}

/** `interests`: reads what clients want to hear. */
export const ownEvents = (interests: InterestReader, resources: Resources): Unhooked[] =>
  [ping, feedListen(interests), feedAbout(resources), rightsScopes(resources), rightsOn(resources)]
