import { assert, describe, it } from "@effect/vitest"
import type { Json } from "../../src/domain/json.ts"
import { allTopics } from "../../src/genesys/topics/index.ts"
import type { Arrival } from "../../src/pipeline/append.ts"
import { quarantineKey } from "../../src/store/quarantine.ts"
import { StoreError } from "../../src/store/store-error.ts"
import { makeCore, type Wraps } from "../support/core.ts"
import { poisons } from "../support/garbage.ts"
import { arrival, START } from "../support/history.ts"

const CANARY = /canary<([^>]*)>/g

/** What Genesys may say of people, added to every body. */
const people = {
  ani: "+12025550100",
  dnis: "+12025550101",
  addressTo: "someone@example.com",
  addressFrom: "somebody@example.com",
  participantName: "A Caller",
  notes: "said that",
  message: "out for lunch",
  name: "An Agent",
  email: "agent@example.com"
}

/** The value with each text in it replaced by a canary that says where it was, and each key that means nothing added as one. */
const canaries = (value: Json, path: string): Json => {
  if (typeof value === "string") return `canary<${path}>`
  if (typeof value !== "object" || value === null) return value
  if (Array.isArray(value)) return value.map((element) => canaries(element, `${path}[]`))
  const fields = Object.entries(value).map(([key, field]) => [key, canaries(field, `${path}.${key}`)])
  return { ...Object.fromEntries(fields), [`canary<${path}.key>`]: `canary<${path}.unknown>` }
}

/** An event of each topic in which every text of the body is a canary, its envelope's own fields apart. */
const planted = allTopics.map(({ template, example }): string => {
  const envelope = JSON.parse(JSON.stringify(example)) as { readonly [key: string]: Json }
  const detail = envelope.detail as { readonly [key: string]: Json }
  const body = { ...(detail.eventBody as { readonly [key: string]: Json }), ...people }
  return JSON.stringify({
    ...envelope,
    account: "canary<account>",
    novelty: "canary<novelty>",
    detail: {
      ...detail,
      eventBody: canaries(body, template.replace(/^v2\.|\{id\}\./g, "")),
      metadata: { ...(canaries(detail.metadata ?? {}, "metadata") as { readonly [key: string]: Json }) }
    }
  })
})

const found = (texts: ReadonlyArray<string>): ReadonlyArray<string> =>
  [...new Set(texts.flatMap((text) => [...text.matchAll(CANARY)].map(([, path = ""]) => path)))].sort()

/** Everything that append and project say about a batch, apart from the messages between them. */
const said = async (arrivals: ReadonlyArray<Arrival>, wraps: Wraps = {}) => {
  const core = makeCore(wraps)
  const reports = [await core.deliver(arrivals), await core.deliver(arrivals)]
  const bodies = core.queue.waiting().map(({ body }) => body)
  const projected = await core.settle([...bodies, '{"v":2,"deltas":["canary<message>"]}', "canary<text>"])
  const entries = [...core.quarantine.kept().values()].flatMap((entry) => [
    entry.reason,
    entry.detail,
    quarantineKey(entry)
  ])
  return {
    texts: [...core.lines, ...reports.map((r) => JSON.stringify(r)), JSON.stringify(projected), ...entries],
    bodies
  }
}

/** `id` and `name` alone say nothing of whose they are. */
const fieldOf = (path: string): string => {
  const parts = path.split(".")
  const last = parts.at(-1) ?? ""
  return last === "id" || last === "name" ? parts.slice(-2).join(".") : last
}

/**
 * The fields of a body that a settle message may carry, because the tables show them: ids, states, outcomes, media and measures, and
 * what a station is called.
 */
const ALLOWED = [
  "acdOutcome",
  "activeQueueIds[]",
  "associatedStation.id",
  "associatedStation.name",
  "conversationId",
  "currentState",
  "direction",
  "disconnectType",
  "mediaType",
  "mediatype",
  "metric",
  "originatingDirection",
  "persistentState",
  "presenceDefinition.id",
  "qualifier",
  "queueId",
  "sessionId",
  "stationId",
  "status",
  "systemPresence",
  "user.id",
  "userId",
  "wrapupCode"
]

describe("what the functions say", () => {
  const arrivals = planted.map((line, i) => arrival(line, START + i))

  it("[P11] holds no value of a payload, whatever the topic", async () => {
    const { texts, bodies } = await said(arrivals)
    assert.isAbove(bodies.length, 0)
    assert.deepStrictEqual(found(texts), [])
  })

  it("[P11] carries from append to project only what the tables show", async () => {
    // One by one: in a batch the later of two updates of a register would hide the other.
    const all = await Promise.all(arrivals.map((one) => said([one])))
    const fields = new Set(found(all.flatMap(({ bodies }) => bodies)).map(fieldOf))
    assert.deepStrictEqual([...fields].sort(), ALLOWED)
  })

  it("[P11] holds no value of a record that is refused, for whatever reason", async () => {
    const refused = planted.flatMap((line) => Object.values(poisons(line)))
    const dated = planted.map((line) => line.replace(/"timestamp":"[^"]*"/, '"timestamp":"canary<timestamp>"'))
    const conflicting = planted.map((line) => line.replace('"eventBody":{', '"eventBody":{"more":"canary<more>",'))
    const all = [...planted, ...refused, ...dated, ...conflicting].map((line, i) => arrival(line, START + i))
    const { texts } = await said(all)
    const reasons = new Set(texts.filter((text) => /^[A-Z]\w+$/.test(text)))
    assert.isTrue(["Conflict", "InvalidDate", "NotJson", "NumberOutOfRange"].every((reason) => reasons.has(reason)))
    assert.deepStrictEqual(found(texts), [])
  })

  it("[P11] holds no value when the stores fail", async () => {
    const fault = { operation: "test", reason: "ThrottlingException", retryable: true }
    const { texts: appending } = await said(arrivals, {
      events: (inner) => ({ ...inner, append: () => new StoreError({ store: "event store", ...fault }) }),
      quarantine: () => ({ put: () => new StoreError({ store: "quarantine", ...fault }) })
    })
    const { texts: sending } = await said(arrivals, {
      queue: () => ({ send: () => new StoreError({ store: "settle queue", ...fault }) })
    })
    const { texts: projecting, bodies } = await said(arrivals, {
      rows: (inner) => ({ ...inner, save: () => new StoreError({ store: "projection store", ...fault }) })
    })
    assert.isAbove(bodies.length, 0)
    const texts = [...appending, ...sending, ...projecting]
    for (const port of ["settle queue", "projection store"])
      assert.isTrue(texts.some((text) => text.includes(`${port}: test: ThrottlingException`)))
    assert.deepStrictEqual(found(texts), [])
  })
})
