import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import type { Json } from "../../src/domain/json.ts"
import { decodeEvent } from "../../src/genesys/decoder.ts"
import {
  capacityOf,
  DELTAS_PER_EVENT,
  explain,
  itemBytesOf,
  type Load,
  projectionsAtOnce
} from "../../src/infra/capacity.ts"
import { quotasToRaise, quotaText } from "../../src/infra/quotas.ts"
import { itemBytes } from "../../src/store/aws/attribute.ts"
import { toItem } from "../../src/store/aws/event-item.ts"
import { historyOf } from "../support/history.ts"

const usual: Load = {
  peakEventsPerSecond: 100,
  averageEventBytes: 1_200,
  entityIndex: false,
  batchSize: 500,
  batchWindowSeconds: 1,
  settleBatchSize: 10,
  functionMemoryMb: 1_024,
  targets: 1,
  generations: 1,
  accountConcurrency: 1_000,
  streamShards: 0,
  parallelizationFactor: 0,
  settleMaxConcurrency: 0
}
const at = (peakEventsPerSecond: number, more: Partial<Load> = {}) =>
  capacityOf({ ...usual, peakEventsPerSecond, ...more })

const between = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))
const peaks = between(1, 100_000)
/** Settings that a stack may have, whatever its peak. */
const settings = Schema.Struct({
  averageEventBytes: between(100, 60_000),
  batchSize: between(1, 10_000),
  batchWindowSeconds: between(0, 300),
  settleBatchSize: between(1, 10),
  functionMemoryMb: between(128, 10_240)
})
/** An account that never bounds anything. */
const roomy = { accountConcurrency: 10_000_000 }

/** A body of which no dictionary knows a field. */
const unknown = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(unknown)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [[...key].reverse().join(""), unknown(one)]))
}

describe("the size of an item", () => {
  it("is what the event store makes of events, and no less where no dictionary knows their fields", () => {
    const sizes = historyOf(400).flatMap(({ line, at }) => {
      const event = Result.getOrThrow(decodeEvent(line, at))
      const detail = event.envelope.detail as { readonly eventBody: unknown }
      const envelope = { ...event.envelope, detail: { ...detail, eventBody: unknown(detail.eventBody) as Json } }
      const stored = (one: typeof event) => itemBytes(toItem(one).item)
      return [{ raw: Buffer.byteLength(line), known: stored(event), foreign: stored({ ...event, envelope }) }]
    })
    const average = (of: "raw" | "known" | "foreign") => sizes.reduce((sum, one) => sum + one[of], 0) / sizes.length
    const sized = itemBytesOf(average("raw"))
    assert.isAbove(average("foreign"), average("known"))
    assert.isAtLeast(sized, average("foreign"))
    assert.isAtMost(sized, 1.25 * average("foreign"))
  })

  it("decides the write units of the event table: one up to 2.4 KB, and more for what is deflated", () => {
    const writes = (averageEventBytes: number) => at(10_000, { averageEventBytes }).eventTable.writes / 12_500
    assert.deepStrictEqual([100, 1_200, 2_420, 2_430, 8_192, 8_193].map(writes), [1, 1, 1, 2, 3, 5])
  })
})

