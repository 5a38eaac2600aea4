import { existsSync, readFileSync } from "node:fs"
import { dirname, join, normalize } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { settings } from "../../src/infra/settings.ts"
import { flags } from "../../src/local/options.ts"
import { projectFile } from "../../src/local/stack-config.ts"
import { dryCommand } from "../cli/harness.ts"
import { blocksOf, type Page, pages, root } from "./pages.ts"
import { commandsOf } from "./shell.ts"

const SHELLS = ["sh", "bash", "console"]

/** Commands of the blocks of a page, as words. */
const inBlocks = (page: Page) =>
  blocksOf(page)
    .filter(({ language }) => SHELLS.includes(language))
    .flatMap(({ code, language }) => commandsOf(code, language === "console"))

/** Commands that prose names, as words. */
const inProse = ({ text }: Page) =>
  [...text.replace(/^```.*?^```$/gms, "").matchAll(/`((?:npm|npx|aws) [^`\n]+)`/g)].flatMap(([, code = ""]) =>
    commandsOf(code, false)
  )

const everything = (page: Page) => [...inBlocks(page), ...inProse(page)]

const startsWith =
  (...start: ReadonlyArray<string>) =>
  (words: ReadonlyArray<string>) =>
    start.every((word, i) => words[i] === word)

/** `time-zone` as the options of a command are called in its code. */
const camelCase = (name: string): string => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())

const flagsOf = (words: ReadonlyArray<string>) =>
  words.filter((word) => /^--[a-z]/.test(word)).map((word) => word.slice(2).replace(/=.*/, ""))

const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  readonly scripts: Readonly<Record<string, string>>
}
const outputs = new Set(
  [...readFileSync(join(root, "src/infra/outputs.ts"), "utf8").matchAll(/^ {2}readonly (\w+): /gm)].map(
    ([, name]) => name
  )
)
const keys = new Set([...Object.keys(settings), ...Object.keys(projectFile().config ?? {})])

/** All that a page shows as code, in blocks and in prose. */
const codeOf = (page: Page): string =>
  [
    ...blocksOf(page).map(({ code }) => code),
    ...[...page.text.replace(/^```.*?^```$/gms, "").matchAll(/`([^`\n]+)`/g)].map(([, code]) => code)
  ].join("\n")

/** Files that a page adds to the project, and copies that it has made. */
const makes = (page: Page): ReadonlyArray<string> => [
  ...blocksOf(page).map(({ info }) => info),
  ...[...page.text.matchAll(/[Cc]opy `[^`]+` to `([^`]+)`/g)].map(([, path = ""]) => path)
]

/** What a page says and the project does not know. */
const unknownOf = (page: Page): ReadonlyArray<string> => {
  const all = everything(page)
  const code = codeOf(page)
  const every = (pattern: RegExp) => [...code.matchAll(pattern)].map(([, name = ""]) => name)
  const asked = all.filter(startsWith("npm", "run")).map(([, , name = ""]) => name)
  const started = all.filter((words) => startsWith("npm", "start")(words) && words.includes("--"))
  const tested = all
    .filter(startsWith("npx", "vitest", "run"))
    .flatMap((words) => words.slice(3).filter((word) => !word.startsWith("-")))
  const configured = every(/pulumi config (?:get|set|rm)(?: --\S+)* ([A-Za-z][\w:.-]*)/g)
  const own = every(/genesys-cloud-projections:([A-Za-z]\w*)(?!:)/g).filter((name) => !/^[A-Z]/.test(name))
  const shown = every(/pulumi stack output ([A-Za-z]\w*)/g)
  const helper = /^out\(\)/m.test(code) ? every(/(?:\$\(out|\bqueue) ([A-Za-z]\w*)/g) : []
  return [
    ...asked.filter((name) => !(name in scripts)).map((name) => `npm run ${name}`),
    ...started
      .flatMap((words) => flagsOf(words.slice(words.indexOf("--") + 1)))
      .filter((name) => !(camelCase(name) in flags) && name !== "help" && !name.startsWith("no-"))
      .map((name) => `npm start -- --${name}`),
    ...every(/^((?:src|test|projections|docs|bench)\/[\w./-]*\w)\/?$/gm)
      .filter((path) => !existsSync(join(root, path)) && !makes(page).includes(path))
      .map((path) => `file ${path}`),
    ...tested.filter((path) => !existsSync(join(root, path))).map((path) => `npx vitest run ${path}`),
    ...[...configured, ...own].filter((key) => !keys.has(key)).map((key) => `configuration key ${key}`),
    ...[...shown, ...helper].filter((name) => !outputs.has(name)).map((name) => `stack output ${name}`)
  ]
}

/** Variables that the commands of AWS, Pulumi and Node read. */
const FOREIGN = /^((AWS|PULUMI|GENESYSCLOUD)_[A-Z_]+|HTTPS_PROXY|NODE_USE_ENV_PROXY)$/

const unusedVariables = (page: Page): ReadonlyArray<string> =>
  inBlocks(page)
    .flatMap((words) =>
      words.flatMap((word, i) => (i === 0 || words[0] === "export" ? (/^([A-Z][A-Z_]*)=/.exec(word)?.[1] ?? []) : []))
    )
    .filter((name) => !FOREIGN.test(name) && !new RegExp(`\\$\\{?${name}\\b`).test(page.text))

const slugOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, "")
    .trim()
    .replaceAll(" ", "-")

const anchorsOf = (text: string): ReadonlySet<string> =>
  new Set([...text.replace(/^```.*?^```$/gms, "").matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => slugOf(heading)))

const deadLinks = ({ path, text }: Page): ReadonlyArray<string> =>
  [...text.replace(/^```.*?^```$/gms, "").matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = ""]) => {
    if (/^[a-z]+:/.test(link)) return []
    const [file = "", anchor] = link.split("#")
    const target = file === "" ? path : normalize(join(dirname(path), file))
    if (!existsSync(join(root, target))) return [link]
    if (anchor === undefined || anchorsOf(readFileSync(join(root, target), "utf8")).has(anchor)) return []
    return [link]
  })

describe.each(pages())("$path", (page) => {
  it("names scripts, options, tests, configuration keys and outputs that exist", () => {
    assert.deepStrictEqual(unknownOf(page), [])
  })

  it("sets no variable that nothing reads", () => {
    assert.deepStrictEqual(unusedVariables(page), [])
  })

  it("links what is there", () => {
    assert.deepStrictEqual(deadLinks(page), [])
  })

  it("gives the operator's command what it takes", async () => {
    const wrong: Array<string> = []
    for (const words of everything(page).filter(startsWith("npx", "projections"))) {
      const args = words.slice(2)
      if (args.length === 0) continue
      const named = ["--stack", "--local", "--outputs"].some((flag) => args.includes(flag))
      // Prose may leave out which stack, and what else a command needs. All that stops the others is that there is no such stack.
      const { err } = await dryCommand(...args, ...(named ? [] : ["--stack", "x"]))
      const accepted = named ? /^looked for a /m : /^looked for a |[Mm]issing|--why/m
      if (!accepted.test(err)) wrong.push(`${words.join(" ")}: ${err}`)
    }
    assert.deepStrictEqual(wrong, [])
  })
})
