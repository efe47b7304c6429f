import { site } from './sites/sites.js'
import { user } from './users/users.js'
export const services = app => {
  app.configure(site)

  app.configure(user)

  // All services will be registered here
}
