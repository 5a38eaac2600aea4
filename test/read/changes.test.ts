import { assert, describe, it } from "@effect/vitest"
import type { DynamoDBRecord } from "aws-lambda"
import { type Change, type ChangesOptions, changeOf, changesOf, isOf, MalformedRecord } from "../../src/read/index.ts"

const AT = Date.parse("2026-05-06T08:00:10.000Z")
const ARN = "arn:aws:dynamodb:eu-central-1:000000000000:table/stack-dev-agents-v2/stream/2026-05-01T00:00:00.000"
const OPTIONS: ChangesOptions = { prefix: "stack-dev", readers: { agents: { generation: "agents-v2" } } }

const KEYS = { agentId: { S: "agent" }, row: { S: "state" } }
const image = (columns: object, version = 1, asOf = "2026-05-06T08:00:05.000Z") => ({
  ...KEYS,
  ...columns,
  registers: { B: "AQID" },
  version: { N: String(version) },
  asOf: { S: asOf }
})
const state = (text: string) => ({ state: { S: text } })

/** A record as its type package has it: the reader takes it as it is. */
const record = (
  eventName: "INSERT" | "MODIFY" | "REMOVE",
  before: object | undefined,
  after: object | undefined,
  more: DynamoDBRecord = {}
): DynamoDBRecord => ({
  eventName,
  eventSourceARN: ARN,
  ...more,
  dynamodb: {
    ApproximateCreationDateTime: AT / 1_000,
    Keys: KEYS,
    SequenceNumber: "111",
    ...(before === undefined ? {} : { OldImage: before }),
    ...(after === undefined ? {} : { NewImage: after }),
    ...more.dynamodb
  } as NonNullable<DynamoDBRecord["dynamodb"]>
})

const modified = (before: object, after: object) => changeOf(record("MODIFY", before, after), OPTIONS)
const expired = { userIdentity: { type: "Service", principalId: "dynamodb.amazonaws.com" } }
const ends = { expiresAt: { N: String(AT / 1_000 + 86_400) } }

describe("a change", () => {
  it("says what row says what now, and what it said before", () => {
    const before = image({ ...state("On Queue"), since: { S: "a" }, outOfOffice: { BOOL: false } }, 6)
    const after = image({ ...state("Interacting"), since: { S: "b" }, outOfOffice: { BOOL: false } }, 7)
    assert.deepStrictEqual(modified(before, after), {
      id: "agents-v2/agent/state/7@1778054405000",
      kind: "changed",
      projection: "agents",
      generation: "agents-v2",
      entity: "agent",
      row: "state",
      before: { state: "On Queue", since: "a", outOfOffice: false },
      after: { state: "Interacting", since: "b", outOfOffice: false },
      changed: ["since", "state"],
      asOf: "2026-05-06T08:00:05.000Z",
      version: 7
    })
  })

  it.each([
    ["appeared", undefined, image(state("Away"))],
    ["appeared", { ...KEYS, ticket: { N: "1" } }, { ...KEYS, ...image({ waiting: { N: "1" } }), ticket: { N: "1" } }],
    ["appeared", image({ ...state("gone"), ...ends }), image(state("Away"), 2)],
    ["changed", image(state("Away")), image(state("Busy"), 2)],
    ["changed", image({ ...state("a"), ...ends }), image({ ...state("b"), ...ends }, 2)],
    ["closed", image(state("Away")), image({ ...state("gone"), ...ends }, 2)],
    ["closed", undefined, image({ ...state("gone"), ...ends })],
    ["removed", image(state("Away"), 3), undefined]
  ])("is called %s", (kind, before, after) => {
    const name = after === undefined ? "REMOVE" : before === undefined ? "INSERT" : "MODIFY"
    assert.strictEqual(changeOf(record(name, before, after), OPTIONS)?.kind, kind)
  })

  it("has columns that appear and go, and values however deep", () => {
    const of = (station: object) => image({ station: { M: station } })
    assert.deepStrictEqual(modified(of({ id: { S: "1" } }), of({ id: { S: "2" } }))?.changed, ["station"])
    assert.deepStrictEqual(modified(image({ a: { S: "1" } }), image({ b: { NULL: true } }))?.changed, ["a", "b"])
    assert.isUndefined(
      modified(of({ id: { S: "1" }, name: { S: "n" } }), of({ name: { S: "n" }, id: { S: "1" } })),
      "the order of keys is none"
    )
    assert.deepStrictEqual(modified(image({}), image({ ["__proto__"]: { S: "x" } }))?.changed, ["__proto__"])
  })

  it("has an id of its own: of its row, its version, and of the removal", () => {
    const of = (entity: string, row: string, version: number, asOf?: string) => {
      const Keys = { agentId: { S: entity }, row: { S: row } }
      const after = image(state("a"), version, asOf)
      return changeOf(record("INSERT", undefined, after, { dynamodb: { Keys } }), OPTIONS)?.id
    }
    const removed = changeOf(record("REMOVE", image(state("a"), 1), undefined), OPTIONS)
    assert.strictEqual(removed?.version, 2, "it comes after the last write")
    const ids = [
      of("agent", "state", 1),
      of("agent", "state", 2),
      of("agent", "state", 1, "2026-05-06T08:00:06.000Z"),
      of("a/b", "c", 1),
      of("a", "b/c", 1),
      removed?.id
    ]
    assert.strictEqual(new Set(ids).size, ids.length)
    assert.notInclude(ids, undefined)
  })

  it("has the ticket of a summary for its version", () => {
    const { version: _, registers: __, ...summary } = image({ waiting: { N: "1" }, ticket: { N: "5" } })
    const change = modified({ ...KEYS, ticket: { N: "5" } }, { ...summary, summarised: { N: "4" } })
    assert.deepStrictEqual([change?.version, change?.after], [4, { waiting: 1 }])
  })

  it("is typed by its kind of row", () => {
    const change = modified(image(state("On Queue")), image(state("Interacting"), 2)) as Change
    if (!isOf(change, "agents/state")) return assert.fail("an agent's state")
    const words: ReadonlyArray<string | undefined> = [change.before?.state, change.after?.state]
    assert.deepStrictEqual(words, ["On Queue", "Interacting"])
    assert.isFalse(isOf(change, "agents/session"))
    assert.isFalse(isOf(change, "queues/state"))
    assert.isTrue(isOf({ ...change, row: "session#1" }, "agents/session"))
  })
})

