import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { rejectedEvents } from "../../src/store/aws/rejected-events.ts"
import { useLog } from "../../src/store/aws/use-log.ts"
import { parseRejectedKey, RejectedEvents } from "../../src/store/rejected-events.ts"
import { UseLog, type UseRecord } from "../../src/store/use-log.ts"
import { BUCKET, makeEngine } from "./engine.ts"
import { ARRIVAL } from "./events.ts"

const DAY = 86_400_000
const day = (ms: number) => new Date(ms).toISOString().slice(0, 10)
const admin = { roleArn: "arn:aws:iam::444455556666:role/admin", label: "admin" }

const setUp = async () => {
  const { connect, s3, actions } = await makeEngine()
  const put = (Key: string, text = "x", Metadata = {}) =>
    s3.service("PutObject", { Bucket: BUCKET, Key, Body: Buffer.from(text), Metadata }, admin)
  const run = <A, E>(effect: Effect.Effect<A, E, RejectedEvents | UseLog>) =>
    Effect.runPromise(
      effect.pipe(
        Effect.provide(
          Layer.mergeAll(rejectedEvents(BUCKET), useLog(BUCKET)).pipe(Layer.provide(connect()), Layer.fresh)
        )
      )
    )
  return { s3, put, run, actions, keys: () => s3.listAll(BUCKET).map(({ key }) => key) }
}

const quarantined = (group: string, received: number, n = 0) =>
  `quarantine/${group}/${day(received)}/${received}-${n.toString(16).padStart(4, "0")}`

describe("rejected events on S3", () => {
  it("are found in every folder, also where one name begins like another", async () => {
    const { put, run } = await setUp()
    const groups = ["A", "A-b", "A.b", "A0", "A00", "B", "_"]
    for (const [n, group] of groups.entries()) await put(quarantined(group, ARRIVAL + n))
    await put("quarantinex/A/2026-05-06/1-00")
    await put("audit/2026-05-06/x.json")
    const { events, more } = await run(RejectedEvents.use(({ list }) => list("quarantine", { limit: 100 })))
    assert.deepStrictEqual(
      events.map(({ reason }) => reason),
      groups
    )
    assert.isFalse(more)
  })

  it("are listed over pages, days and folders by arrival, as many as asked for", async () => {
    const { put, run } = await setUp()
    for (let n = 0; n < 2_200; n++) await put(quarantined(n % 11 === 0 ? "Rare" : "Often", ARRIVAL + n * 60_000, n))
    const list = (selection: object) =>
      run(RejectedEvents.use(({ list }) => list("quarantine", { limit: 5_000, ...selection })))
    const all = await list({})
    assert.deepStrictEqual(
      all.events.map(({ received }) => (received - ARRIVAL) / 60_000),
      Array.from({ length: 2_200 }, (_, n) => n)
    )
    const { events, more } = await list({ limit: 1_500 })
    assert.deepStrictEqual([events, more], [all.events.slice(0, 1_500), true])
    const [since, until] = [ARRIVAL + DAY / 2, ARRIVAL + DAY]
    assert.deepStrictEqual(
      (await list({ since, until })).events,
      all.events.filter(({ received }) => received >= since && received < until)
    )
    assert.strictEqual((await list({ reason: "Rare" })).events.length, 200)
    assert.strictEqual((await list({ reason: "Rare", limit: 200 })).more, false)
  })

  it("take only keys of their own form", () => {
    assert.deepStrictEqual(parseRejectedKey("parked/rule/2026-05-06/17-ab"), {
      place: "parked",
      group: "rule",
      received: 17
    })
    for (const key of [
      "audit/2026-05-06/x",
      "quarantine/A/B/2026-05-06/17-ab",
      "redriven/parked/rule/2026-05-06/17-ab",
      ""
    ])
      assert.isUndefined(parseRejectedKey(key))
  })

  it("come with their notes, and with what the key says where there are none", async () => {
    const { put, run } = await setUp()
    const [noted, bare] = ["parked/rule/2026-05-06/17-ab", "parked/settle/2026-05-06/18-ab"]
    await put(noted, "body", { reason: "Refused", detail: "why", attempts: "3", received: "17" })
    await put(bare, "body")
    const [first, second, gone] = await run(
      RejectedEvents.use(({ open }) => Effect.all([open(noted), open(bare), open("parked/rule/2026-05-06/17-ac")]))
    )
    const { raw, ...notes } = first ?? assert.fail()
    assert.strictEqual(Buffer.from(raw).toString(), "body")
    assert.deepStrictEqual(notes, { reason: "Refused", detail: "why", received: 17, attempts: 3 })
    assert.deepStrictEqual({ ...second, raw: 0 }, { raw: 0, reason: "settle", detail: "", received: 18 })
    assert.isUndefined(gone)
  })

  it("[P2] are in their new place before they leave the old one", async () => {
    const { put, run, keys, actions, s3 } = await setUp()
    const key = quarantined("A", ARRIVAL)
    await put(key, "body")
    const event = { raw: Buffer.from("body"), reason: "A", detail: "d", received: ARRIVAL }
    actions.clear()
    await run(RejectedEvents.use(({ retire }) => retire(key, event, ARRIVAL + 1)))
    assert.deepStrictEqual([...actions], ["s3:PutObject", "s3:DeleteObject"])
    assert.deepStrictEqual(keys(), [`redriven/${key}`])
    assert.strictEqual(Buffer.from(s3.read(BUCKET, `redriven/${key}`) ?? []).toString(), "body")
  })
})

describe("the use log on S3", () => {
  const record = (at: number, id: string): UseRecord => ({
    id,
    phase: "begun",
    at: new Date(at).toISOString(),
    who: { user: "robin", host: "desk" },
    stack: "stack test",
    command: "quarantine list",
    filters: { limit: 50 }
  })

  it("never overwrites, and takes its own record for written when the answer was lost", async () => {
    const { run, s3 } = await setUp()
    const first = record(ARRIVAL, "1")
    const key = await run(UseLog.use(({ append }) => append(first)))
    assert.strictEqual(await run(UseLog.use(({ append }) => append(first))), key)
    const other = { ...first, command: "quarantine redrive" }
    const refused = await run(Effect.flip(UseLog.use(({ append }) => append(other))))
    assert.strictEqual(refused.reason, "PreconditionFailed")
    assert.deepStrictEqual(JSON.parse(Buffer.from(s3.read(BUCKET, key) ?? []).toString()), first)
  })

  it("lists the newest records of a span in order, and nothing that is none", async () => {
    const { run, put } = await setUp()
    for (let n = 0; n < 10; n++)
      await run(UseLog.use(({ append }) => append(record(ARRIVAL + (n * DAY) / 2, String(n)))))
    await put(`audit/${day(ARRIVAL)}/${new Date(ARRIVAL + 1).toISOString()}-x.json`, "no record")
    const list = async (since: number, until: number, limit: number) =>
      (await run(UseLog.use(({ list }) => list({ since, until, limit })))).map(({ id }) => id)
    assert.deepStrictEqual(
      await list(ARRIVAL, ARRIVAL + 9 * DAY, 100),
      Array.from({ length: 10 }, (_, n) => String(n))
    )
    assert.deepStrictEqual(await list(ARRIVAL + DAY, ARRIVAL + 2 * DAY, 100), ["2", "3"])
    assert.deepStrictEqual(await list(ARRIVAL, ARRIVAL + 9 * DAY, 3), ["7", "8", "9"])
  })
})
