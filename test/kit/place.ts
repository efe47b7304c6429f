// Where one server of the tests keeps its data: places of sovrane/testing, on the databases that are ready for `app.ts`.
import * as places from '../../testing/place.ts'
import type { Kind } from '../../testing/ready.ts'
import { ready } from './ready.ts'

export { cleanUp, temporaryDirectory, undoLater, type Place, type State } from '../../testing/place.ts'

/** Puts an embedded database into a server's DATA_DIR. */
export const fillDataDir = (dataDir: string, state: places.State): Promise<void> => places.fillDataDir(ready, dataDir, state)

/** A PostgreSQL database of its own. */
export const makePostgres = (state: places.State): ReturnType<typeof places.makePostgres> => places.makePostgres(ready, state)

/** A place that no one else's clean-up takes away. */
export const freshPlace = (kind: Kind, state?: places.State): Promise<places.Place> => places.freshPlace(ready, kind, state)

/** The environment of a server on a database of its own. `cleanUp` takes the database away again. */
export const freshEnvironment = async (kind: Kind, state?: places.State): Promise<Record<string, string>> => {
  const { environment, remove } = await freshPlace(kind, state)
  places.undoLater(remove)
  return { ...environment }
}