describe("what readers cannot see", () => {
  it.each([
    ["a ticket", { ticket: { N: "1" } }, { ticket: { N: "2" } }],
    ["the ticket of a summary", { summarised: { N: "1" } }, { summarised: { N: "2" } }],
    ["a stamp", { registers: { B: "AQID" } }, { registers: { S: "{}" } }],
    ["the time of a revision", {}, { revisedAt: { S: "2026-05-06T08:00:05.000Z" }, revisedLateMs: { N: "1" } }],
    ["the key of the index", {}, { openRow: { S: "state" } }],
    ["how long a tombstone stays", ends, { expiresAt: { N: "1999999999" } }]
  ])("is no change: %s", (_, before, after) => {
    assert.isUndefined(modified({ ...image(state("a")), ...before }, { ...image(state("a"), 2), ...after }))
  })

  it("is no change: a ticket where there is no row, and the expiry of a tombstone", () => {
    assert.isUndefined(changeOf(record("INSERT", undefined, { ...KEYS, ticket: { N: "1" } }), OPTIONS))
    const gone = image({ ...state("a"), ...ends })
    assert.isUndefined(changeOf(record("REMOVE", gone, undefined, expired), OPTIONS))
    assert.strictEqual(changeOf(record("REMOVE", gone, undefined), OPTIONS)?.kind, "removed")
  })

  it("is no change: a tombstone that comes back after the day for which it was kept", () => {
    const of = (asOf: number) => image({ ...state("gone"), ...ends }, 1, new Date(asOf).toISOString())
    const day = 86_400_000
    assert.isUndefined(changeOf(record("INSERT", undefined, of(AT - day)), OPTIONS))
    assert.strictEqual(changeOf(record("INSERT", undefined, of(AT - day + 1)), OPTIONS)?.kind, "closed")
    assert.isDefined(changeOf(record("MODIFY", image(state("a")), of(AT - day)), OPTIONS), "it stood there open")
  })
})

