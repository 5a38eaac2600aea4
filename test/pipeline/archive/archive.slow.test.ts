import { Effect } from "effect"
import { assert, describe, it } from "vitest"
import { indexedPage } from "../../../src/pipeline/indexed-page.ts"
import { Archive } from "../../../src/store/archive.ts"
import { EntityIndex } from "../../../src/store/entity-index.ts"
import { EventEraser } from "../../../src/store/event-eraser.ts"
import { EventWindows } from "../../../src/store/event-windows.ts"
import { memoryEntityIndex } from "../../../src/store/memory/entity-index.ts"
import { routingEvent } from "../../store/events.ts"
import { DAY, FIRST, makeCold } from "../../support/cold.ts"

const ids = (prefix: string, count = 8) => Array.from({ length: count }, (_, n) => `${prefix}-${n}`)

const expiring = EventWindows.use((table) => table.expiring)
const windows = Archive.use((archive) => archive.windows)

describe("the archiver", () => {
  it("[P1] lets no event leave the table before it stands in the archive, was read back, and its days are over", async () => {
    const cold = await makeCold()
    await cold.tick()
    const all = [...ids("a"), ...ids("b")]
    await cold.append(...ids("a"))
    await cold.pass(3 * DAY)
    await cold.append(...ids("b"))
    let gone = 0
    for (let day = 3; day < 45; day++) {
      await cold.daily(1)
      const held = await cold.inTable()
      const [window] = await cold.run(windows)
      const away = all.length - held.length
      if (away > gone) {
        assert.strictEqual(window?.state, "confirmed")
        // The window ends at day 7, and its events stay for 21 days after that.
        assert.isAtLeast(day, 28)
      }
      gone = away
      assert.deepStrictEqual(await cold.readAll(), all, `on day ${day}`)
    }
    assert.strictEqual(gone, all.length)
    assert.deepStrictEqual(await cold.inTable(), [])
  })

  it("[P8] archive and table are one store at every boundary: each event is read once, whichever window is sealed", async () => {
    const cold = await makeCold()
    await cold.tick()
    const all: Array<string> = []
    for (let week = 0; week < 6; week++) {
      await cold.append(...ids(`w${week}`))
      all.push(...ids(`w${week}`))
      await cold.weeks(1)
      assert.deepStrictEqual(await cold.readAll(), all.toSorted(), `in week ${week}`)
    }
    // A reading that began earlier goes on at its own boundary, whatever was sealed meanwhile.
    const sealed = (await cold.run(windows)).map(({ window }) => window)
    assert.isAtLeast(sealed.length, 5)
    for (const boundary of sealed.slice(2)) assert.deepStrictEqual(await cold.readAll(boundary, 3), all.toSorted())
    assert.isBelow((await cold.inTable()).length, all.length)
  })

  it("[P8] what was stored in a week before the archiver began is read from the table, where it stays", async () => {
    const cold = await makeCold()
    await cold.append(...ids("before"))
    await cold.pass(7 * DAY)
    await cold.tick()
    await cold.append(...ids("after"))
    const all = [...ids("before"), ...ids("after")].toSorted()
    for (let week = 1; week < 6; week++) {
      await cold.weeks(1)
      assert.deepStrictEqual(await cold.readAll(), all, `in week ${week}`)
    }
    assert.deepStrictEqual(await cold.inTable(), ids("before"))
  })

  it("windows leave one after the other, and after an outage of months the backlog is worked off", async () => {
    const cold = await makeCold()
    await cold.tick()
    for (let week = 0; week < 8; week++) {
      await cold.append(...ids(`w${week}`))
      await cold.pass(7 * DAY)
    }
    assert.strictEqual((await cold.inTable()).length, 64)
    await cold.daily(40)
    assert.isAtMost((await cold.inTable()).length, 8)
    assert.strictEqual((await cold.readAll()).length, 64)
  })

  it("[P1] an archiver that stops lets nothing leave but the one window that it had confirmed", async () => {
    const cold = await makeCold()
    await cold.tick()
    await cold.append(...ids("first"))
    await cold.weeks(1)
    await cold.append(...ids("second"))
    await cold.weeks(2)
    for (let day = 0; (await cold.run(expiring)) === undefined; day++) {
      assert.isBelow(day, 30)
      await cold.daily(1)
    }
    assert.strictEqual(await cold.run(expiring), FIRST)
    // Nobody ticks any more.
    await cold.pass(400 * DAY)
    assert.deepStrictEqual(await cold.inTable(), ids("second"))
  })

  it("[P8] what is left of an event after an erasure is read once, and leaves with its week; an id that was erased whole stays", async () => {
    const cold = await makeCold()
    await cold.tick()
    await cold.append(...ids("a"))
    const left = routingEvent("a-0", { routingStatus: { status: "IDLE" } }, {}, cold.clock.now())
    await cold.run(
      EventEraser.use(({ erase }) =>
        erase([
          { id: "a-0", at: cold.clock.now(), request: "r", left },
          { id: "a-1", at: cold.clock.now(), request: "r" }
        ])
      )
    )
    const rest = ids("a").filter((id) => id !== "a-1")
    for (let week = 0; week < 6; week++) {
      await cold.weeks(1)
      assert.deepStrictEqual(await cold.readAll(), rest, `in week ${week}`)
    }
    assert.deepStrictEqual(await cold.inTable(), ["a-1"])
  })

  it("[P8] the index by entity finds what has left the table, in the archive", async () => {
    const cold = await makeCold()
    await cold.tick()
    const received = cold.clock.now()
    await cold.append(...ids("a"))
    await cold.weeks(6)
    assert.deepStrictEqual(await cold.inTable(), [])
    await cold.append("new")
    const index = memoryEntityIndex()
    const entry = { projection: "agents", entity: "agent" }
    const page = await cold.run(
      Effect.gen(function* () {
        const of = yield* EntityIndex
        yield* of.add([
          { ...entry, eventId: "a-3", received },
          { ...entry, eventId: "new", received: cold.clock.now() },
          { ...entry, eventId: "none", received }
        ])
        return yield* indexedPage(of, entry)
      }).pipe(Effect.provide(index.layer))
    )
    assert.deepStrictEqual(page.events.map(({ id }) => id).sort(), ["a-3", "new"])
    assert.deepStrictEqual(
      page.unreadable.map(({ id }) => id),
      ["none"]
    )
  })
})
