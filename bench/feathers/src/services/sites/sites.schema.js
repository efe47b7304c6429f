// For more information about this file see https://dove.feathersjs.com/guides/cli/service.schemas.html
import { resolve } from '@feathersjs/schema'
import { Type, getValidator, querySyntax } from '@feathersjs/typebox'
import { dataValidator, queryValidator } from '../../validators.js'

// Main data model schema
export const siteSchema = Type.Object(
  {
    id: Type.Number(),
    label: Type.String({ minLength: 1, maxLength: 120 }),
    createdAt: Type.Optional(Type.Any()),
    updatedAt: Type.Optional(Type.Any())
  },
  { $id: 'Site', additionalProperties: false }
)
export const siteValidator = getValidator(siteSchema, dataValidator)
export const siteResolver = resolve({})

export const siteExternalResolver = resolve({})

// Schema for creating new entries
export const siteDataSchema = Type.Pick(siteSchema, ['label'], {
  $id: 'SiteData'
})
export const siteDataValidator = getValidator(siteDataSchema, dataValidator)
export const siteDataResolver = resolve({})

// Schema for updating existing entries
export const sitePatchSchema = Type.Partial(siteSchema, {
  $id: 'SitePatch'
})
export const sitePatchValidator = getValidator(sitePatchSchema, dataValidator)
export const sitePatchResolver = resolve({})

// Schema for allowed query properties
export const siteQueryProperties = Type.Pick(siteSchema, ['id', 'label'])
export const siteQuerySchema = Type.Intersect(
  [
    querySyntax(siteQueryProperties),
    // Add additional query properties here
    Type.Object({}, { additionalProperties: false })
  ],
  { additionalProperties: false }
)
export const siteQueryValidator = getValidator(siteQuerySchema, queryValidator)
export const siteQueryResolver = resolve({})
