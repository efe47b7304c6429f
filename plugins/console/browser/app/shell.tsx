// The frame of all screens: menu, the person, the state of the connection; and the log-in where there is no session.
import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { app, ask, client, connection, isSignedIn, me, mustEnrol, trouble } from './state.ts'
import { go, place } from './router.ts'
import { allScreens } from './all-screens.ts'
import { currentScreen, ScreenView } from './screen.tsx'
import { explained } from './explained.ts'
import { resourcesName, titleOf } from './format.ts'
import { mayAsk } from './rights.ts'
import { resourceNamed } from './rows.ts'
import { applyTheme, nextTheme, theme } from './theme.ts'
import { language, speak, t } from '../texts/texts.ts'
import { Button, Link } from '../shared/button.tsx'
import { Questions } from '../shared/dialog.tsx'
import { Gate } from '../shared/gate.tsx'
import { Icon, iconOf } from '../shared/icon.tsx'
import { Notices } from '../shared/notices.tsx'
import { Skeleton } from '../shared/page.tsx'
import { Reauthentication } from '../shared/reauthenticate.tsx'
import { LogIn } from '../screens/log-in.tsx'
import { NotFound } from '../screens/not-found.tsx'

const isMenuOpen = signal(false)

/** What people look for first; the app's own follow in their order, and what rights are made of. */
const first = ['user', 'department', 'group', 'site']
const last = ['invitation', 'role', 'permission']
const placeOf = (name: string): number =>
  first.includes(name) ? first.indexOf(name) - first.length : last.includes(name) ? last.indexOf(name) + 1 : 0
const byUse = (one: { readonly name: string }, other: { readonly name: string }): number => placeOf(one.name) - placeOf(other.name)

const Menu = () => {
  const { path } = place.value
  const own = allScreens.value.filter(({ menu }) => menu && (menu.needs === undefined || mayAsk(menu.needs)))
  // What has a screen of its own is not listed twice.
  const isOwn = (event: string | undefined): boolean => own.some(({ menu }) => menu?.needs === event)
  const resources = (app.value?.resources ?? [])
    .filter(({ events }) => mayAsk(events['list']) && !isOwn(events['list']))
    .toSorted(byUse)
  const [start, ...others] = own
  return (
    <nav
      id="menu"
      aria-label={t.value.menu}
      onClick={() => {
        isMenuOpen.value = false
      }}
    >
      <ul>
        {start?.menu && (
          <li>
            <Link to={start.path} current={path === start.path}>
              <Icon name={start.menu.icon} />
              {start.menu.label(t.value)}
            </Link>
          </li>
        )}
        {resources.map((resource) => {
          const to = `/resources/${resource.name}`
          return (
            <li key={resource.name}>
              <Link to={to} current={path === to || path.startsWith(`${to}/`)}>
                <Icon name={iconOf(resource.name)} />
                {resourcesName(resource)}
              </Link>
            </li>
          )
        })}
        {others.map(
          (screen, index) =>
            screen.menu && (
              <li key={screen.path} class={index === 0 ? 'apart' : undefined}>
                <Link to={screen.path} current={path === screen.path}>
                  <Icon name={screen.menu.icon} />
                  {screen.menu.label(t.value)}
                </Link>
              </li>
            ),
        )}
      </ul>
    </nav>
  )
}

/** Only what one must know: while all is well there is nothing. */
const ConnectionState = () => {
  const { status, error, storage } = connection.value
  if (status === 'waiting')
    return (
      <p class="state bad" role="status">
        {error?.code === 'protocol' ? t.value.errors.protocol : t.value.offline}{' '}
        <Button kind="quiet" onClick={() => client.retry()}>
          {t.value.tryAgain}
        </Button>
      </p>
    )
  return storage ? (
    <p class="state" role="status">
      {t.value.notKept}
    </p>
  ) : null
}

const logOut = async (): Promise<void> => {
  try {
    await ask('auth-logout')
  } finally {
    go('/')
  }
}

const Top = () => {
  const resource = resourceNamed('user')
  const user = me.value?.user
  return (
    <header class="top">
      <a class="skip" href="#content">
        {t.value.toContent}
      </a>
      <Button
        kind="quiet"
        icon="menu"
        label={t.value.menu}
        expanded={isMenuOpen.value}
        onClick={() => {
          isMenuOpen.value = !isMenuOpen.value
        }}
      />
      <p class="brand">
        <Link to="/">
          <span class="mark" aria-hidden="true" />
          Sovrane
        </Link>
      </p>
      <ConnectionState />
      <div class="who">
        <Button kind="quiet" icon="theme" label={t.value.themes[theme.value]} onClick={nextTheme} />
        {user && resource && (
          <Link
            to="/profile"
            class="button quiet"
            current={place.value.path === '/profile'}
            label={`${t.value.ownPage}: ${titleOf(resource, user)}`}
          >
            <Icon name="person" />
            <span>
              <bdi>{titleOf(resource, user)}</bdi>
            </span>
          </Link>
        )}
        <Button kind="quiet" icon="leave" label={t.value.logOut} onClick={() => void logOut()} />
      </div>
    </header>
  )
}

const Content = () => {
  const found = currentScreen()
  if (mustEnrol.value && place.value.path !== '/profile') go('/profile', { replace: true })
  return found ? <ScreenView key={found.screen.path} found={found} /> : <NotFound />
}

const Alone = ({ text, again }: { readonly text: string; readonly again: boolean }) => (
  <Gate title={t.value.cannotShow}>
    <p role="alert">{text}</p>
    {again && (
      <footer>
        <Button kind="main" onClick={() => location.reload()}>
          {t.value.reload}
        </Button>
      </footer>
    )}
  </Gate>
)

/** `/` leads to the search of a page, Escape closes the menu. */
const listenToKeys = (event: KeyboardEvent): void => {
  if (event.key === 'Escape') isMenuOpen.value = false
  const isTyping =
    event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement || event.target instanceof HTMLSelectElement
  if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return
  const search = document.querySelector<HTMLInputElement>('[data-search]')
  if (!search) return
  event.preventDefault()
  search.focus()
  search.select()
}

const Inside = () => {
  const isReady = app.value !== undefined && me.value !== undefined
  return (
    <div class={isMenuOpen.value ? 'shell open' : 'shell'}>
      <Top />
      {isReady ? <Menu /> : <nav id="menu" aria-hidden="true" />}
      <main id="content" tabIndex={-1}>
        {isReady ? (
          <Content />
        ) : (
          <div class="page">
            <Skeleton lines={8} />
          </div>
        )}
      </main>
    </div>
  )
}

const Outside = () => {
  const found = currentScreen()
  if (trouble.value && !app.value) return <Alone text={explained(trouble.value)} again />
  if (found?.screen.open === true) return <ScreenView found={found} />
  return isSignedIn.value ? <Inside /> : <LogIn />
}

export const Shell = () => {
  const locale = me.value?.user['locale']
  useEffect(() => {
    // A language that cannot be loaded leaves the console in the one it speaks.
    speak(typeof locale === 'string' ? locale : null).catch(() => undefined)
  }, [locale])
  useEffect(() => {
    document.documentElement.lang = language.value
  }, [language.value])
  useEffect(() => {
    applyTheme()
  }, [theme.value])
  useEffect(() => {
    addEventListener('keydown', listenToKeys)
    return () => removeEventListener('keydown', listenToKeys)
  }, [])
  return (
    <>
      <Outside />
      <Questions />
      <Reauthentication />
      <Notices />
    </>
  )
}