describe("capacity at known points", () => {
  it("has an index by entity only where it is asked for, with an entry an event or so, and time to write them", () => {
    const [without, small, large] = [at(10_000), at(10, { entityIndex: true }), at(10_000, { entityIndex: true })]
    assert.isUndefined(without.entityTable)
    assert.deepStrictEqual(small.entityTable, { writes: 4_000, reads: 12_000 })
    assert.deepStrictEqual(large.entityTable, { writes: 13_125, reads: 12_000 })
    assert.isAbove(large.appendSeconds, without.appendSeconds)
    assert.isAtMost(large.appendSeconds, 1.2 * without.appendSeconds)
    const { entityTable: _, appendSeconds: __, appendInFlight: ___, ...same } = large
    assert.deepStrictEqual({ ...without, ...same }, { ...without, eventTable: large.eventTable })
    assert.notInclude(explain(usual).join("\n"), "index by entity")
  })

  it("carries a second generation of everything through the same queue and function", () => {
    const [one, two] = [1, 2].map((generations) => ({ ...usual, peakEventsPerSecond: 20_000, generations }))
    assert.strictEqual(projectionsAtOnce(two as Load), 2 * projectionsAtOnce(one as Load))
    assert.isAbove(capacityOf(two as Load).messages, 1.5 * capacityOf(one as Load).messages)
    assert.isAbove(capacityOf(two as Load).projectConcurrency, capacityOf(one as Load).projectConcurrency)
    assert.include(explain(two as Load).join("\n"), "for each of 2 generations")
    assert.notInclude(explain(one as Load).join("\n"), "generations")
  })

  it.each([
    [10, { shards: 1, batchFill: 10, append: 1, project: 2, reserved: undefined, events: 4_000, rows: 4_000 }],
    [
      1_000,
      {
        shards: 2,
        batchFill: 500,
        append: 2,
        project: 5,
        reserved: { append: 2, project: 5 },
        events: 4_000,
        rows: 8_647
      }
    ],
    [
      50_000,
      {
        shards: 75,
        batchFill: 500,
        append: 75,
        project: 232,
        reserved: { append: 75, project: 232 },
        events: 62_500,
        rows: 401_203
      }
    ]
  ])("%d events/s of 1,200 bytes", (peak, expected) => {
    const c = at(peak)
    assert.deepStrictEqual(
      {
        shards: c.shards,
        batchFill: c.batchFill,
        append: c.appendConcurrency,
        project: c.projectConcurrency,
        reserved: c.reserved,
        events: c.eventTable.writes,
        rows: c.projectionTable.writes
      },
      expected
    )
  })

  it("holds a thousand small or a megabyte of large events in a shard, with a quarter to spare", () => {
    assert.strictEqual(at(800, { averageEventBytes: 1_000 }).shards, 1)
    assert.strictEqual(at(801, { averageEventBytes: 1_000 }).shards, 2)
    assert.strictEqual(at(801, { averageEventBytes: 100 }).shards, 2)
    assert.strictEqual(at(80, { averageEventBytes: 10_000 }).shards, 1)
    assert.strictEqual(at(81, { averageEventBytes: 10_000 }).shards, 2)
  })

  it("fills a batch with what its window brings, up to its size and Lambda's payload", () => {
    assert.strictEqual(at(40).batchFill, 40)
    assert.strictEqual(at(40, { batchWindowSeconds: 5 }).batchFill, 200)
    assert.strictEqual(at(40, { batchWindowSeconds: 60 }).batchFill, 500)
    assert.strictEqual(at(40, { batchWindowSeconds: 300, batchSize: 10_000 }).batchFill, 2_803)
    assert.strictEqual(at(0.1).batchFill, 1)
    assert.strictEqual(at(1, { averageEventBytes: 1_048_576, batchWindowSeconds: 60 }).batchFill, 4)
  })

  it("works on more batches of a shard at once where the function is slow", () => {
    assert.strictEqual(at(1_000).parallelization, 1)
    assert.strictEqual(at(1_000, { functionMemoryMb: 128 }).parallelization, 4)
  })

  it("reserves for large peaks only, never what AWS keeps, and bounds the queue's mapping by it", () => {
    assert.isUndefined(at(499).reserved)
    assert.isDefined(at(500).reserved)
    assert.isUndefined(at(1_000, { accountConcurrency: 100 }).reserved)
    assert.isUndefined(at(1_000, { accountConcurrency: 10 }).reserved)
    const tight = at(50_000, { accountConcurrency: 200 })
    assert.deepStrictEqual(tight.reserved, { append: 25, project: 74 })
    assert.strictEqual(tight.projectConcurrency, 74)
    assert.deepStrictEqual(at(1_000, { accountConcurrency: 104 }).reserved, { append: 1, project: 2 })
  })

  it("keeps no more of append ready than it has reserved", () => {
    const tight = at(20_000, { accountConcurrency: 150 })
    assert.deepStrictEqual([tight.appendConcurrency, tight.reserved?.append, tight.appendReady], [30, 12, 12])
    assert.strictEqual(at(20_000).appendReady, 30)
  })

  it("reserves nothing in an account that nobody has described", () => {
    assert.isUndefined(at(1_000, { accountConcurrency: 0 }).reserved)
  })

  it("keeps tables warm for as many invocations as are configured", () => {
    assert.isAtLeast(at(10, { settleMaxConcurrency: 10 }).projectionTable.writes, 17_000)
    assert.strictEqual(at(10, { settleMaxConcurrency: 10 }).projectConcurrency, 10)
  })

  it("takes what is configured as it is", () => {
    const c = at(10, { streamShards: 4, parallelizationFactor: 3 })
    assert.deepStrictEqual([c.shards, c.parallelization, c.appendConcurrency], [4, 3, 12])
  })
})

