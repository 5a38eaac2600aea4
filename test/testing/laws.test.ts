import { assert, describe, it } from "@effect/vitest"
import { agents } from "../../projections/agents.ts"
import { projections } from "../../projections/index.ts"
import type { Update } from "../../src/domain/delta.ts"
import type { Projection } from "../../src/domain/projection.ts"
import type { Event } from "../../src/genesys/event.ts"
import { checkLaw, historiesOf, LawBroken, laws, projectionLaws } from "../../src/testing/index.ts"

const TOPICS = ["acd.start", "acd.end"].map((name) => `v2.detail.events.conversation.{id}.${name}`)

const kept = (row: string, value: Update["value"], clock?: number): Update => ({
  entity: "queue",
  row,
  register: "value",
  value,
  ...(clock === undefined ? {} : { clock })
})

/** A projection that keeps what it is made of, and breaks no law by itself. */
const made = (deltas: Projection<Event>["deltas"], parts: Partial<Projection<Event>> = {}): Projection<Event> => ({
  name: "made",
  version: 1,
  key: "queueId",
  topics: TOPICS,
  deltas: (event) => (TOPICS.includes(event.topic) ? deltas(event) : []),
  view: (_, registers) => ({ value: registers.get("value")?.value ?? null }),
  closed: () => false,
  tombstoneSeconds: 60,
  ...parts
})

const sound = ({ topic }: Event) => [kept("row", topic)]
const arrival = ({ received }: Event) => [kept("row", received, 0)]

const counter = () => {
  let count = 0
  return made(() => [kept("row", ++count)])
}

/** Folds an event as before for two times, so that asking twice does not show it. */
const fickle = () => {
  const times = new Map<string, number>()
  return made(({ id }) => {
    const count = (times.get(id) ?? 0) + 1
    times.set(id, count)
    return [kept(count > 2 ? "another row" : "row", 1)]
  })
}

const summary = { reads: () => true, columns: ["value"] }

interface Breach {
  readonly law: string
  readonly what: string
  /** How few events show it; absent where that depends on what came before. */
  readonly events?: number
  readonly projection: () => Projection<Event>
}

const breaches: ReadonlyArray<Breach> = [
  {
    law: "topics",
    what: "folds a topic that it does not list",
    events: 1,
    projection: () => made(sound, { topics: TOPICS.slice(1), deltas: sound })
  },
  { law: "storage", what: "keeps what is no JSON", events: 1, projection: () => made(() => [kept("row", Number.NaN)]) },
  {
    law: "storage",
    what: "has a column that the store needs",
    events: 1,
    projection: () => made(sound, { view: () => ({ version: 1 }) })
  },
  {
    law: "storage",
    what: "has its key among its columns",
    events: 1,
    projection: () => made(sound, { view: () => ({ queueId: "q" }) })
  },
  { law: "purity", what: "counts by +1", events: 1, projection: counter },
  { law: "order", what: "keeps the time of arrival", events: 2, projection: () => made(arrival) },
  {
    law: "order",
    what: "lets the last to arrive win",
    events: 2,
    projection: () => made(({ received, id }) => [kept("row", id, received)])
  },
  { law: "duplication", what: "changes its mind at the third time", projection: fickle },
  { law: "batching", what: "changes its mind at the third time", projection: fickle },
  { law: "replay", what: "changes its mind at the third time", projection: fickle },
  {
    law: "summary",
    what: "counts closed rows",
    events: 1,
    projection: () =>
      made(sound, { closed: () => true, summary: { ...summary, of: (rows) => ({ rows: rows.length }) } })
  },
  {
    law: "summary",
    what: "reads a column that it does not name",
    events: 1,
    projection: () =>
      made(sound, {
        summary: { ...summary, columns: [], of: (rows) => ({ all: rows.map(({ columns }) => columns.value ?? null) }) }
      })
  },
  {
    law: "summary",
    what: "depends on the order of rows",
    events: 2,
    projection: () =>
      made(({ id }) => [kept(id, id)], {
        summary: { ...summary, of: (rows) => ({ first: rows[0]?.row ?? null }) }
      })
  }
]

const breachOf = async (name: string, projection: Projection<Event>): Promise<LawBroken> => {
  const law = laws.find((one) => one.name === name)
  if (law === undefined) throw new Error(`no law of ${name}`)
  const histories = historiesOf(projection)
  for (let seed = 1; seed <= 20; seed++)
    try {
      await checkLaw(law, projection, histories(seed))
    } catch (error) {
      if (error instanceof LawBroken) return error
      throw error
    }
  throw new Error(`${name} holds`)
}

describe("a law", () => {
  it.each(breaches)("of $law is broken by a projection that $what", async ({ law, events, projection }) => {
    const error = await breachOf(law, projection())
    assert.strictEqual(error.law, law)
    if (events !== undefined) assert.strictEqual(error.history.length, events, error.message)
    assert.include(error.message, `made breaks the law of ${law}: `)
    for (const { topicName } of error.history) assert.include(error.message, topicName)
    assert.notStrictEqual(error.expected, error.actual)
  })

  it("is broken by something for each law, and holds for what keeps to it", async () => {
    assert.sameMembers(
      [...new Set(breaches.map(({ law }) => law))],
      laws.map(({ name }) => name)
    )
    for (const law of laws) await checkLaw(law, made(sound), historiesOf(made(sound))(1))
  })
})

describe("generated histories", () => {
  it("are the same by the same seed, and others by another", () => {
    const histories = historiesOf(agents)
    assert.deepStrictEqual(histories(3), histories(3))
    assert.notDeepEqual(histories(3), histories(4))
  })

  it("state facets of every topic that a projection lists, and hold some that it does not", () => {
    for (const projection of projections) {
      const stated = new Set<string>()
      for (let seed = 1; seed <= 40; seed++)
        for (const { topic, facets } of historiesOf(projection)(seed)) if (facets.length > 0) stated.add(topic)
      assert.includeMembers([...stated], [...projection.topics])
      assert.isAbove(stated.size, projection.topics.length)
    }
  })

  it("are none where the contract knows no topic of the projection", () => {
    assert.deepStrictEqual(historiesOf(made(sound, { topics: ["v2.of.nobody"] }))(1), [])
  })
})

describe("the suite", () => {
  const suiteOf = (projection: Projection<Event>, histories?: (seed: number) => ReadonlyArray<Event>) => {
    const tests = new Map<string, () => Promise<void>>()
    projectionLaws(projection, {
      describe: (_, body) => body(),
      it: (title, body) => tests.set(title.split(":")[0] ?? "", body),
      runs: 3,
      ...(histories === undefined ? {} : { histories })
    })
    return tests
  }

  it("has a test for each law, which fails where it is broken", async () => {
    const tests = suiteOf(made(arrival))
    assert.deepStrictEqual(
      [...tests.keys()],
      laws.map(({ name }) => name)
    )
    const failed: Array<string> = []
    for (const [name, run] of tests)
      await run().catch((error: Error) => {
        failed.push(`${name} ${error.name}`)
      })
    assert.deepStrictEqual(failed, ["order AssertionError"])
  })

  it("takes histories of somebody's own", async () => {
    const seeds: Array<number> = []
    const tests = suiteOf(made(sound), (seed) => {
      seeds.push(seed)
      return []
    })
    await tests.get("purity")?.()
    assert.deepStrictEqual(seeds, [1, 2, 3])
  })
})
