import { gunzipSync } from "node:zlib"
import { Clock, Effect, Fiber } from "effect"
import { assert, describe, it } from "vitest"
import { namesOf } from "../../../src/genesys/person.ts"
import { archiveTick } from "../../../src/pipeline/archive/archive.ts"
import { ERASURES_KEY } from "../../../src/pipeline/archive/erasures.ts"
import { eraseArchive } from "../../../src/pipeline/erase/archive.ts"
import { Archive } from "../../../src/store/archive.ts"
import { Control } from "../../../src/store/control.ts"
import { Deadline } from "../../../src/store/deadline.ts"
import { EventEraser } from "../../../src/store/event-eraser.ts"
import { EventStore } from "../../../src/store/event-store.ts"
import { EventWindows } from "../../../src/store/event-windows.ts"
import { routingEvent } from "../../store/events.ts"
import { DAY, makeCold } from "../../support/cold.ts"

const OTHER = "7c1f4c2e-8a53-4d97-b0e6-2c7d9f1a3b59"
const names = namesOf({ kind: "agent", value: OTHER })
const IDS = Array.from({ length: 12 }, (_, n) => `e-${n}`)
const THEIRS = IDS.filter((_, n) => n % 3 === 0)
const LEFT = IDS.filter((id) => !THEIRS.includes(id)).toSorted()

/** A table with a week that is over and not archived, a third of whose events are about one agent. */
const closed = async () => {
  const cold = await makeCold()
  await cold.tick()
  const event = (id: string) => {
    const { envelope } = routingEvent(id)
    const text = JSON.stringify(envelope)
    const whose = THEIRS.includes(id) ? text.replaceAll("6b1f4c2e-8a53-4d97-b0e6-2c7d9f1a3b58", OTHER) : text
    return { ...routingEvent(id, {}, {}, cold.clock.now()), envelope: JSON.parse(whose) }
  }
  await cold.run(EventStore.use(({ append }) => append(IDS.map(event))))
  await cold.pass(8 * DAY)
  return cold
}

type Cold = Awaited<ReturnType<typeof closed>>

/** The erasure of that agent, as `erase` does it: first from the table, then from the archive. */
const erasing = Effect.gen(function* () {
  const at = yield* Clock.currentTimeMillis
  yield* EventEraser.use(({ erase }) => erase(THEIRS.map((id) => ({ id, at, request: "r" }))))
  return yield* eraseArchive({
    names,
    deleted: new Set(THEIRS),
    redacted: new Set(),
    request: { number: "r", at }
  })
})

/** How many versions of objects name the agent. */
const named = ({ s3 }: Cold) => {
  const now = s3.listAll("archive", "events/").map(({ key }) => s3.read("archive", key) ?? Buffer.of())
  const bodies = [...now, ...s3.former("archive", "events/").map(({ body }) => body)]
  return bodies.filter((body) => gunzipSync(body).toString().includes(OTHER)).length
}

/** That the week comes to its end with what is left, and the table never says that the archive lacks something. */
const comesToItsEnd = async (cold: Cold) => {
  assert.strictEqual(named(cold), 0)
  const reports = await cold.weeks(3)
  assert.strictEqual(named(cold), 0)
  assert.isAtLeast(reports.at(-1)?.confirmed ?? 0, 1)
  assert.deepStrictEqual(await cold.readAll(), LEFT)
  assert.isTrue(reports.every(({ missing }) => missing === 0))
}

/** The archiver with another port of the archive, for its first write alone. */
const firstWrite = (before: (write: Effect.Effect<unknown, unknown>) => Effect.Effect<unknown, unknown, never>) =>
  Effect.gen(function* () {
    const inner = yield* Archive
    let isFirst = true
    const write: typeof inner.write = (place, events) => {
      if (!isFirst) return inner.write(place, events)
      isFirst = false
      return Effect.andThen(Effect.orDie(before(inner.write(place, events))), inner.write(place, events))
    }
    return yield* Effect.provideService(archiveTick, Archive, Archive.of({ ...inner, write }))
  })