describe("capacity at any point", () => {
  it.prop("has shards for the bytes and for the records", [peaks, settings], ([peak, more]) => {
    const { shards } = at(peak, more)
    assert.isAtMost(peak, shards * 1_000)
    assert.isAtMost(peak * more.averageEventBytes, shards * 1_000_000)
    // And no shard more than the head-room asks for.
    const tooFew = shards - 1
    assert.isTrue(
      shards === 1 || peak * 1.25 > tooFew * 1_000 || peak * 1.25 * more.averageEventBytes > tooFew * 1_000_000
    )
  })

  it.prop("never shrinks when the peak grows", [peaks, between(0, 50_000), settings], ([peak, growth, more]) => {
    const [a, b] = [at(peak, { ...more, ...roomy }), at(peak + growth, { ...more, ...roomy })]
    // Sums of fractions, which may differ in their last digit.
    const atLeast = (x: number, y: number, name: string) => assert.isAtLeast(y * (1 + 1e-9), x, name)
    for (const name of [
      "shards",
      "parallelization",
      "appendInFlight",
      "messages",
      "projectInFlight",
      "appendConcurrency",
      "projectConcurrency",
      "busInvocations"
    ] as const)
      atLeast(a[name], b[name], name)
    for (const name of ["eventTable", "projectionTable"] as const) {
      atLeast(a[name].writes, b[name].writes, `${name} writes`)
      atLeast(a[name].reads, b[name].reads, `${name} reads`)
    }
  })

  it.prop(
    "obeys Little's law: in flight = (events/s / events per batch) x seconds per batch",
    [peaks, settings],
    (given) => {
      const [peak, more] = given
      const { appendInFlight, batchFill, appendSeconds } = at(peak, more)
      assert.closeTo(appendInFlight, (peak / batchFill) * appendSeconds, 1e-9 * appendInFlight)
    }
  )

  it.prop("never overruns the projection tables, and keeps up with the peak", [peaks, settings], ([peak, more]) => {
    const load = { ...usual, ...more, ...roomy, peakEventsPerSecond: peak }
    const { projectConcurrency, projectionTable } = capacityOf(load)
    const needed = projectionsAtOnce(load)
    // What one invocation writes in a second, from what the peak needs.
    const writesOfOne = (peak * DELTAS_PER_EVENT) / needed
    assert.isAtMost(projectConcurrency * writesOfOne, projectionTable.writes * (1 + 1e-9))
    if (projectConcurrency < 1_000) assert.isAtLeast(projectConcurrency, needed)
  })

  it.prop("works off an hour's outage in an hour, at the peak, where nothing bounds it", [peaks], ([peak]) => {
    const load = { ...usual, ...roomy, peakEventsPerSecond: peak }
    const { shards, appendConcurrency, batchFill, projectConcurrency } = capacityOf(load)
    const full = at(800 * shards, { ...roomy, streamShards: shards })
    // Kinesis hands out 2 MB a second of each shard, and a lane is busy all the time.
    const read = Math.min(
      (shards * 2_000_000) / load.averageEventBytes,
      (appendConcurrency * full.batchFill) / full.appendSeconds
    )
    assert.isAtLeast(full.batchFill, batchFill)
    assert.isAtLeast(read, 2 * peak)
    if (projectConcurrency < 1_000) assert.isAtLeast(projectConcurrency, 2 * projectionsAtOnce(load))
  })

  it.prop(
    "keeps tables equally warm while a second generation comes and goes, of some projections or of all",
    [peaks, settings, between(1, 5)],
    ([peak, more, raised]) => {
      const warm = (generations: number) => {
        const { eventTable, projectionTable } = at(peak, { ...more, ...roomy, generations })
        return { eventTable, projectionTable }
      }
      assert.deepStrictEqual(warm(1 + raised / 5), warm(1))
    }
  )

  it.prop("never asks for less than a new table has", [peaks, settings], ([peak, more]) => {
    const { eventTable, projectionTable } = at(peak, more)
    for (const { writes, reads } of [eventTable, projectionTable]) {
      assert.isAtLeast(writes, 4_000)
      assert.isAtLeast(reads, 12_000)
      assert.isTrue(Number.isInteger(writes) && Number.isInteger(reads))
    }
  })

  it.prop(
    "leaves a hundred executions to the account, and as many as it reserves are used",
    [peaks, between(10, 2_000), settings],
    ([peak, accountConcurrency, more]) => {
      const { reserved, projectConcurrency, appendConcurrency } = at(peak, { ...more, accountConcurrency })
      if (reserved === undefined) return
      // And one to redrive.
      assert.isAtMost(reserved.append + reserved.project + 1, accountConcurrency - 100)
      assert.isAtLeast(reserved.append, 1)
      assert.isAtMost(reserved.append, appendConcurrency)
      assert.strictEqual(reserved.project, projectConcurrency)
    }
  )
})

