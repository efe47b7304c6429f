// Mails that go to a real mail server: what they look like, and what happens when it is dead, slow or unwilling.
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { expect } from 'chai'
import { onAnyDatabase } from '../kit/databases.ts'
import { cleanUp } from '../kit/place.ts'
import { post, until } from '../jobs/support.ts'
import { read } from '../../testing/mails.ts'
import { freePort } from '../kit/port.ts'
import { openPostbox, type Caught, type Postbox } from '../kit/postbox.ts'
import { startMailNode, type MailNode } from './support.ts'

onAnyDatabase('mail: sent', (kind) => {
  let postbox: Postbox
  let node: MailNode
  before(async () => {
    postbox = await openPostbox(0, ['nobody@example.com'])
    node = await startMailNode(kind, { SMTP_URL: postbox.url })
  })
  after(async () => {
    await node.server.stop()
    await postbox.close()
    await cleanUp()
  })

  const send = async (
    mail: Omit<Parameters<MailNode['mail']['queue']>[1], 'template' | 'values'> & { name: string; link?: string },
  ): Promise<Caught | undefined> => {
    const { name, link = node.mail.link('/start', { token: 'a b&c' }), ...rest } = mail
    const count = postbox.mails.length
    await node.server.run((call) => node.mail.queue(call, { ...rest, template: node.welcome, values: { name, link } }))
    await node.jobs.idle()
    return postbox.mails[count]
  }

  it('have a text, a page, and headers that say who and what', async () => {
    const caught = await send({ to: 'ada@example.com', locale: 'en', name: 'Ada' })
    const { headers, types, text, html } = read(caught?.source ?? '')
    expect(caught).to.include({ from: 'no-reply@sovrane.test' })
    expect(caught?.to).to.deep.equal(['ada@example.com'])
    expect(headers.get('from')).to.equal('Sovrane Tests <no-reply@sovrane.test>')
    expect(headers.get('to')).to.equal('ada@example.com')
    expect(headers.get('subject')).to.equal('Welcome, Ada')
    expect(headers.get('auto-submitted')).to.equal('auto-generated')
    expect(headers.get('content-language')).to.equal('en')
    expect(headers.get('message-id')).to.match(/^<[0-9a-f-]{36}@sovrane\.test>$/)
    expect(new Date(headers.get('date') ?? '').getTime()).to.be.greaterThan(0)
    expect(headers.has('x-mailer')).to.equal(false)
    expect(types.map((type) => type?.split(';')[0])).to.deep.equal(['text/plain', 'text/html'])
    expect(text).to.include('Hello Ada,\n\nyour account is ready:\nhttps://sovrane.test/app/start?token=a+b%26c\n')
    expect(html).to.include('<html lang="en">').and.include('<a href="https://sovrane.test/app/start?token=a+b%26c">')
  })

  it('load nothing: no picture, no style sheet, no script', async () => {
    const { html } = read((await send({ to: 'ada@example.com', name: 'Ada' }))?.source ?? '')
    expect(html).not.to.match(/<(?:img|link|script|iframe|object)|\burl\(|\bsrc=/i)
  })

  it('speak the language of the recipient, and English when it is unknown', async () => {
    const { headers, text, html } = read((await send({ to: 'zoe@example.com', locale: 'fr', name: 'Zoé' }))?.source ?? '')
    expect(headers.get('subject')).to.equal('Bienvenue à vous, Zoé')
    expect(headers.get('content-language')).to.equal('fr')
    expect(text).to.include('Bonjour Zoé,\n\nvotre compte est prêt :')
    expect(html).to.include('<html lang="fr">').and.include('<p>Bonjour <b>Zoé</b>,</p>')
    for (const locale of [undefined, null, 'de', 'constructor']) {
      expect(read((await send({ to: 'zoe@example.com', locale, name: 'Zoé' }))?.source ?? '').headers.get('subject'))
        .to.equal('Welcome, Zoé')
    }
  })

  it('escape what people have typed, and link to nobody else', async () => {
    const name = '<img src=x onerror=alert(1)> & "co" https://evil.example/x https://sovrane.test.evil.example/app/y'
    for (const locale of ['en', 'fr'] as const) {
      const { html, text } = read(
        (await send({ to: 'eve@example.com', locale, name, link: 'https://sovrane.test/app/?a="><b>&c' }))?.source ?? '',
      )
      expect(text).to.include(name)
      expect(html).to.include('&lt;img src=x onerror=alert(1)&gt; &amp; &quot;co&quot;')
      expect(html).not.to.include('<img')
      expect(html).not.to.include('"><b>')
      expect([...html.matchAll(/href="([^"]*)"/g)].map(([, address]) => address?.startsWith('https://sovrane.test/app/')))
        .to.deep.equal([true])
    }
  })

  it('have no header that a value brings along', async () => {
    for (const end of ['\r\n', '\n', '\r', '\u2028', '\u0085', '\r\n\r\n', '\0']) {
      const { headers, text } = read((await send({ to: 'eve@example.com', name: `Eve${end}Bcc: victim@example.com` }))?.source ?? '')
      expect(headers.has('bcc')).to.equal(false)
      expect(headers.get('subject')).to.equal('Welcome, Eve Bcc: victim@example.com')
      expect(text).to.match(/^Hello Eve Bcc: victim@example.com,\n/)
    }
    expect(postbox.mails.every(({ to }) => !to.includes('victim@example.com'))).to.equal(true)
  })

  const addresses = [
    'eve@example.com\r\nBcc: victim@example.com', 'eve@example.com\nBcc: victim@example.com', 'eve@example.com\r', 'eve@example.com\0',
    'eve@example.com, victim@example.com', 'eve@example.com;victim@example.com', 'Eve <eve@example.com>', '"Eve" eve@example.com',
    'group:eve@example.com;', 'eve@example.com victim@example.com', 'eve\u0007@example.com', 'eve@exam\u2028ple.com', '', 'eve', '@example.com',
  ]
  for (const to of addresses) {
    it(`are not queued for ${JSON.stringify(to)}`, async () => {
      const reply = await post(node.server, 'post-welcome', { to, name: 'Eve' })
      expect(reply.status).to.equal(400)
      expect(await node.rows()).to.deep.equal([])
    })
  }

  it('are not sent when the operation rolls back', async () => {
    const count = postbox.mails.length
    expect((await post(node.server, 'post-welcome', { to: 'ada@example.com', name: 'fail' })).status).to.equal(500)
    await node.jobs.idle()
    expect(postbox.mails).to.have.length(count)
    expect(await node.rows()).to.deep.equal([])
  })

  it('are dropped once what they hold has expired', async () => {
    const count = postbox.mails.length
    const caught = await send({ to: 'ada@example.com', name: 'Ada', usefulFor: -1 })
    expect(caught).to.equal(undefined)
    expect(postbox.mails).to.have.length(count)
    expect(await node.rows()).to.deep.equal([])
    expect(await send({ to: 'ada@example.com', name: 'Ada', usefulFor: 600 })).not.to.equal(undefined)
  })

  it('link to PUBLIC_URL, whatever the request says', () => {
    expect(node.mail.link('/reset')).to.equal('https://sovrane.test/app/reset')
    expect(node.mail.link('/reset', { token: 'x&y=z', lang: 'é' })).to.equal('https://sovrane.test/app/reset?token=x%26y%3Dz&lang=%C3%A9')
    expect(() => node.mail.link('reset')).to.throw('begins with a slash')
  })

  it('are given up when the server does not know the recipient, without a word about him', async () => {
    await send({ to: 'nobody@example.com', name: 'Nobody' })
    const [row] = await node.rows()
    expect(row).to.include({ name: 'mail.send', attempts: 1, failed: true })
    expect(row?.last_error).to.equal('GiveUp: the mail could not be handed over (EENVELOPE 550 RCPT TO)')
    expect(JSON.stringify(node.log.lines)).not.to.include('nobody@example.com')
    await node.server.database.knex('jobs').where({ name: 'mail.send' }).delete()
  })
})

onAnyDatabase('mail: a mail server in trouble', (kind) => {
  let node: MailNode | undefined
  afterEach(async () => {
    await node?.server.stop()
    await cleanUp()
  })

  it('that is down loses nothing and slows no reply; meanwhile a dump of the database shows no token', async () => {
    const port = await freePort()
    node = await startMailNode(kind, { SMTP_URL: `smtp://127.0.0.1:${port}` })
    const { server, jobs, rows, log } = node
    expect(await post(server, 'post-welcome', { to: 'ada@example.com', name: 'Ada-7731' })).to.deep.include({
      status: 200, body: { queued: true },
    })
    await until(async () => (await rows())[0]?.last_error !== null)
    expect((await rows())[0]).to.include({ failed: false, last_error: 'Error: the mail could not be handed over (ESOCKET CONN)' })

    const { knex } = server.database
    const dump: unknown = await knex('jobs').select(knex.raw('jobs::text as line'))
    for (const secret of ['tok-5f0e9a', 'Ada-7731', 'ada@example.com']) {
      for (const form of [
        secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64').slice(0, 8), Buffer.from(secret).toString('hex'),
      ]) {
        expect(JSON.stringify([dump, log.lines])).not.to.include(form)
      }
    }

    const postbox = await openPostbox(port)
    await knex('jobs').update({ run_at: knex.fn.now() })
    await jobs.idle()
    expect(postbox.mails.map(({ to }) => to)).to.deep.equal([['ada@example.com']])
    expect(read(postbox.mails[0]?.source ?? '').text).to.include('https://sovrane.test/app/start?token=tok-5f0e9a')
    expect(await rows()).to.deep.equal([])
    await postbox.close()
  })

  it('that answers nothing keeps no reply waiting', async () => {
    const sockets: Socket[] = []
    const silent = createServer((socket) => void sockets.push(socket.on('error', () => undefined))).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    node = await startMailNode(kind, { SMTP_URL: `smtp://127.0.0.1:${(silent.address() as AddressInfo).port}` })
    const { server, rows } = node
    expect((await post(server, 'post-welcome', { to: 'ada@example.com', name: 'Ada' })).status).to.equal(200)
    await until(() => sockets.length > 0)
    // The worker waits for the server's greeting; requests are answered all the same.
    expect((await post(server, 'post-welcome', { to: 'bob@example.com', name: 'Bob' })).status).to.equal(200)
    const held = await rows()
    expect(held).to.have.length(2)
    expect(held.some(({ locked }) => locked)).to.equal(true)
    silent.close()
    const cutting = setInterval(() => sockets.forEach((socket) => void socket.destroy()), 10)
    await until(async () => (await rows()).every(({ last_error: error }) => error !== null))
    clearInterval(cutting)
  })
})
