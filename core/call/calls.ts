// A call bound to its transaction and rights, and the inner calls that it may make.
import type { Knex } from 'knex'
import type { Actors, Admitted } from '../access/actors.ts'
import { noRights, rowRights, systemRights, type RowRights } from '../access/row-rights.ts'
import type { Resources } from '../model/resource.ts'
import type { Connection, Payload } from '../define/call.ts'
import { AppError } from '../define/errors.ts'
import type { Cursors } from '../define/page.ts'
import type { EngineCall, Operation, Operations } from './operation.ts'
import { runSteps } from './steps.ts'

/** What a client's request and all calls within it share. */
export interface Frame {
  readonly requestId: string
  readonly connection: Connection
  readonly system: boolean
  /** The client's own id of the request, which its changes carry. */
  readonly echo: string | undefined
}

/** What a call and the calls within it share: a transaction, an actor, and what follows the commit. */
export interface Unit {
  readonly db: Knex
  readonly admitted: Admitted | undefined
  readonly depth: number
  readonly tasks: (() => void | Promise<void>)[]
}

export interface CallContext {
  readonly operations: Operations
  readonly resources: Resources
  readonly root: string
  /** The resource whose rows are actors. */
  readonly actorResource: string
  readonly actors: Actors
  readonly cursors: Cursors
}

export interface Calls {
  /** @throws AppError unknown_event */
  readonly find: (event: string) => Operation
  readonly make: (operation: Operation, input: Payload, frame: Frame, unit: Unit) => EngineCall
}

/** How deep operations may call each other before it is taken for a loop. */
const deepest = 16

export const createCalls = ({ operations, resources, root, actorResource, actors, cursors }: CallContext): Calls => {
  const find = (event: string): Operation => {
    const operation = operations.get(event)
    if (!operation) throw new AppError('unknown_event', { message: 'There is no such event' })
    return operation
  }

  const rightsOf = (frame: Frame, admitted: Admitted | undefined, db: Knex): RowRights => {
    if (frame.system) return systemRights
    return admitted ? rowRights(admitted.actor, admitted.ability, { resources, root, db, actorResource, grantsOf: actors.grantsOf }) : noRights
  }

  const make = (operation: Operation, input: Payload, frame: Frame, unit: Unit): EngineCall => ({
    operation: operation.event,
    owner: operation.owner,
    kind: operation.kind,
    input,
    before: undefined,
    candidate: undefined,
    actor: frame.system ? undefined : unit.admitted?.actor,
    system: frame.system,
    rights: rightsOf(frame, unit.admitted, unit.db),
    cursors,
    db: unit.db,
    requestId: frame.requestId,
    connection: frame.connection,
    notes: new Map(),
    onceWritten: [],
    prepared: undefined,
    call: async (event, payload, { as }) => {
      const inner = find(event)
      if (unit.depth >= deepest) throw new Error(`"${event}" was called from itself ${deepest} times over`)
      if (inner.kind === 'mutation' && operation.kind === 'query') throw new Error(`The query "${operation.event}" cannot call the mutation "${event}"`)
      const innerFrame = { ...frame, system: as === 'system' }
      const call = make(inner, payload, innerFrame, { ...unit, depth: unit.depth + 1 })
      return runSteps(inner, call, (work) => work(call))
    },
    rightsOf: async (actorId) => {
      const found = await actors.look(unit.db, actorId)
      return found ? rowRights(found.actor, found.ability, { resources, root, db: unit.db, actorResource, grantsOf: actors.grantsOf }) : noRights
    },
    afterCommit: (task) => void unit.tasks.push(task),
  })

  return { find, make }
}