describe("quotas to raise", () => {
  const names = (load: Partial<Load>, region: string) =>
    quotasToRaise({ ...usual, ...load }, region).map(({ service, needed }) => `${service} ${needed}`)

  it.each(["us-east-1", "eu-central-1", "ap-south-1"])("are none for a thousand events a second in %s", (region) => {
    assert.deepStrictEqual(names({ peakEventsPerSecond: 1_000 }, region), [])
  })

  it("depend on the region", () => {
    assert.deepStrictEqual(names({ peakEventsPerSecond: 2_000 }, "ap-south-1"), ["EventBridge 2500"])
    assert.deepStrictEqual(names({ peakEventsPerSecond: 2_000 }, "eu-central-1"), [])
    assert.deepStrictEqual(names({ peakEventsPerSecond: 2_000, targets: 2 }, "eu-central-1"), ["EventBridge 5000"])
    assert.deepStrictEqual(names({ peakEventsPerSecond: 2_300 }, "us-east-1"), [])
  })

  it("say what to raise, and to what", () => {
    assert.deepStrictEqual(
      quotasToRaise({ ...usual, peakEventsPerSecond: 50_000, accountConcurrency: 200 }, "us-east-1").map(quotaText),
      [
        'EventBridge: raise "invocations throttle limit in transactions per second" from 18750 to at least 62500 invocations/s.',
        'Lambda: raise "concurrent executions" from 200 to at least 408 executions.',
        'DynamoDB: raise "table-level write throughput limit (events)" from 40000 to at least 62500 write units/s.',
        'DynamoDB: raise "table-level read throughput limit (events)" from 40000 to at least 62500 read units/s.',
        'DynamoDB: raise "table-level write throughput limit (each projection)" from 40000 to at least 401203 write units/s.',
        'DynamoDB: raise "table-level read throughput limit (each projection)" from 40000 to at least 802406 read units/s.'
      ]
    )
  })

  it("name the shards of a region where large events need many", () => {
    const large = { peakEventsPerSecond: 10_000, averageEventBytes: 100_000 }
    assert.include(names(large, "eu-central-1"), "Kinesis 1250")
    assert.notInclude(names(large, "us-east-1"), "Kinesis 1250")
  })

  it.prop("only grow with the peak", [peaks, between(0, 50_000)], ([peak, growth]) => {
    const of = (peakEventsPerSecond: number) =>
      quotasToRaise({ ...usual, ...roomy, peakEventsPerSecond }, "eu-central-1").map(({ name }) => name)
    assert.includeMembers(of(peak + growth), of(peak))
  })
})

describe("the derivation for people", () => {
  it("says how each figure follows, and which were given", () => {
    const lines = explain({ ...usual, peakEventsPerSecond: 1_000, streamShards: 3 })
    assert.deepStrictEqual(lines.slice(0, 4), [
      "peak: 1000 events/s x 1200 bytes",
      "shards: 3 (configured); each takes 1 MB/s and 1,000 records/s, with 25 % head-room",
      "parallelization: 1; a full shard keeps its batches busy half of the time",
      "append: 333.33 records a batch, 3 batches/s x 0.16 s = 0.48 in flight, at most 3 (shards x parallelization)"
    ])
    assert.include(lines, "reserved concurrency: append 3, project 5, redrive 1, of 1000 less the 100 that AWS keeps")
    assert.include(explain(usual), "reserved concurrency: none")
  })
})
