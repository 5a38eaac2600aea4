import { execFileSync } from "node:child_process"
import { join } from "node:path"
import { Result } from "effect"
import { agents } from "../projections/agents.ts"
import { queues } from "../projections/queues.ts"
import type { Delta } from "../src/domain/delta.ts"
import { registerKey } from "../src/domain/delta.ts"
import { compareStamps } from "../src/domain/stamp.ts"
import { foldWith, topicsOf } from "../src/pipeline/replay/fold.ts"
import { ofTopics, restore } from "../src/store/aws/event-source.ts"
import { unpackBody } from "../src/store/aws/pack-body.ts"
import { samples } from "./items.ts"
import { median } from "./median.ts"
import { replayUnits } from "./replay-units.ts"

/**
 * How fast stored items are folded, against `JSON.parse` of the same bodies in the same run; what a replay holds in memory; and what it
 * costs. `npm run bench:replay [-- events...]`: peaks of memory are measured at these numbers of events, 1 and 10 million unless given.
 */
const [EVENTS, ROUNDS] = [40_000, 9]
const WINDOW = { settle: 5_000, skew: 300_000 }

const some = samples(EVENTS)
const stored = some.map(({ item }) => item)
const say = (line: string) => process.stdout.write(`${line}\n`)

const foldAll = (projection: typeof agents) => () => {
  const fold = foldWith([projection], {}, WINDOW)
  const gathered = new Map<string, Delta>()
  for (const item of ofTopics(stored, topicsOf([projection], {}))) {
    const { deltas, refusal } = fold(Result.getOrThrow(restore(item)))
    if (refusal !== undefined) throw refusal
    for (const delta of deltas ?? []) {
      const key = registerKey(delta)
      const held = gathered.get(key)
      if (held === undefined || compareStamps(delta.stamp, held.stamp) >= 0) gathered.set(key, delta)
    }
  }
  return gathered.size
}

const parseAll = () => some.reduce((sum, { body }) => sum + Object.keys(JSON.parse(body.replace(/^=/, ""))).length, 0)
const inflateAll = () =>
  some.reduce((sum, { item }) => sum + Object.keys(JSON.parse(unpackBody(item).replace(/^=/, ""))).length, 0)
const restoreAll = () => some.reduce((sum, { item }) => sum + (Result.isSuccess(restore(item)) ? 1 : 0), 0)

const contenders = {
  "JSON.parse of the bodies": parseAll,
  "the same again (A/A)": parseAll,
  "inflated and parsed": inflateAll,
  "restored from items": restoreAll,
  "folded into agents": foldAll(agents),
  "folded into queues": foldAll(queues)
}

/** Microseconds of CPU an event. */
const measure = (work: () => number): number => {
  const before = process.cpuUsage()
  if (work() === 0) throw new Error("nothing was done")
  const { user, system } = process.cpuUsage(before)
  return (user + system) / EVENTS
}

const times = new Map<string, Array<number>>(Object.keys(contenders).map((name) => [name, []]))
for (let round = -2; round < ROUNDS; round++)
  for (const [name, work] of Object.entries(contenders)) {
    const spent = measure(work)
    // The first rounds warm up.
    if (round >= 0) times.get(name)?.push(spent)
  }
const base = median(times.get("JSON.parse of the bodies") as Array<number>)
const deflated = some.filter(({ item }) => item.body?.B !== undefined).length
say(`${EVENTS} stored items, ${deflated} of them deflated, ${ROUNDS} rounds; CPU an event, median`)
for (const [name, spent] of times) {
  const each = median(spent)
  say(
    `${name.padEnd(26)} ${each.toFixed(2).padStart(6)} us  ${Math.round(1e6 / each)} events/s  rate against JSON.parse ${(base / each).toFixed(2)}`
  )
}

const units = await replayUnits(20_000)
say("")
say("units of a replay on the local engine, by generation, and dollars a million events")
for (const { generation, segments, readPerEvent, writePerEvent, dollarsPerMillion } of units)
  say(
    `${generation} ${segments} segments  ${readPerEvent.toFixed(3)} reads  ${writePerEvent.toFixed(3)} writes an event  $${dollarsPerMillion.toFixed(3)}`
  )

say("")
const peaks = (process.argv.length > 2 ? process.argv.slice(2).map(Number) : [1_000_000, 10_000_000]).map((events) => {
  const file = join(import.meta.dirname, "replay-memory.ts")
  const measured: { seconds: number; peakMb: number; rows: number } = JSON.parse(
    execFileSync(process.execPath, ["--max-semi-space-size=8", file, String(events)], { encoding: "utf8" })
  )
  const { seconds, peakMb, rows } = measured
  say(`${events} events: peak ${peakMb.toFixed(0)} MB, ${Math.round(events / seconds)} events/s, ${rows} rows`)
  return peakMb
})
if (peaks.length > 1) say(`peak of the last against the first: ${((peaks.at(-1) ?? 0) / (peaks[0] ?? 1)).toFixed(2)}`)
