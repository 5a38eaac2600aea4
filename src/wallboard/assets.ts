import { existsSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"

/** A file of the page, as it is sent. */
export interface Asset {
  readonly type: string
  readonly body: Uint8Array
}

export type Assets = ReadonlyMap<string, Asset>

const page = fileURLToPath(new URL("page", import.meta.url))

const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<rect width="32" height="32" rx="8" fill="#10231f"/>
<g fill="#34d8a2"><rect x="7" y="15" width="4" height="10" rx="2"/><rect x="14" y="7" width="4" height="18" rx="2"/></g>
<rect x="21" y="11" width="4" height="14" rx="2" fill="#7fb4ff"/>
</svg>`

/** Scripts and styles are files of their own, because the page's policy allows no others. */
const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Wallboard</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/page.css">
<script type="module" src="/page.js"></script>
</head>
<body><noscript>The wallboard needs JavaScript. The tables can be read without it: see docs/tables.md.</noscript></body>
</html>
`

const asset = (type: string, text: string): Asset => ({ type, body: Buffer.from(text) })

/** The page's script and style. */
export interface PageBundle {
  readonly js: string
  readonly css: string
}

/** Bundles the page, which takes a moment. Rejects with esbuild's own errors. */
export const bundlePage = async (): Promise<PageBundle> => {
  const { build } = await import("esbuild")
  const { outputFiles } = await build({
    entryPoints: [`${page}/main.tsx`],
    outdir: page,
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2024",
    minify: true,
    legalComments: "none",
    logLevel: "silent",
    write: false,
    tsconfig: `${page}/tsconfig.json`
  })
  const textOf = (end: string) => outputFiles.find(({ path }) => path.endsWith(end))?.text ?? ""
  return { js: textOf(".js"), css: textOf(".css") }
}

/** What was built beside the published command, where the sources of the page are not. */
const builtPage = async (): Promise<PageBundle | undefined> => {
  const [js, css] = [`${page}/page.js`, `${page}/page.css`]
  return existsSync(js) ? { js: await readFile(js, "utf8"), css: await readFile(css, "utf8") } : undefined
}

/** All files of the page in memory, by path. Rejects where it cannot be bundled. */
export const bundleAssets = async (): Promise<Assets> => {
  const { js, css } = (await builtPage()) ?? (await bundlePage())
  return new Map([
    ["/", asset("text/html; charset=utf-8", html)],
    ["/page.js", asset("text/javascript; charset=utf-8", js)],
    ["/page.css", asset("text/css; charset=utf-8", css)],
    ["/icon.svg", asset("image/svg+xml", icon)]
  ])
}
