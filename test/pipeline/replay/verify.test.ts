import { assert, describe, it } from "@effect/vitest"
import { virtualClock } from "aws-in-process/clock"
import { Effect } from "effect"
import { projections } from "../../../projections/index.ts"
import type { Delta } from "../../../src/domain/delta.ts"
import { generation } from "../../../src/domain/projection.ts"
import { mergeDeltas } from "../../../src/pipeline/merge.ts"
import { makeCore } from "../../support/core.ts"
import { arrival, arrivalsOf, historyOf, START, statusLine } from "../../support/history.ts"
import { type Around, GENERATIONS, makeReplays, total } from "../../support/replay.ts"

const END = Date.UTC(2030, 0)
const [AGENTS] = GENERATIONS as [string]

const lived = async (chaos = 0.4) => {
  const core = makeCore()
  await core.deliver(arrivalsOf(historyOf(300, { seed: 2, chaos })))
  await core.settle(core.queue.take(END))
  return core
}

const verifying = { write: false } as const

describe("verify", () => {
  it("[P8] finds nothing where live has folded everything, and writes nothing", async () => {
    const core = await lived()
    const replays = makeReplays(core.events, core.rows)
    const before = core.dump()
    const frozen: Around["rows"] = (inner) => ({
      ...inner,
      save: () => Effect.die("a verify wrote"),
      ticket: () => Effect.die("a verify wrote"),
      summarise: () => Effect.die("a verify wrote")
    })
    for (const segments of [1, 4]) {
      const options = { around: { rows: frozen } }
      const reports = await replays.rebuild({ ...verifying, id: `verify ${segments}`, segments }, options)
      assert.deepStrictEqual([total(reports, "differences"), total(reports, "unsettled")], [0, 0])
      const rows = before.filter((line) => !/ state \{"events":\[\]/.test(line)).length
      assert.strictEqual(total(reports, "rows"), rows)
    }
    assert.deepStrictEqual(core.dump(), before)
  })

  it("[P8] names what is missing, what is extra and what is different, with its registers", async () => {
    const core = await lived(0)
    // The table misses what was not settled, and holds what no event says.
    const line = statusLine("new", "IDLE", START + 60_000).replaceAll("6b1f4c2e-8a53-4d97-b0e6-2c7d9f1a3b58", "missed")
    await core.deliver([arrival(line, START + 60_000)])
    core.queue.take(END)
    const [held] = core.dump().flatMap((row) => (/^agents-v2 (\S+) state/.exec(row) ?? []).slice(1))
    const invented = (entity: string, register: string): Delta => ({
      projection: AGENTS,
      entity,
      row: "state",
      register,
      value: "invented",
      stamp: { clock: START + 3_600_000, published: START, eventId: "never" },
      late: false
    })
    const of = (name: string) => projections.find((one) => generation(one) === name)
    await core.run(mergeDeltas([invented("nobody", "routingStatus"), invented(held as string, "routingStatus")], of))
    const replays = makeReplays(core.events, core.rows)
    const reports = await replays.replay({ ...verifying, segments: 3 })
    const found = reports.flatMap(({ differences }) => differences)
    assert.deepStrictEqual(
      found.sort((a, b) => (a.kind < b.kind ? -1 : 1)),
      [
        { entity: held as string, row: "state", kind: "different", registers: ["routingStatus"] },
        { entity: "nobody", row: "state", kind: "extra", registers: ["routingStatus"] },
        { entity: "missed", row: "state", kind: "missing", registers: ["routingStatus"] }
      ]
    )
    assert.strictEqual(total(reports, "differences"), 3)
    const one = await replays.replay({ ...verifying, id: "one", scope: { entity: "missed" } })
    assert.deepStrictEqual([total(one, "differences"), total(one, "folded")], [1, 1])
    // Of some topics only, the table may know more than they say.
    const some = await replays.replay({ ...verifying, id: "some", scope: { topics: ["v2.users.{id}.presence"] } })
    assert.strictEqual(total(some, "differences"), 0)
  })

  it("[P5] leaves out what may still be on its way", async () => {
    const core = makeCore()
    await core.deliver([arrival(statusLine("e-1", "IDLE", START), START)])
    const replays = makeReplays(core.events, core.rows, virtualClock(START + 1_000))
    const reports = await replays.replay(verifying)
    assert.deepStrictEqual([total(reports, "differences"), total(reports, "unsettled")], [0, 1])
  })

  it("[P8] bounds its memory, and says what to do about it", async () => {
    const core = await lived()
    const replays = makeReplays(core.events, core.rows)
    const bounds = { verifyRows: 20 }
    const message = await replays.replay(verifying, { bounds }).catch((error) => error.message)
    assert.match(String(message), /more than 20 rows in one segment; raise segments/)
    const reports = await replays.replay({ ...verifying, id: "more", segments: 30 }, { bounds })
    assert.strictEqual(total(reports, "differences"), 0)
  })

  it("[P8] says so where a tombstone is missing that nobody could have deleted yet, and only then", async () => {
    const core = await lived(0)
    const gone = makeReplays(core.events)
    const closed: Around["rows"] = (inner) => ({
      ...inner,
      save: (writes) =>
        inner
          .save(writes.filter(({ expiresAt }) => expiresAt === undefined))
          .pipe(Effect.map(() => writes.map(() => "written" as const)))
    })
    await gone.replay({}, { around: { rows: closed }, bounds: { registers: 100_000 } })
    gone.clock.advanceTo(gone.clock.now() + 2 * 86_400_000)
    const early = await gone.replay({ ...verifying, id: "early" })
    assert.strictEqual(total(early, "differences"), 0, "a day has gone by since")
    const soon = makeReplays(core.events, gone.rows, virtualClock(START + 3_600_000))
    const reports = await soon.replay({ ...verifying, id: "soon" })
    assert.isAbove(total(reports, "differences"), 0)
    assert.isTrue(reports.flatMap(({ differences }) => differences).every(({ kind }) => kind === "missing"))
  })
})
