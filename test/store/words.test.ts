import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { ARCHIVED, ArchiveObject, ArchiveWindow } from "../../src/store/archive.ts"
import { ATTEMPTS_ATTRIBUTE } from "../../src/store/dead-letters.ts"
import { BEGUN } from "../../src/store/erasure-journal.ts"
import { FAILED_FOLDER } from "../../src/store/failed-batches.ts"
import { partitionKeyOf } from "../../src/store/partition-key.ts"
import { RESERVED_COLUMNS } from "../../src/store/projection-store.ts"
import { MAX_MESSAGE_BYTES } from "../../src/store/settle-queue.ts"
import { StoreError, type StoreName } from "../../src/store/store-error.ts"
import { UseRecord } from "../../src/store/use-log.ts"

const stores: ReadonlyArray<StoreName> = [
  "archive",
  "use log",
  "control table",
  "dead letters",
  "directory",
  "entity index",
  "event source",
  "event sources of partners",
  "erasure journal",
  "event store",
  "event windows",
  "executions",
  "failed batches",
  "notices",
  "object storage",
  "parked letters",
  "projection store",
  "quarantine",
  "queue depths",
  "rejected events",
  "settle queue",
  "stream",
  "stream and tables",
  "table sizes",
  "watermark"
]

const takes = <S extends Schema.ConstraintDecoder<unknown>>(schema: S, value: unknown) => Schema.is(schema)(value)

describe("the words of the stores", () => {
  it.each(stores)("name in an error the %s", (store) => {
    const error = new StoreError({ store, operation: "o", reason: "r", retryable: true })
    assert.strictEqual(error.message, `${store}: o: r`)
  })

  it("name no other store", () => {
    for (const store of ["", "table"])
      assert.throws(() => new StoreError({ store: store as StoreName, operation: "o", reason: "r", retryable: true }))
  })

  it("[P8] are those that are stored", () => {
    assert.deepStrictEqual(
      { ARCHIVED, ATTEMPTS_ATTRIBUTE, BEGUN, FAILED_FOLDER, MAX_MESSAGE_BYTES },
      {
        ARCHIVED: "events/",
        ATTEMPTS_ATTRIBUTE: "REDRIVE_ATTEMPTS",
        BEGUN: "begun",
        FAILED_FOLDER: "aws/lambda/",
        MAX_MESSAGE_BYTES: 65_536
      }
    )
    assert.deepStrictEqual([...RESERVED_COLUMNS].sort(), [
      ...["asOf", "expiresAt", "openRow", "registers", "revisedAt", "revisedLateMs"],
      ...["row", "summarised", "summaryParts", "ticket", "version"]
    ])
  })

  it("[P8] are of an object and a window of the archive what they were", () => {
    const object = { key: "k", window: 1, hour: 0, tally: { items: 0, ids: "" }, published: [1, 2], bytes: 3 }
    assert.isTrue(takes(ArchiveObject, object))
    for (const published of [[], [1], [1, "2"], ["1", 2]])
      assert.isFalse(takes(ArchiveObject, { ...object, published }))
    const window = { window: 1, state: "sealed", sealedAt: 0, items: 0, bytes: 0, lists: [] }
    for (const state of ["sealed", "confirmed"]) assert.isTrue(takes(ArchiveWindow, { ...window, state }))
    for (const state of ["", "open"]) assert.isFalse(takes(ArchiveWindow, { ...window, state }))
  })

  it("[P8] are of a use what they were", () => {
    const record = { id: "1", phase: "begun", at: "a", who: { user: "u", host: "h" }, stack: "s", command: "c" }
    const filters = { text: "t", number: 1, flag: true }
    for (const phase of ["begun", "ended"]) assert.isTrue(takes(UseRecord, { ...record, phase, filters }))
    for (const other of [
      { ...record, filters, phase: "" },
      { ...record, filters: { list: [] } }
    ])
      assert.isFalse(takes(UseRecord, other))
  })

  it("are of a partition key what Kinesis takes", () => {
    const event = (topicName: string) => JSON.stringify({ id: "i", detail: { topicName } })
    assert.strictEqual(partitionKeyOf(event("t".repeat(257)))?.length, 256)
    assert.isUndefined(partitionKeyOf("7"))
  })
})
