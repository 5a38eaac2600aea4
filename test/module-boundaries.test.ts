import { readdirSync, readFileSync } from "node:fs"
import { dirname, join, normalize, relative } from "node:path"
import { assert, describe, it } from "@effect/vitest"

const root = join(import.meta.dirname, "..")

/** The folders that a folder may import from, besides itself. `local` hosts all others on one machine. */
const mayImport: Readonly<Record<string, ReadonlyArray<string>>> = {
  "src/domain": [],
  "src/genesys": ["src/domain"],
  projections: ["src/domain", "src/genesys"],
  "src/store": ["src/domain", "src/genesys", "projections"],
  // The platform's API, for the reader's decisions and for what is compared with it.
  "src/genesys-api": ["src/domain", "src/genesys", "src/store"],
  "src/pipeline": ["src/domain", "src/genesys", "projections", "src/store", "src/genesys-api"],
  "src/lambda": ["src/domain", "src/genesys", "projections", "src/store", "src/genesys-api", "src/pipeline"],
  "src/infra": ["src/domain", "src/genesys", "projections"],
  // What a projection of somebody else imports, and a function with it.
  "src/projection": ["src/domain", "src/genesys", "projections"],
  "src/read": ["src/domain", "src/genesys", "projections", "src/store", "src/genesys-api"],
  // The reader behind HTTP, and the function that serves it.
  "src/http": ["src/domain", "src/genesys", "projections", "src/store", "src/genesys-api", "src/read", "src/lambda"],
  // A contact centre that does not exist: its events and its API.
  "src/simulator": ["src/domain", "src/genesys"],
  "src/testing": ["src/domain", "src/genesys", "projections", "src/store", "src/pipeline"],
  // The wall's page, its server, and what both make of rows, wherever these come from.
  "src/wallboard": ["src/domain", "src/genesys", "projections"],
  "src/cli": [
    "src/domain",
    "src/genesys",
    "projections",
    "src/store",
    "src/genesys-api",
    "src/pipeline",
    "src/simulator",
    // The wall of a deployed stack reads as any reader does.
    "src/read",
    "src/wallboard"
  ],
  "src/local": [
    "src/domain",
    "src/genesys",
    "projections",
    "src/store",
    "src/genesys-api",
    "src/simulator",
    "src/pipeline",
    "src/lambda",
    "src/infra",
    "src/wallboard",
    "src/http",
    "."
  ],
  // The command works on deployed stacks and on a folder of this machine without knowing how either is reached: here they meet.
  "src/bin": ["src/cli", "src/local", "src/infra", "src/pipeline", "src/wallboard"],
  ".": ["src/domain", "projections", "src/infra"]
}

/** Packages that a pure folder may use: data types and decoding, no runtime. */
const pure = ["src/domain", "src/genesys", "projections"]
const pureModules = /^effect$/
const pureNames = new Set(["Result", "Schema", "SchemaAST", "Option", "SchemaTransformation", "SchemaIssue", "Data"])

const files = (dir: string): ReadonlyArray<string> =>
  readdirSync(join(root, dir), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))

const roomOf = (file: string): string =>
  file.startsWith("src/")
    ? file.split("/").slice(0, 2).join("/")
    : file.startsWith("projections/")
      ? "projections"
      : "."

interface Import {
  readonly file: string
  readonly from: string
  readonly names: ReadonlyArray<string>
  readonly target: string | undefined
}

const importsOf = (file: string): ReadonlyArray<Import> =>
  [
    ...readFileSync(join(root, file), "utf8").matchAll(
      /^(?:import|export)\s+(?:(?:type\s+)?([\w\s{},*$]*?)\s*from\s*)?"([^"]+)"/gm
    )
  ].map(([, clause = "", from = ""]) => ({
    file,
    from,
    names: [...clause.matchAll(/(?:type\s+)?(\w+)(?:\s+as\s+\w+)?/g)].map(([, name = ""]) => name),
    target: from.startsWith(".") ? normalize(join(dirname(file), from)) : undefined
  }))

const sources = [...files("src"), ...files("projections"), "index.ts"]
const imports = sources.flatMap(importsOf)

describe("module boundaries", () => {
  it("has no folder without a rule", () => {
    assert.deepStrictEqual(
      [...new Set(sources.map(roomOf))].filter((room) => !(room in mayImport)),
      []
    )
    assert.isAbove(imports.length, 50)
  })

  it("imports point one way", () => {
    const wrong = imports.filter(({ file, target }) => {
      if (target === undefined) return false
      const [room, other] = [roomOf(file), roomOf(target)]
      return room !== other && !(mayImport[room] ?? []).includes(other)
    })
    assert.deepStrictEqual(
      wrong.map(({ file, target }) => `${file} -> ${target}`),
      []
    )
  })

  it("the pure folders use no runtime, no Node and no AWS", () => {
    const wrong = imports.filter(
      ({ file, from, names, target }) =>
        pure.includes(roomOf(file)) &&
        target === undefined &&
        !(
          roomOf(file) !== "src/domain" &&
          pureModules.test(from) &&
          names.every((name) => name === "type" || pureNames.has(name))
        )
    )
    assert.deepStrictEqual(
      wrong.map(({ file, from, names }) => `${file}: ${names.join(", ")} from ${from}`),
      []
    )
  })

  it("clock, chance and console stay behind services", () => {
    const escape = /\b(?:Date\.now\(|new Date\(\)|Math\.random\(|console\.)/
    const allowed = new Set(["src/wallboard/page/clock.ts"])
    assert.deepStrictEqual(
      sources.filter((file) => !allowed.has(file) && escape.test(readFileSync(join(root, file), "utf8"))),
      []
    )
  })

  it("packages stand alone: they are imported by name, and import nothing of this tree", () => {
    const packaged = files("packages").filter((file) => !file.includes("node_modules"))
    const tree = [...sources, ...files("test"), ...files("bench")]
    const intoPackage = tree
      .flatMap(importsOf)
      .filter(({ target, from }) => target?.startsWith("packages/") || /^aws-in-process\/(?:src|test)\b/.test(from))
    const outOfPackage = packaged.flatMap(importsOf).filter(({ file, target, from }) => {
      const home = file.split("/").slice(0, 2).join("/")
      return target === undefined ? from.startsWith("genesys-cloud-projections") : !target.startsWith(`${home}/`)
    })
    assert.isAbove(packaged.length, 50)
    assert.deepStrictEqual(
      [...intoPackage, ...outOfPackage].map(({ file, from }) => `${file} -> ${from}`),
      []
    )
  })

  it("packages declare what their sources import", () => {
    const undeclared = readdirSync(join(root, "packages")).flatMap((name) => {
      const { dependencies } = JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8"))
      return files(`packages/${name}/src`)
        .flatMap(importsOf)
        .filter(({ from }) => !/^(?:\.|node:)/.test(from))
        .map(({ file, from }) => ({
          file,
          from: from
            .split("/")
            .slice(0, from.startsWith("@") ? 2 : 1)
            .join("/")
        }))
        .filter(({ from }) => !(from in dependencies) && !(`@types/${from}` in dependencies))
    })
    assert.deepStrictEqual(undeclared, [])
  })
})
