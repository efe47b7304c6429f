// Clients of the tests' servers: logged in, and closed when the test is over.
import type { AppContract } from '../../app.ts'
import { createClient, memoryStorage, type Client as ClientOf, type ClientOptions } from '../../client/index.ts'
import { eventually } from '../kit/wait.ts'

export type Client = ClientOf<AppContract>

export interface Login {
  readonly email: string
  readonly password: string
}

const open = new Set<Client>()

/** Closes all clients that are open. For `afterEach`. */
export const closeClients = (): void => {
  for (const client of open) client.close()
  open.clear()
}

/** A client that `closeClients` closes. */
export const clientOf = (url: string, options: Partial<ClientOptions> = {}): Client => {
  const client = createClient<AppContract>({ url, ...options })
  open.add(client)
  return client
}

/** A client of someone who is logged in, connected. */
export const enter = async (url: string, { email, password }: Login, options: Partial<ClientOptions> = {}): Promise<Client> => {
  const client = clientOf(url, { storage: memoryStorage(), ...options })
  await client.call('auth-login', { email, password })
  await isLive(client)
  return client
}

export const isLive = (client: Client): Promise<void> =>
  eventually(() => client.state.current.status === 'live', `the client is ${client.state.current.status}, not live`)

/** Once the client's state is such; as long as the test has time, since what it waits for takes a while by itself. */
export const becomes = async (client: Client, status: Client['state']['current']['status']): Promise<void> => {
  if (client.state.current.status === status) return
  await new Promise<void>((resolve) => {
    const stop = client.state.subscribe((state) => {
      if (state.status !== status) return
      stop()
      resolve()
    })
  })
}
