// The events of core itself, which are about no resource.
import { array, boolean, mixed, object, string, type Schema } from 'yup'
import { aboutOf } from '../access/about.ts'
import { deciding } from '../call/operation.ts'
import type { Interest } from '../define/call.ts'
import { AppError } from '../define/errors.ts'
import type { InterestReader } from '../define/interest.ts'
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

/** `interests`: reads what clients want to hear. */
export const ownEvents = (interests: InterestReader, resources: Resources): Unhooked[] =>
  [ping, feedListen(interests), feedAbout(resources)]
