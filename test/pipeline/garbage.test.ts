import { assert, describe, it } from "@effect/vitest"
import { type SeededRandom, seededRandom } from "aws-in-process/random"
import { Effect, Result } from "effect"
import { decodeEvent } from "../../src/genesys/decoder.ts"
import type { Arrival } from "../../src/pipeline/append.ts"
import { contentOf } from "../../src/store/content.ts"
import { StoreError } from "../../src/store/store-error.ts"
import { type Core, makeCore, modelOf, type Wraps } from "../support/core.ts"
import { ruined } from "../support/garbage.ts"
import { arrival, historyOf, START } from "../support/history.ts"
import { seeds } from "../support/seeds.ts"

/** A wild history, half of it ruined, a fifth of it twice. Every arrival has a time of its own, so that quarantined ones stay apart. */
const garbage = (seed: number, random: SeededRandom): ReadonlyArray<Arrival> => {
  const lines = historyOf(150, { seed, chaos: random.next() }).map(({ line }) => line)
  const twice = lines.flatMap((line) => (random.chance(0.2) ? [line, line] : [line]))
  return random.shuffle(twice).map((line, i) => arrival(ruined(line, random), START + i))
}

const fault = { operation: "test", reason: "ServiceUnavailable", retryable: true }

/** Ports that fail by the random: as a whole, in parts, and after the work was done. */
const unreliable = (random: SeededRandom): Wraps => ({
  events: (inner) => ({
    ...inner,
    append: (events) =>
      Effect.gen(function* () {
        if (random.chance(0.2)) return yield* new StoreError({ store: "event store", ...fault })
        const refused = events.map(() => random.chance(0.1))
        const outcomes = [...(yield* inner.append(events.filter((_, i) => !refused[i])))]
        const failure = { _tag: "failed", cause: new StoreError({ store: "event store", ...fault }) } as const
        return refused.map((isRefused) => {
          const outcome = isRefused ? undefined : outcomes.shift()
          return outcome === undefined || random.chance(0.05) ? failure : outcome
        })
      })
  }),
  queue: (inner) => ({
    send: (settlements) =>
      Effect.gen(function* () {
        const sent = random.chance(0.3) ? settlements.slice(0, random.int(settlements.length)) : settlements
        yield* inner.send(sent)
        if (sent !== settlements || random.chance(0.1))
          return yield* new StoreError({ store: "settle queue", ...fault })
      })
  }),
  quarantine: (inner) => ({
    put: (entries) =>
      Effect.gen(function* () {
        const kept = random.chance(0.3) ? entries.slice(0, random.int(entries.length)) : entries
        yield* inner.put(kept)
        if (kept !== entries || random.chance(0.1)) return yield* new StoreError({ store: "quarantine", ...fault })
      })
  })
})

type Report = Awaited<ReturnType<Core["deliver"]>>

const accounted = ({ appended, duplicates, conflicts, quarantined, failed }: Report): number =>
  appended + duplicates + conflicts + quarantined + failed.length

/** Where the bytes of an arrival are: with the events, in the quarantine, or nowhere. */
const whereabouts = ({ events, quarantine }: Core) => {
  const stored = events.stored()
  const kept = new Map([...quarantine.kept().values()].map((entry) => [entry.received, entry]))
  return ({ raw, received }: Arrival): "stored" | "quarantined" | "lost" => {
    const entry = kept.get(received)
    if (entry !== undefined && Buffer.compare(entry.raw, raw) === 0 && entry.reason !== "") return "quarantined"
    const event = decodeEvent(raw, received)
    if (Result.isFailure(event)) return "lost"
    const held = stored.get(event.success.id)
    return held !== undefined && contentOf(held.envelope) === contentOf(event.success.envelope) ? "stored" : "lost"
  }
}

const END = Date.UTC(2030, 0)

/** Delivers until nothing fails any more, as the stream does, and returns what was counted in all. */
const deliverAll = async (core: Core, arrivals: ReadonlyArray<Arrival>) => {
  const total = { received: 0, appended: 0, duplicates: 0, conflicts: 0, quarantined: 0, failures: 0 }
  for (let left = arrivals; left.length > 0; ) {
    const batch = left.slice(0, 100)
    const report = await core.deliver(batch)
    assert.strictEqual(report.received, batch.length)
    assert.strictEqual(accounted(report), batch.length)
    const where = whereabouts(core)
    const failed = new Set(report.failed)
    batch.forEach((one, i) => {
      if (!failed.has(i)) assert.notStrictEqual(where(one), "lost")
    })
    for (const name of ["appended", "duplicates", "conflicts", "quarantined"] as const) total[name] += report[name]
    total.received += batch.length - failed.size
    total.failures += failed.size
    left = [...batch.filter((_, i) => failed.has(i)), ...left.slice(100)]
  }
  return total
}

describe("garbage", () => {
  it.each(seeds(6))(
    "[P2] is accounted for: received = appended + duplicates + conflicts + quarantined (seed %i)",
    async (seed) => {
      const random = seededRandom(seed)
      const arrivals = garbage(seed, random)
      const core = makeCore()
      const { received, appended, duplicates, conflicts, quarantined, failures } = await deliverAll(core, arrivals)
      assert.strictEqual(failures, 0)
      assert.strictEqual(received, arrivals.length)
      assert.strictEqual(appended + duplicates + conflicts + quarantined, arrivals.length)
      assert.strictEqual(core.events.stored().size, appended)
      assert.strictEqual(core.quarantine.kept().size, conflicts + quarantined)
      for (const count of [appended, duplicates, conflicts, quarantined]) assert.isAbove(count, 0)
      assert.notProperty({}, "polluted")
    }
  )

  it.each(seeds(6))(
    "[P2] [P3] stays accounted for while every port fails now and then, and no update is lost (seed %i)",
    async (seed) => {
      const random = seededRandom(seed)
      const arrivals = garbage(seed, random)
      const core = makeCore(unreliable(random.fork("ports")))
      const { received, appended, duplicates, conflicts, quarantined, failures } = await deliverAll(core, arrivals)
      assert.isAbove(failures, 0)
      assert.strictEqual(received, arrivals.length)
      assert.strictEqual(appended + duplicates + conflicts + quarantined, arrivals.length)
      const where = whereabouts(core)
      for (const one of arrivals) assert.notStrictEqual(where(one), "lost")
      const { failed } = await core.settle(core.queue.take(END))
      assert.deepStrictEqual(failed, [])
      assert.deepStrictEqual(core.dump(), modelOf(core.events.stored()))
    }
  )
})
