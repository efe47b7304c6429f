// The page around a mail's text: readable on a telephone, nothing loaded from anywhere, nothing tracked.

export interface Frame {
  readonly locale: string
  readonly subject: string
  readonly footer: string
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** For texts and quoted attributes. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? '')

const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`)

/** Plain text as paragraphs. Only our own addresses become links: a name like "see evil.example" must not turn into one. */
export const htmlOf = (text: string, publicUrl: string): string => {
  const ours = new RegExp(`${literally(escapeHtml(publicUrl))}/[^\\s<>"]*[^\\s<>".,;:!?)]`, 'g')
  return text.split(/\n{2,}/).map((paragraph) => {
    const linked = escapeHtml(paragraph).replace(ours, (address) => `<a href="${address}">${address}</a>`)
    return `<p>${linked.replaceAll('\n', '<br>')}</p>`
  }).join('\n')
}

/** `inside` is HTML. */
export const page = ({ locale, subject, footer }: Frame, inside: string): string => `<!doctype html>
<html lang="${escapeHtml(locale)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(subject)}</title>
</head>
<body style="margin: 0; padding: 24px; font: 16px/1.5 system-ui, sans-serif; color: #1f2933; background: #ffffff">
<div style="max-width: 560px; margin: 0 auto; overflow-wrap: anywhere">
${inside}
<hr style="border: 0; border-top: 1px solid #d0d7de; margin: 24px 0">
<p style="font-size: 13px; color: #57606a">${escapeHtml(footer)}</p>
</div>
</body>
</html>
`
