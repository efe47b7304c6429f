// A loan: an asset in the hands of somebody, until a day.
import { boolean, object } from 'yup'
import { dateTime, defineResource, id, one } from '#sovrane'

export const loan = defineResource({
  name: 'loan',
  schema: object({
    assetId: id().required(),
    borrowerId: id().required(),
    dueAt: dateTime().required(),
    overdue: boolean().default(false),
  }),
  readOnly: ['overdue'],
  fixed: ['borrowerId'],
  relations: {
    asset: one('asset', { via: 'assetId' }),
    borrower: one('user', { via: 'borrowerId' }),
  },
  list: { filter: ['assetId', 'borrowerId', 'dueAt', 'overdue'], sort: ['dueAt', 'createdAt'] },
})