describe("the generation that readers use", () => {
  const written = (generation: string, at: number, agents: ChangesOptions["readers"][string]) =>
    changeOf(
      record("INSERT", undefined, image(state("a")), {
        eventSourceARN: ARN.replace("agents-v2", generation),
        dynamodb: { ApproximateCreationDateTime: at / 1_000 }
      }),
      { ...OPTIONS, readers: { agents } }
    )?.generation

  it("alone announces", () => {
    assert.strictEqual(written("agents-v2", AT, { generation: "agents-v2" }), "agents-v2")
    assert.isUndefined(written("agents-v3", AT, { generation: "agents-v2" }))
    // It was the first: nothing was used before.
    assert.strictEqual(written("agents-v2", AT - 1, { generation: "agents-v2", at: AT }), "agents-v2")
  })

  it.each([-1_000, 0, 1_000])("[P8] is one of two, %i ms from a promotion or a roll-back", (ms) => {
    for (const [generation, previous] of [
      ["agents-v3", "agents-v2"],
      ["agents-v2", "agents-v3"]
    ] as const) {
      const announced = [generation, previous].filter((one) => written(one, AT + ms, { generation, previous, at: AT }))
      assert.deepStrictEqual(announced, [ms < 0 ? previous : generation])
    }
  })

  it("must be given for each projection that is read", () => {
    const missing = (readers: ChangesOptions["readers"]) => () =>
      changesOf([record("INSERT", undefined, image(state("a")))], { prefix: "stack-dev", readers })
    assert.throws(missing({ queues: { generation: "queues-v2" } }), /^readers\/agents must be the value of the control/)
    assert.throws(missing({ agents: { previous: "agents-v2" } as never }), /^readers\/agents must be/)
  })
})

describe("a record that cannot be read", () => {
  const whole = record("MODIFY", image(state("a")), image(state("b"), 2))
  const { dynamodb, ...rest } = whole
  const inside = (more: object) => ({ ...rest, dynamodb: { ...dynamodb, ...more } })
  it.each([
    ["eventName", { ...whole, eventName: undefined }, "none of INSERT,MODIFY,REMOVE"],
    ["eventSourceARN", { ...whole, eventSourceARN: "arn:aws:kinesis:r:1:stream/x" }, "names no stream of a DynamoDB"],
    [
      "eventSourceARN",
      { ...whole, eventSourceARN: ARN.replace("stack-dev", "stack-prod") },
      "is of the table stack-prod-agents-v2, which is no projection of the stack stack-dev"
    ],
    ["eventSourceARN", { ...whole, eventSourceARN: ARN.replace("agents-v2", "control") }, "which is no projection"],
    ["dynamodb.Keys", { ...rest }, "are not an entity and a row"],
    ["dynamodb.Keys", inside({ Keys: { row: { S: "state" } } }), "are not an entity and a row"],
    ["dynamodb.ApproximateCreationDateTime", inside({ ApproximateCreationDateTime: undefined }), "epoch seconds"],
    ["dynamodb.OldImage", inside({ OldImage: undefined }), "must be one of new and old images"],
    ["dynamodb.NewImage", inside({ NewImage: undefined }), "must be one of new and old images"],
    ["dynamodb.NewImage.asOf", inside({ NewImage: image({}, 1, "yesterday") }), "is no time"],
    ["dynamodb.NewImage.version", inside({ NewImage: { ...image({}), version: { N: "one" } } }), "no whole number"],
    [
      "dynamodb.NewImage.photo",
      inside({ NewImage: image({ photo: { SS: ["a"] } }) }),
      "is of a type that no column has"
    ]
  ] as ReadonlyArray<readonly [string, DynamoDBRecord, string]>)("says that %s is wrong", (field, bad, problem) => {
    const error = (() => {
      try {
        return changeOf(bad, OPTIONS)
      } catch (thrown) {
        return thrown
      }
    })()
    assert.instanceOf(error, MalformedRecord)
    assert.strictEqual(error.field, field)
    assert.include(error.message, problem)
    assert.strictEqual(error.sequenceNumber, bad.dynamodb?.SequenceNumber)
  })

  it("is not passed over by its neighbours", () => {
    assert.throws(
      () => changesOf([whole, { ...whole, eventName: "INSERT", eventSourceARN: "" }], OPTIONS),
      /of record 111/
    )
    assert.lengthOf(changesOf([whole, whole], OPTIONS), 2)
  })
})
