import { readFile } from "node:fs/promises"
import type { Plugin } from "esbuild"

/**
 * Ways to credentials that Lambda never takes, because it puts them into the environment. The SDK loads them on demand only; together
 * with the clients that they need they would be a seventh of the code.
 */
export const foreignCredentials: ReadonlyArray<string> = [
  ...["http", "ini", "login", "process", "sso", "web-identity"].map((way) => `@aws-sdk/credential-provider-${way}`),
  "@smithy/credential-provider-imds"
]

/** Of its own manifest a client of the SDK reads the version alone, to say it to AWS; the rest would be 2 KB for each client. */
const versionsAlone: Plugin = {
  name: "versions alone",
  setup: (build) => {
    build.onLoad({ filter: /[\\/]@aws-sdk[\\/]client-[\w-]+[\\/]package\.json$/ }, async ({ path }) => {
      const { version } = JSON.parse(await readFile(path, "utf8")) as { readonly version: string }
      return { contents: JSON.stringify({ version }), loader: "json" }
    })
  }
}

/** `const _e = "error"; const a = { [_e]: 1 }` with `{ "error": 1 }`: names of properties that constants of the same module give. */
export const plainNames = (module: string): string => {
  const texts = new Map([...module.matchAll(/^const (\w+) = ("[^"]*");$/gm)].map(([, name, text]) => [name, text]))
  return module.replace(/\[(\w+)\]:/g, (computed, name: string) => {
    const text = texts.get(name)
    return text === undefined ? computed : `${text}:`
  })
}

/**
 * The shapes of a client, of which a function needs few. esbuild keeps every object with a computed name, since computing it might do
 * something: of the client of S3 that would be 55 KB.
 */
const plainShapes: Plugin = {
  name: "plain shapes",
  setup: (build) => {
    build.onLoad(
      { filter: /[\\/]@aws-sdk[\\/]client-[\w-]+[\\/]dist-es[\\/]schemas[\\/]\w+\.js$/ },
      async ({ path }) => ({ contents: plainNames(await readFile(path, "utf8")), loader: "js" })
    )
  }
}

/** Leave out of a bundle what no function uses of the AWS SDK, and esbuild cannot know. */
export const smallerSdk: ReadonlyArray<Plugin> = [versionsAlone, plainShapes]
