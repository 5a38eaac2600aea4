import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { rows as agentIntervalRows } from "../../projections/agent-intervals-rows.ts"
import { rows as agentRows } from "../../projections/agents-rows.ts"
import { rows as conversationRows } from "../../projections/conversations-rows.ts"
import { projections } from "../../projections/index.ts"
import { rows as queueIntervalRows } from "../../projections/queue-intervals-rows.ts"
import { rows as queueRows } from "../../projections/queues-rows.ts"
import type { RowKind } from "../../projections/row-kind.ts"
import type { Columns } from "../../src/domain/projection.ts"
import { sourcesOf } from "../../src/domain/stages.ts"
import { decodeParsed } from "../../src/genesys/decoder.ts"
import type { Event } from "../../src/genesys/event.ts"
import { allTopics } from "../../src/genesys/topics/index.ts"
import { RESERVED_COLUMNS } from "../../src/store/projection-store.ts"
import { foldInOrder } from "../../src/testing/fold.ts"
import { historyOf } from "../support/history.ts"
import { seeds } from "../support/seeds.ts"

const described: Readonly<Record<string, ReadonlyArray<RowKind>>> = {
  agents: agentRows,
  queues: queueRows,
  conversations: conversationRows,
  "queue-intervals": queueIntervalRows,
  "agent-intervals": agentIntervalRows
}

/** A projection that somebody has added may go without a description. */
const listed = projections.filter(({ name }) => name in described)

const kindOf = (kinds: ReadonlyArray<RowKind>, row: string): RowKind | undefined =>
  kinds.find(({ row: pattern }) => new RegExp(`^${pattern.replace(/<[^>]+>/g, "[^#]+")}$`).test(row))

const decoders = new Map<RowKind, (columns: unknown) => Result.Result<unknown, Schema.SchemaError>>()
const decode = (kind: RowKind, columns: Columns) => {
  const decoder =
    decoders.get(kind) ?? Schema.decodeUnknownResult(kind.columns, { onExcessProperty: "error", errors: "all" })
  decoders.set(kind, decoder)
  return decoder(columns)
}

const readable = (lines: ReadonlyArray<{ readonly line: string; readonly at: number }>): ReadonlyArray<Event> =>
  lines.flatMap(({ line, at }) => {
    try {
      const event = decodeParsed(JSON.parse(line), at)
      return Result.isSuccess(event) ? [event.success] : []
    } catch {
      return []
    }
  })

const check = (projection: (typeof projections)[number], events: ReadonlyArray<Event>, met: Set<string>) => {
  const kinds = described[projection.name] ?? []
  for (const { row, columns } of foldInOrder([projection, ...sourcesOf(projection, projections)], events).values()) {
    const kind = kindOf(kinds, row)
    assert.isDefined(kind, `${projection.name}: no description of a row ${row}`)
    const decoded = decode(kind as RowKind, columns)
    assert.isTrue(Result.isSuccess(decoded), `${row}: ${Result.isFailure(decoded) ? decoded.failure.message : ""}`)
    assert.deepStrictEqual(Result.getOrThrow(decoded), columns, "a row is given on as it is")
    for (const column of Object.keys(columns)) met.add(`${kind?.row} ${column}`)
  }
}

/** The published example of a topic with another body: what the topic can say besides. */
const alike = (template: string, body: object, ids: Readonly<Record<string, string>> = {}) => {
  const found = allTopics.find((topic) => topic.template === template)?.example as {
    readonly detail: { topicName: string }
  }
  const topicName = Object.entries(ids).reduce((name, [from, to]) => name.replace(from, to), found.detail.topicName)
  return { ...found, detail: { ...found.detail, topicName, eventBody: body } }
}

