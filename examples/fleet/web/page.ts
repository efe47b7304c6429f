// The page of the fleet: its vehicles, as long as it is open.
import { createClient } from 'sovrane/client'
import type { AppContract } from '../app.ts'

const client = createClient<AppContract>({ url: location.origin })
const [form, status, list] = [document.querySelector('form'), document.querySelector('p'), document.querySelector('ul')]

const show = (): void => {
  client.vehicle.live({ sort: 'label', limit: 100 }).subscribe(({ items, total }) => {
    if (status) status.textContent = `${total} vehicles`
    list?.replaceChildren(...items.map(({ label, plate, state }) => {
      const line = document.createElement('li')
      line.textContent = `${label} (${plate}): ${state}`
      return line
    }))
  })
}

form?.addEventListener('submit', (event) => {
  event.preventDefault()
  const given = new FormData(form)
  client.auth.login({ email: String(given.get('email')), password: String(given.get('password')) }).then(show, (error: unknown) => {
    if (status) status.textContent = error instanceof Error ? error.message : String(error)
  })
})