describe("an erasure while the archiver works", () => {
  it.each([1, 3])("[P1] lets nothing be written that the archiver had read before, after page %i", async (after) => {
    const cold = await closed()
    let pages = 0
    await cold.run(
      Effect.gen(function* () {
        const inner = yield* EventWindows
        const erase = Effect.provide(erasing, yield* Effect.context<Effect.Services<typeof erasing>>())
        const page: typeof inner.page = (request) =>
          Effect.tap(inner.page(request), () => (++pages === after ? erase : Effect.void))
        return yield* Effect.provideService(archiveTick, EventWindows, EventWindows.of({ ...inner, page }))
      })
    )
    assert.isAtLeast(pages, after)
    await comesToItsEnd(cold)
  })

  it("[P1] waits for what the archiver is writing", async () => {
    const cold = await closed()
    const found = await cold.run(
      Effect.gen(function* () {
        const erase = Effect.provide(erasing, yield* Effect.context<Effect.Services<typeof erasing>>())
        const began = yield* Clock.currentTimeMillis
        let erasure: Fiber.Fiber<unknown, unknown> | undefined
        yield* firstWrite(() =>
          Effect.gen(function* () {
            erasure = yield* Effect.forkDetach(erase)
            yield* Effect.sleep("30 seconds")
            assert.isUndefined(erasure.pollUnsafe())
          })
        )
        if (erasure === undefined) return assert.fail("nothing was written")
        yield* Fiber.join(erasure)
        return (yield* Clock.currentTimeMillis) - began
      })
    )
    assert.isAtLeast(found, 30_000)
    assert.isBelow(found, 60_000)
    await comesToItsEnd(cold)
  })

  it("[P1] waits for a worker that died until another may take its segment over", async () => {
    const cold = await closed()
    // It has put the first object, and is gone.
    const cut = await cold.run(
      Effect.exit(firstWrite((write) => Effect.andThen(write, Effect.die("cut off")) as Effect.Effect<never>))
    )
    assert.strictEqual(cut._tag, "Failure")
    assert.isAbove(named(cold), 0)
    const began = cold.clock.now()
    await cold.run(erasing)
    assert.isAtLeast(cold.clock.now() - began, 15 * 60_000)
    await comesToItsEnd(cold)
  })

  it("[P1] [P8] is undone by no worker that was stalled while another took its segment over", async () => {
    const cold = await closed()
    await cold.run(
      Effect.gen(function* () {
        const inner = yield* Archive
        const stalls = new Set(["objects", "list"])
        // The old worker is about to put its first object, or its list, for longer than it has the segment.
        const stalled = Archive.of({
          ...inner,
          write: (place, events, ours) =>
            Effect.andThen(
              stalls.delete("objects") ? Effect.sleep("5 minutes") : Effect.void,
              inner.write(place, events, ours)
            ),
          list: (window, part, objects, ours) =>
            Effect.andThen(
              stalls.delete("list") ? Effect.sleep("20 minutes") : Effect.void,
              inner.list(window, part, objects, ours)
            )
        })
        const old = yield* Effect.forkDetach(Effect.provideService(archiveTick, Archive, stalled))
        yield* Effect.sleep("1 minute")
        yield* erasing
        const now = yield* Clock.currentTimeMillis
        const tick = yield* Effect.provideService(archiveTick, Deadline, now + 840_000)
        assert.strictEqual(tick.state, "ended")
        assert.isUndefined(old.pollUnsafe())
        yield* Fiber.join(old)
      })
    )
    assert.deepStrictEqual(await cold.readAll(), LEFT)
    await comesToItsEnd(cold)
  })

  it("counts itself, and waits for nobody where no pass is under way", async () => {
    const cold = await makeCold()
    await cold.run(erasing)
    await cold.run(erasing)
    assert.deepStrictEqual((await cold.run(Control.use(({ read }) => read(ERASURES_KEY)))).value, { count: 2 })
  })
})
