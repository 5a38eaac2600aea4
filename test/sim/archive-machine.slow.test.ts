import { assert, describe, it } from "vitest"
import { WINDOW_MS, windowAt, windowStart } from "../../src/domain/archive-window.ts"
import { generation } from "../../src/domain/projection.ts"
import { parseWindow } from "../../src/store/archive-lines.ts"
import { operate } from "../cli/harness.ts"
import { bigLine, historyOf, START } from "../support/history.ts"
import { UNHURRIED } from "../support/seeds.ts"
import { devStack, type runStack } from "../support/stack.ts"
import { archiveUntil, reachFar, tick, untimed } from "../support/untimed.ts"

const MINUTE = 60_000
const DAY = 86_400_000
const SEGMENTS = 4

/** Of several weeks: what happened in the first is archived and gone when the last happens. */
const [FIRST, LAST] = [START, START + 6 * WINDOW_MS]
const early = historyOf(160, { start: FIRST })
const late = historyOf(120, { start: LAST, seed: 2 })

type Run = Awaited<ReturnType<typeof runStack>>

const feedFirst = async (run: Run) => {
  run.feed(early)
  await run.reach(Math.max(...early.map(({ at }) => at)) + MINUTE)
  run.send(bigLine("big"))
  await run.reach(run.clock.now() + 2 * MINUTE)
}

const feedLast = async (run: Run) => {
  await reachFar(run, LAST)
  run.feed(late)
  await run.reach(Math.max(...late.map(({ at }) => at)) + 2 * MINUTE)
}

const windowsOf = ({ stack, captured }: Run) => {
  const bucket = String(captured.outputs.archiveBucketName)
  return stack.s3
    .listAll(bucket, "windows/")
    .map(({ key }) => parseWindow(Buffer.from(stack.s3.read(bucket, key) ?? []).toString()))
}

const replayed = (projection: Parameters<typeof generation>[0]) =>
  ["replay", generation(projection), "--state-machine", "--yes", "--why", "ticket 7", "--json"] as const

type Site = Awaited<ReturnType<typeof operate>>

/** Rebuilds every generation, from all events. */
const rebuild = async (site: Site, events: number, idOf?: (name: string) => string) => {
  for (const projection of site.captured.projections) {
    const id = idOf === undefined ? [] : ["--id", idOf(projection.name)]
    const { code, out, err } = await site.command(...replayed(projection), ...id)
    assert.strictEqual(code, 0, err)
    assert.strictEqual(JSON.parse(out).counts.scanned, events)
  }
}

const options = { replaySegments: SEGMENTS, replayConcurrency: SEGMENTS }

/** What a rebuild makes of both weeks at that time where no event ever left the table. Nothing else is folded. */
const whole = async (when = 0) => {
  const site = await operate({ captured: untimed(await devStack(options), "project-mapping") })
  await feedFirst(site)
  await feedLast(site)
  await reachFar(site, when)
  const events = (await site.eventItems()).length
  await rebuild(site, events)
  const dump = await site.dump()
  await site.stack.stop()
  return { dump, events }
}

/** A stack of which nothing is folded yet, and whose first week has left the table. */
const emptied = async () => {
  const captured = await devStack({ ...options, eventRetentionDays: 21 })
  const site = await operate({ captured: untimed(captured, "project-mapping") })
  // The archiver begins with the week of its first tick.
  await tick(site)
  await feedFirst(site)
  const archived = (await site.eventItems()).length
  await archiveUntil(site, LAST - 2 * DAY)
  assert.isEmpty(await site.eventItems())
  assert.include(
    windowsOf(site).map(({ window, items, state }) => `${window} ${items} ${state}`),
    `${windowAt(FIRST)} ${archived} confirmed`
  )
  await feedLast(site)
  assert.deepStrictEqual(await site.dump(), [])
  return { site, archived, inTable: (await site.eventItems()).length }
}

describe("the state machine on a stack whose old events have left the table", () => {
  it("[P8] rebuilds every generation byte for byte as where no event ever left", UNHURRIED, async () => {
    const expected = await whole()
    const { site, archived, inTable } = await emptied()
    assert.strictEqual(archived + inTable, expected.events)
    assert.isTrue(archived > 100 && inTable > 100)
    await rebuild(site, expected.events)
    assert.isAbove(expected.dump.length, 50)
    assert.deepStrictEqual(await site.dump(), expected.dump)
    await site.stack.stop()
  })

  it("[P8] does so when executions stop on the way, and the archive grows meanwhile", UNHURRIED, async () => {
    const { site, archived, inTable } = await emptied()
    const idOf = (name: string) => `cut-${name}`
    for (const projection of site.captured.projections) {
      const scanned = []
      // In the archive, and then behind its end, in the table.
      for (const most of [Math.floor(archived / 2), archived + Math.floor(inTable / 2)]) {
        const asked = [...replayed(projection), "--id", idOf(projection.name), "--max-items", `${most}`]
        const { code, out, err } = await site.command(...asked)
        assert.strictEqual(code, 3, err)
        scanned.push(Number(JSON.parse(out).counts.scanned))
      }
      const [first = 0, second = 0] = scanned
      assert.isTrue(0 < first && first < archived && archived < second && second < archived + inTable, `${scanned}`)
    }
    // The last week is over and sealed: a replay that began now would read all of it from the archive.
    const end = windowStart(windowAt(LAST) + 1)
    await archiveUntil(site, end + DAY)
    const { state, items } = windowsOf(site).find(({ window }) => window === windowAt(LAST)) ?? {}
    assert.deepStrictEqual({ state, items }, { state: "sealed", items: inTable })
    await rebuild(site, archived + inTable, idOf)
    assert.deepStrictEqual(await site.dump(), (await whole(site.clock.now())).dump)
    await site.stack.stop()
  })
})
