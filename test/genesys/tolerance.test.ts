import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { decodeParsed } from "../../src/genesys/decoder.ts"
import type { Event, Facet } from "../../src/genesys/event.ts"
import { allTopics } from "../../src/genesys/topics/index.ts"

const decode = (envelope: unknown): Event => Result.getOrThrow(decodeParsed(envelope, 0))

type Node = { [key: string]: unknown }
type Path = ReadonlyArray<string>

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null

/** The paths of all parts of a value, its own first. */
const paths = (value: unknown, path: Path = []): ReadonlyArray<Path> =>
  isNode(value) ? [path, ...Object.keys(value).flatMap((key) => paths(value[key], [...path, key]))] : [path]

const get = (value: unknown, path: Path): unknown => path.reduce((at, key) => (at as Node)[key], value)

const set = (value: unknown, path: Path, to: unknown): unknown => {
  const copy = structuredClone(value)
  ;(get(copy, path.slice(0, -1)) as Node)[path.at(-1) as string] = to
  return copy
}

const wrongs: ReadonlyArray<unknown> = [null, true, -1.5, "wrong", "", [], {}, [null], [[{}]], { id: { id: {} } }]
const body: Path = ["detail", "eventBody"]
const bodyPaths = (envelope: unknown) => paths(get(envelope, body), body)

/** Which part of an `.activity` body each of its facets rests on. */
const parts: { readonly [facet: string]: ReadonlyArray<string> } = {
  presence: ["presence"],
  routingStatus: ["routingStatus"],
  outOfOffice: ["outOfOffice"],
  activeQueues: ["activeQueueIds", "dateActiveQueuesChanged"]
}
const activity = allTopics[0]?.example

describe("tolerance", () => {
  it.prop(
    "[P7] unknown fields at every level change nothing",
    [
      Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(20)),
      Schema.Union([Schema.Literals(["text", 7, true]), Schema.Null])
    ],
    ([name, value]) => {
      for (const { example } of allTopics) {
        for (const path of paths(example)) {
          const node = get(example, path)
          if (!isNode(node) || Array.isArray(node) || name in node || name in Object.prototype) continue
          // The numbers of a metric are an open set, and a new one is a statement.
          if (path.at(-1) === "stats") continue
          const told =
            path.length === 0 ? { ...example, [name]: value } : set(example, path, { ...node, [name]: value })
          assert.deepStrictEqual(decode(told).facets, decode(example).facets, name)
        }
      }
    },
    { arbitrary: { runs: 20 } }
  )

  it("[P7] a wrong type anywhere in a body is never refused, and states nothing that was not there", () => {
    for (const { example } of allTopics)
      for (const path of bodyPaths(example))
        for (const wrong of [undefined, ...wrongs]) {
          const event = decode(set(example, path, wrong))
          assert.isTrue(event.routed)
          for (const facet of event.facets) {
            assert.isString(facet.facet)
            if (facet.clock !== undefined) assert.isTrue(Number.isInteger(facet.clock))
          }
          assert.isAtMost(event.facets.length, decode(example).facets.length)
        }
  })

  it("[P7] a wrong type costs its own facet and no neighbour's", () => {
    const whole = decode(activity).facets
    const of = (facets: ReadonlyArray<Facet>, name: string) => facets.find(({ facet }) => facet === name)
    for (const path of bodyPaths(activity).slice(1))
      for (const wrong of wrongs) {
        const facets = decode(set(activity, path, wrong)).facets
        for (const facet of Object.keys(parts))
          if (!parts[facet]?.includes(path[2] as string)) assert.deepStrictEqual(of(facets, facet), of(whole, facet))
      }
  })

  it.prop("[P7] any JSON for any part of a body", [Schema.Json, Schema.Json], ([first, second]) => {
    for (const { example } of allTopics) {
      const all = bodyPaths(example)
      const path = all[JSON.stringify(first).length % all.length] as Path
      for (const json of [first, second]) {
        const decoded = decodeParsed(set(example, path, JSON.parse(JSON.stringify(json))), 0)
        if (Result.isFailure(decoded)) assert.strictEqual(decoded.failure._tag, "NumberOutOfRange")
      }
    }
  })

  it("gives facets that are plain JSON, without undefined or null fields of their own", () => {
    for (const { example } of allTopics)
      for (const path of bodyPaths(example))
        for (const wrong of wrongs) {
          const { facets } = decode(set(example, path, wrong))
          assert.deepStrictEqual(JSON.parse(JSON.stringify(facets)), facets)
        }
  })
})
