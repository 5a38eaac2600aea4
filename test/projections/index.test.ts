import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { projections } from "../../projections/index.ts"
import { generation } from "../../src/domain/projection.ts"
import { missingSources } from "../../src/domain/stages.ts"
import { decodeParsed } from "../../src/genesys/decoder.ts"
import { allTopics } from "../../src/genesys/topics/index.ts"
import { RESERVED_COLUMNS } from "../../src/store/projection-store.ts"

const examples = allTopics.map(({ template, example }) => ({
  template,
  event: Result.getOrThrow(decodeParsed(example, Date.parse("2026-05-06T10:00:00Z")))
}))

describe("every projection", () => {
  it("has a name and version of its own, fit for a table", () => {
    const names = projections.map(generation)
    assert.strictEqual(new Set(names).size, names.length)
    for (const name of names) assert.match(name, /^[a-z][a-z0-9-]*-v[1-9]\d*$/)
  })

  it("keeps a closed row for a day, and what happened in an interval for five weeks", () => {
    const days = (name: string) => (name.endsWith("-intervals") ? 35 : 1)
    for (const { name, tombstoneSeconds } of projections)
      assert.strictEqual(tombstoneSeconds, days(name) * 24 * 60 * 60, name)
  })

  it("derives from nothing that is not listed, in a version that will do", () =>
    assert.deepStrictEqual(missingSources(projections), []))

  for (const projection of projections)
    it(`${projection.name} lists exactly the topics that it folds`, () => {
      const folds = examples.filter(({ event }) => projection.deltas(event).length > 0).map(({ template }) => template)
      // Their events are about several kinds of things; their examples are about one.
      const several = [
        "snapshot.agents.{id}",
        "v2.audits.entitytype.{id}.entityid.{id}",
        "v2.detail.events.agent.{id}.state",
        "v2.users.{id}.integrationpresence"
      ]
      const listed = projection.topics.filter((topic) => folds.includes(topic) || !several.includes(topic))
      assert.sameMembers(listed, folds)
    })

  for (const projection of projections)
    it(`${projection.name} uses no column that the store needs`, () => {
      for (const { event } of examples)
        for (const { row, register, value } of projection.deltas(event)) {
          const registers = new Map([[register, { value, stamp: { clock: 0, published: 0, eventId: "e" } }]])
          for (const column of Object.keys(projection.view(row, registers)))
            assert.isFalse(RESERVED_COLUMNS.has(column) || column === projection.key, column)
        }
    })
})
