import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"

interface Locked {
  readonly version?: string
  readonly resolved?: string
  readonly link?: boolean
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const text = readFileSync(new URL("../package-lock.json", import.meta.url), "utf8")
const packages = (JSON.parse(text) as { packages: Readonly<Record<string, Locked>> }).packages
const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"))

describe("the lockfile", () => {
  it("names no host, so that it installs from whatever registry is configured", () => {
    assert.notMatch(text, /https?:\/\//)
    assert.isEmpty(Object.values(packages).filter(({ resolved, link }) => link !== true && resolved !== undefined))
  })

  it("holds the builds for every platform, or a clean install refuses it on another", () => {
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) =>
          packages[`${path}/node_modules/${name}`] === undefined && packages[`node_modules/${name}`] === undefined
      )
    )
    assert.deepStrictEqual(missing, [])
  })

  it("holds what the manifest asks for, at exact versions", () => {
    const wanted = { ...manifest.dependencies, ...manifest.devDependencies } as Readonly<Record<string, string>>
    for (const [name, spec] of Object.entries(wanted)) {
      const version = spec.startsWith("npm:") ? spec.slice(spec.lastIndexOf("@") + 1) : spec
      assert.match(version, /^\d+\.\d+\.\d+$/, name)
      const entry = packages[`node_modules/${name}`]
      // A workspace is a link to its folder.
      const { version: locked } = entry?.link === true ? (packages[entry.resolved ?? ""] ?? {}) : (entry ?? {})
      assert.strictEqual(locked, version, name)
    }
  })
})
