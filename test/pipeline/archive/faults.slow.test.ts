import { ServiceError } from "aws-in-process"
import { Effect } from "effect"
import { assert, describe, it } from "vitest"
import { windowColumn } from "../../../src/domain/archive-window.ts"
import { Archive } from "../../../src/store/archive.ts"
import { EventWindows } from "../../../src/store/event-windows.ts"
import { PRINCIPAL } from "../../store/permissive.ts"
import { DAY, type Fault, FIRST, makeCold } from "../../support/cold.ts"

const ids = (prefix: string, count = 8) => Array.from({ length: count }, (_, n) => `${prefix}-${n}`)

const windows = Archive.use((archive) => archive.windows)

/** A table with a first window that is closed and not archived, and a second one. */
const closed = async () => {
  const cold = await makeCold()
  await cold.tick()
  await cold.append(...ids("first"))
  await cold.pass(8 * DAY)
  await cold.append(...ids("second"))
  return cold
}

const all = [...ids("first"), ...ids("second")]

const denied = new ServiceError("AccessDenied", "no")

/** Ticks once a day; one that fails is left to the next. Returns how many failed. */
const daysOf = async (cold: Awaited<ReturnType<typeof makeCold>>, days: number) => {
  let failed = 0
  for (let day = 0; day < days; day++) {
    await cold.pass(DAY)
    await cold.tick().catch(() => {
      failed++
    })
  }
  return failed
}

describe("the archive under faults", () => {
  const refusals: ReadonlyArray<readonly [string, Fault]> = [
    ["objects cannot be put", (operation) => (operation === "PutObject" ? denied : undefined)],
    ["objects cannot be read back", (operation) => (operation === "GetObject" ? denied : undefined)],
    ["the table cannot be read", (operation) => (operation === "Scan" ? denied : undefined)],
    ["the state cannot be written", (operation) => (operation === "PutItem" ? denied : undefined)]
  ]
  for (const [what, fault] of refusals)
    it(`[P1] while ${what}, nothing leaves the table for as long as that lasts, and all is archived afterwards`, async () => {
      const cold = await closed()
      cold.fail(fault)
      assert.isAbove(await daysOf(cold, 60), 0)
      assert.deepStrictEqual(await cold.inTable(), all)
      cold.fail(() => undefined)
      const [late] = await cold.daily(1)
      assert.isAbove(late?.confirmAge ?? 0, 50 * DAY)
      await cold.daily(40)
      assert.deepStrictEqual(await cold.readAll(), all)
      assert.notInclude(await cold.inTable(), "first-0")
    })

  it("[P1] a crash before any of its calls, and after it, loses nothing and doubles nothing", async () => {
    for (const operation of ["PutObject", "PutItem", "Scan"])
      for (const at of [0, 2, 5, 9])
        for (const after of [false, true]) {
          const cold = await closed()
          const { s3 } = cold
          cold.fail((name, input, nth) => {
            if (name !== operation || nth !== at) return undefined
            // The call happens, and its caller is gone before it hears of that.
            if (after && name === "PutObject") void s3.service(name, input as never, PRINCIPAL)
            return denied
          })
          await cold.tick().catch(() => undefined)
          cold.fail(() => undefined)
          assert.deepStrictEqual(await cold.readAll(), all, `${operation} ${at}`)
          await cold.daily(1)
          assert.strictEqual((await cold.run(windows)).length, 1)
          assert.deepStrictEqual(await cold.readAll(), all, `${operation} ${at}`)
        }
  }, 60_000)

  it("[P1] an object that is cut off is found before its window may leave, and its events are archived again", async () => {
    const cold = await closed()
    await cold.daily(1)
    const [object] = cold.s3.listAll("archive", "events/")
    assert.isDefined(object)
    const { key, size } = object as NonNullable<typeof object>
    const Body = (cold.s3.read("archive", key) as Uint8Array).slice(0, size / 2)
    await cold.s3.service("PutObject", { Bucket: "archive", Key: key, Body, Metadata: {} } as never, PRINCIPAL)
    const reports = await cold.weeks(1)
    assert.isAbove(Math.max(...reports.map(({ suspects }) => suspects)), 0)
    assert.isAbove(Math.max(...reports.map(({ missing }) => missing)), 0)
    assert.deepStrictEqual(await cold.readAll(), all)
    await cold.weeks(5)
    assert.notInclude(await cold.inTable(), "first-0")
    assert.deepStrictEqual(await cold.readAll(), all)
  })

  it("[P1] an event that the archive lacks is found by its id and archived, before its window may leave", async () => {
    const cold = await closed()
    await cold.daily(1)
    // Stored with the column of a window that was sealed without it, as by a function that hung for an hour.
    const { Item } = (await cold.dynamodb.service(
      "GetItem",
      { TableName: "events", Key: { id: { S: "first-0" } } },
      PRINCIPAL
    )) as { Item: Record<string, unknown> }
    assert.isDefined(Item[windowColumn(FIRST)])
    const late = { ...Item, id: { S: "late" } }
    await cold.dynamodb.service("PutItem", { TableName: "events", Item: late } as never, PRINCIPAL)
    const reports = await cold.weeks(1)
    assert.strictEqual(Math.max(...reports.map(({ missing }) => missing)), 1)
    await cold.weeks(5)
    assert.deepStrictEqual(await cold.inTable(), [])
    assert.deepStrictEqual(await cold.readAll(), [...all, "late"].toSorted())
  })

  it("[P8] where a window leaves the table too early, readers have it from the archive, and it is confirmed all the same", async () => {
    const cold = await closed()
    await cold.daily(1)
    // Somebody names the column of a window that is sealed and not confirmed.
    await cold.run(EventWindows.use((table) => table.expire(FIRST)))
    await cold.pass(3 * 3_600_000)
    assert.deepStrictEqual(await cold.inTable(), ids("second"))
    assert.deepStrictEqual(await cold.readAll(), all)
    await cold.weeks(2)
    assert.strictEqual((await cold.run(windows))[0]?.state, "confirmed")
    assert.deepStrictEqual(await cold.readAll(), all)
  })

  it("what cannot be restored is archived as its item, and named by readers", async () => {
    const cold = await makeCold()
    await cold.tick()
    const item = {
      id: { S: "odd" },
      topic: { S: "t" },
      received: { N: "5" },
      body: { S: "no json" },
      [windowColumn(FIRST)]: { N: "1" }
    }
    await cold.dynamodb.service("PutItem", { TableName: "events", Item: item } as never, PRINCIPAL)
    assert.deepStrictEqual(await cold.readAll(), ["unreadable odd"])
    await cold.weeks(2)
    assert.deepStrictEqual(await cold.readAll(), ["unreadable odd"])
    const [event] = await cold.run(
      Effect.gen(function* () {
        const archive = yield* Archive
        const [window] = yield* archive.windows
        const [object] = yield* archive.objects(window as NonNullable<typeof window>)
        return yield* archive.read(object as NonNullable<typeof object>)
      })
    )
    assert.deepStrictEqual(event?.item, { Item: item })
  })
})
