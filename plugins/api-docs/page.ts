// The page's frame: what there is before its script runs, and all that a reader without scripts is told.

/** `modules`: the scripts that the page is made of, so that they come at once and not one after another. */
export const html = (modules: readonly string[]): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Sovrane API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/page.css">
${modules.map((name) => `<link rel="modulepreload" href="docs/${name}">`).join('\n')}
<script type="module" src="docs/page.js"></script>
</head>
<body>
<a class="skip" href="#content">To the content</a>
<header>
<p class="brand"><a href="#">Sovrane API</a> <small id="version"></small></p>
<form class="token"><label for="token">Token</label> <input id="token" type="password" autocomplete="off" placeholder="for trying events">
<small id="session" role="status">No token</small></form>
</header>
<div class="columns">
<details id="menu" open>
<summary>Events</summary>
<nav aria-label="Events">
<label class="search"><span>Search</span>
<input id="search" type="search" autocomplete="off" spellcheck="false" aria-describedby="count" placeholder="press / to search"></label>
<p id="count" role="status"></p>
<div id="list"></div>
</nav>
</details>
<main id="content" tabindex="-1">
<noscript><p>This page needs its script. The same is written for programs as <a href="openapi.json">OpenAPI</a>
and <a href="asyncapi.json">AsyncAPI</a>.</p></noscript>
</main>
</div>
<p id="said" role="status" class="unseen"></p>
</body>
</html>
`

/** Both colour schemes; nothing is loaded from anywhere. */
export const css = `
:root { color-scheme: light dark; --ink: #1c2430; --soft: #55606f; --paper: #fff; --side: #f5f7fa; --line: #dbe1e8; --link: #0b5cad;
  --mark: #e8f0fa; --good: #176b37; --bad: #b3261e; --main: #0b5cad; --on-main: #fff; --code: #f3f5f8; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --soft: #a3aebd; --paper: #14181f; --side: #1a1f28; --line: #303846;
  --link: #86b9f5; --mark: #22304a; --good: #74d197; --bad: #ff9a92; --main: #86b9f5; --on-main: #0d1622; --code: #1d232d; } }
* { box-sizing: border-box; }
html { scroll-padding-top: 4rem; }
body { margin: 0; font: 16px/1.55 system-ui, sans-serif; color: var(--ink); background: var(--paper); overflow-wrap: break-word; }
a { color: var(--link); text-underline-offset: .15em; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
[tabindex="-1"]:focus { outline: none; }
code, pre, textarea, .token input { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .875em; }
code { background: var(--code); border-radius: 3px; padding: .1em .3em; }
pre { margin: 0; padding: .9rem 1rem; overflow: auto; max-height: 28rem; background: var(--code); border-radius: 0 0 6px 6px; }
pre code { padding: 0; background: none; white-space: pre-wrap; }
.skip, .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip:focus { width: auto; height: auto; clip-path: none; z-index: 3; padding: .5rem 1rem; background: var(--paper); }
header { position: sticky; top: 0; z-index: 2; display: flex; flex-wrap: wrap; gap: .35rem 1.5rem; align-items: center;
  justify-content: space-between; min-height: 3.25rem; padding: .4rem 1.25rem; background: var(--side);
  border-bottom: 1px solid var(--line); }
.brand { margin: 0; font-weight: 650; white-space: nowrap; }
.brand a { color: inherit; text-decoration: none; }
small, .soft { color: var(--soft); font-size: .8125em; font-weight: 400; }
label > span, .token label { color: var(--soft); font-size: .8125em; }
.token { display: flex; align-items: center; gap: .5rem; min-width: 0; }
.token input { width: 16rem; min-width: 0; flex: 1 1 8rem; }
input, textarea, button { font-size: 1rem; color: inherit; border: 1px solid var(--line); border-radius: 6px; background: var(--paper); }
input, textarea { border-color: var(--soft); padding: .35rem .55rem; }
textarea { display: block; width: 100%; resize: vertical; line-height: 1.5; }
button { font-family: inherit; font-size: .875rem; padding: .3rem .7rem; cursor: pointer; }
button:hover { background: var(--mark); }
button.main { padding: .4rem 1.1rem; font-weight: 600; color: var(--on-main); background: var(--main); border-color: var(--main); }
button:disabled { opacity: .6; cursor: default; }
main { min-width: 0; padding: 1.25rem; max-width: 56rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: .25rem 0 .5rem; overflow-wrap: anywhere; }
main h2 { font-size: 1.05rem; margin: 2rem 0 .6rem; }
.lead { font-size: 1.1rem; margin: .5rem 0; }
.badges { display: flex; flex-wrap: wrap; gap: .4rem; margin: 0; }
.badge { padding: .05rem .5rem; font-size: .75rem; color: var(--soft); border: 1px solid var(--line); border-radius: 1rem;
  white-space: nowrap; }
.badge.mutation { color: var(--ink); border-color: var(--soft); }
.wide { overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; }
table { width: 100%; border-collapse: collapse; font-size: .9375rem; }
th, td { padding: .45rem .8rem; text-align: left; vertical-align: top; border-top: 1px solid var(--line); }
thead th { border-top: 0; font-size: .8125rem; font-weight: 600; color: var(--soft); background: var(--side); white-space: nowrap; }
td:first-child { width: 1%; white-space: nowrap; }
td { overflow-wrap: anywhere; } td:first-child { overflow-wrap: normal; } td:nth-child(3) { min-width: 15rem; }
details summary { cursor: pointer; }
main details { margin-top: .75rem; }
main details pre { margin-top: .5rem; border-radius: 6px; }
.snippets, .answer:not(:empty) { border: 1px solid var(--line); border-radius: 6px; }
.answer { margin-top: 1rem; }
.bar { display: flex; flex-wrap: wrap; gap: .4rem .75rem; align-items: center; padding: .4rem .6rem; border-bottom: 1px solid var(--line); }
.bar .copy { margin-left: auto; }
[role=tablist] { display: flex; gap: .25rem; }
[role=tab] { border-color: transparent; background: none; }
[role=tab][aria-selected=true] { background: var(--mark); font-weight: 600; }
main form label { display: block; margin-bottom: .3rem; }
.send { color: var(--soft); }
.good { color: var(--good); } .bad, .fault { color: var(--bad); }
.fault { margin: .3rem 0; } .fault:empty, #count:empty { display: none; }
nav { padding: 0 1.25rem 1.25rem; }
nav h2 { font-size: .8125rem; font-weight: 600; color: var(--soft); margin: 1.2rem 0 .2rem; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav li a { display: block; padding: .18rem .5rem; margin: 0 -.5rem; font-size: .9375rem; color: inherit; text-decoration: none;
  border-radius: 4px; }
nav li a:hover { background: var(--mark); }
nav li a[aria-current] { background: var(--mark); font-weight: 600; }
.search { display: flex; flex-direction: column; gap: .2rem; padding-top: .9rem; }
#count { margin: .5rem 0 0; font-size: .8125rem; color: var(--soft); }
#menu > summary { padding: .7rem 1.25rem; border-bottom: 1px solid var(--line); font-weight: 600; }
@media (min-width: 60rem) {
  .columns { display: grid; grid-template-columns: 19rem minmax(0, 1fr); }
  #menu { position: sticky; top: 3.25rem; height: calc(100vh - 3.25rem); overflow-y: auto; background: var(--side);
  border-right: 1px solid var(--line); }
  #menu > summary { display: none; }
  main { padding: 1.75rem 2.5rem 5rem; }
}
@media (max-width: 30rem) { .token { flex: 1 1 100%; } .token input { width: auto; } header, main, nav { padding-left: 1rem;
  padding-right: 1rem; } }
@media (prefers-reduced-motion: no-preference) { button, a { transition: background-color .1s; } }
`
