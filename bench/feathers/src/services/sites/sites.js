// For more information about this file see https://dove.feathersjs.com/guides/cli/service.html
import { authenticate } from '@feathersjs/authentication'

import { hooks as schemaHooks } from '@feathersjs/schema'
import {
  siteDataValidator,
  sitePatchValidator,
  siteQueryValidator,
  siteResolver,
  siteExternalResolver,
  siteDataResolver,
  sitePatchResolver,
  siteQueryResolver
} from './sites.schema.js'
import { SiteService, getOptions } from './sites.class.js'

export const sitePath = 'sites'
export const siteMethods = ['find', 'get', 'create', 'patch', 'remove']

export * from './sites.class.js'
export * from './sites.schema.js'

// A configure function that registers the service and its hooks via `app.configure`
export const site = app => {
  // Register our service on the Feathers application
  app.use(sitePath, new SiteService(getOptions(app)), {
    // A list of all methods this service exposes externally
    methods: siteMethods,
    // You can add additional custom events to be sent to clients here
    events: []
  })
  // Initialize hooks
  app.service(sitePath).hooks({
    around: {
      all: [
        authenticate('jwt'),
        schemaHooks.resolveExternal(siteExternalResolver),
        schemaHooks.resolveResult(siteResolver)
      ]
    },
    before: {
      all: [schemaHooks.validateQuery(siteQueryValidator), schemaHooks.resolveQuery(siteQueryResolver)],
      find: [],
      get: [],
      create: [schemaHooks.validateData(siteDataValidator), schemaHooks.resolveData(siteDataResolver)],
      patch: [schemaHooks.validateData(sitePatchValidator), schemaHooks.resolveData(sitePatchResolver)],
      remove: []
    },
    after: {
      all: []
    },
    error: {
      all: []
    }
  })
}