const others = [
  alike(
    "v2.audits.entitytype.{id}.entityid.{id}",
    { action: "Delete", entityType: "User", eventTime: "2026-05-06T09:00:00.000Z" },
    { "entitytype.Queue": "entitytype.User" }
  ),
  ...[
    { contactingDurationMs: 1_000, dialingDurationMs: 2_000, heldDurationMs: 9_000, disconnectType: "TRANSFER" },
    { interactingDurationMs: 0, heldDurationMs: 0, disconnectType: "NO_ANSWER_TRANSFER" }
  ].map((fields) =>
    alike("v2.detail.events.conversation.{id}.user.end", {
      ...{ eventTime: 1_778_061_600_000, sessionId: "s1", queueId: "q1", userId: "u1", mediaType: "VOICE" },
      ...{ alertingDurationMs: 3_000, interactingDurationMs: 60_000, ...fields }
    })
  ),
  alike("v2.users.{id}.integrationpresence", {
    eventType: "UserPrimaryPresenceSourceChanged",
    currentDisplaySourceId: "6f0e5d4c-3b2a-4190-8f7e-6d5c4b3a2918",
    modifiedDate: "2026-05-06T09:00:00.000Z"
  }),
  alike("v2.analytics.queues.{id}.observations", {
    group: { mediaType: "voice" },
    data: [
      {
        interval: "2026-05-06T09:00:00.000Z/2026-05-06T09:30:00.000Z",
        metrics: [{ metric: "nOffered", stats: { count: 3 } }]
      }
    ]
  })
]

describe("the description of rows", () => {
  it("is there for every projection of this repository, and names no column that the store needs", () => {
    assert.deepStrictEqual(
      Object.keys(described),
      listed.map(({ name }) => name)
    )
    for (const projection of listed)
      for (const { columns } of described[projection.name] ?? [])
        for (const column of Object.keys(columns.fields))
          assert.isFalse(RESERVED_COLUMNS.has(column) || column === projection.key, column)
  })

  it("says of every column what it means", () => {
    for (const kind of Object.values(described).flat()) {
      assert.match(kind.meaning, /^[A-Z].*\.$/)
      const { properties } = Schema.toJsonSchemaDocument(kind.columns).schema as unknown as {
        readonly properties: Readonly<Record<string, unknown>>
      }
      assert.sameMembers(Object.keys(properties), Object.keys(kind.columns.fields))
      for (const [column, schema] of Object.entries(properties)) {
        assert.match(JSON.stringify(schema), /"description":"[^"]/, `${kind.row} ${column}`)
        assert.notMatch(JSON.stringify(schema), /"description":""/, `${kind.row} ${column}`)
      }
    }
  })

  for (const projection of listed) {
    const met = new Set<string>()
    it.each(seeds(5))(`fits every row of ${projection.name} that generated histories lead to, seed %i`, (seed) => {
      check(projection, readable(historyOf(600, { seed, chaos: 0.5, lose: 0.1 })), met)
    })

    it(`fits the rows of ${projection.name} that the published example of each topic leads to, and has no column that nothing makes`, () => {
      for (const example of [...allTopics.map(({ example }) => example), ...others])
        check(projection, [Result.getOrThrow(decodeParsed(example, Date.parse("2026-05-06T10:00:00Z")))], met)
      const columns = (described[projection.name] ?? []).flatMap(({ row, columns }) =>
        Object.keys(columns.fields).map((column) => `${row} ${column}`)
      )
      assert.sameMembers([...met], columns)
    })
  }

  it("keeps words that Genesys adds as they come, and refuses what is no column", () => {
    const [state] = agentRows
    assert.isTrue(Result.isSuccess(decode(state as RowKind, { state: "Levitating", presence: "LEVITATING" })))
    assert.isTrue(Result.isFailure(decode(state as RowKind, { state: "Idle", mood: "fine" })))
    assert.isTrue(Result.isFailure(decode(state as RowKind, { state: "Idle", since: "yesterday" })))
    assert.isTrue(Result.isFailure(decode(state as RowKind, {})))
  })
})
