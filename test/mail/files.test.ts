// Without a mail server: files that only their owner reads.
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { toFiles } from '../../plugins/mail/delivery.ts'
import { temporaryDirectory } from '../db/support.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { cleanUp } from '../kit/place.ts'
import { post } from '../jobs/support.ts'
import { read } from '../../testing/mails.ts'
import { startMailNode } from './support.ts'

onAnyDatabase('mail: files', (kind) => {
  afterEach(cleanUp)

  it('hold the mail as it would have been sent', async () => {
    const { server, jobs, environment } = await startMailNode(kind, {})
    try {
      await post(server, 'post-welcome', { to: 'ada@example.com', name: 'Ada' })
      await jobs.idle()
      const directory = join(environment['DATA_DIR'] ?? '', 'mail')
      const files = await readdir(directory)
      expect(files).to.have.length(1)
      const [file = ''] = files
      expect(file).to.match(/^\d{8}T\d{9}Z-[0-9a-f-]{36}\.eml$/)
      expect((await stat(directory)).mode & 0o777).to.equal(0o700)
      expect((await stat(join(directory, file))).mode & 0o777).to.equal(0o600)
      const { headers, text, html } = read(await readFile(join(directory, file), 'utf8'))
      expect(headers.get('to')).to.equal('ada@example.com')
      expect(text).to.include('https://sovrane.test/app/start?token=tok-5f0e9a')
      expect(html).to.include('<a href="https://sovrane.test/app/start?token=tok-5f0e9a">')
    } finally {
      await server.stop()
    }
  })
})

describe('mail: files', () => {
  afterEach(cleanUp)

  it('are the same file in a second attempt', async () => {
    const directory = await temporaryDirectory()
    const letter = {
      id: '0190', domain: 'sovrane.test', from: { name: 'Sovrane', address: 'no-reply@sovrane.test' }, to: 'ada@example.com', locale: 'en',
      queuedAt: new Date('2026-03-01T10:20:30.456Z'), subject: 'One', text: 'one', html: '<p>one</p>',
    }
    const deliver = toFiles(directory)
    await deliver(letter)
    await deliver(letter)
    expect(await readdir(directory)).to.deep.equal(['20260301T102030456Z-0190.eml'])
  })
})
