// The console's frame: what a browser is given before the script runs.

interface Places {
  /** The folder of scripts and styles, with a slash at its end. */
  readonly assets: string
  /** Where the console's own paths begin, without a slash at its end. */
  readonly start: string
  /** The same of the server. */
  readonly server: string
  /** The scripts that it begins with, so that they come at once and not one after another. */
  readonly scripts: readonly string[]
}

const icon = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#3b4fd8"/></svg>',
)}`

/** The page that all paths of the console begin with. */
export const html = ({ assets, start, server, scripts }: Places): string => `<!doctype html>
<html lang="en" data-start="${start}" data-server="${server}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>Sovrane</title>
<link rel="icon" href="${icon}">
<link rel="stylesheet" href="${assets}console.css">
<script type="module" src="${assets}main.js"></script>
${scripts.map((name) => `<link rel="modulepreload" href="${assets}${name}">`).join('\n')}
<link rel="preload" as="fetch" href="${start}/console/description.json" crossorigin="anonymous">
</head>
<body>
<div id="console">
<p class="alone late">The console needs its script, which has not come. <a href="">Load the page again</a>. The API is at
<a href="${server}/docs">/docs</a>.</p>
</div>
</body>
</html>
`

/** Where it was not built. */
export const missing = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Sovrane</title></head>
<body>
<h1>The console is not built</h1>
<p>The server works, and the console has no files to show. Build it with <code>npm ci &amp;&amp; npm run build:console</code>, or start the
server with <code>CONSOLE=none</code>. The API is at <a href="/docs">/docs</a>.</p>
</body>
</html>
`
