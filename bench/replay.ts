import "effect/schema/SchemaJITCompiler/enable"
import { execFileSync } from "node:child_process"
import { join } from "node:path"
import { Result } from "effect"
import { agents } from "../projections/agents.ts"
import { queues } from "../projections/queues.ts"
import { restore } from "../src/store/aws/event-source.ts"
import { unpackBody } from "../src/store/aws/pack-body.ts"
import { foldItems } from "./fold.ts"
import { samples } from "./items.ts"
import { median, ratios } from "./median.ts"
import { replayUnits } from "./replay-units.ts"
import { cpuByRound } from "./rounds.ts"

/**
 * How fast stored items are folded, against `JSON.parse` of the same bodies in the same run; what a replay holds in memory; and what it
 * costs. `npm run bench:replay [-- events...]`: peaks of memory are measured at these numbers of events, 1 and 10 million unless given.
 */
const EVENTS = 20_000
const EFFORT = { count: EVENTS, rounds: 9, warm: 3 }

const some = samples(EVENTS)
const stored = some.map(({ item }) => item)
const say = (line: string) => process.stdout.write(`${line}\n`)

const parse = (text: string) => Object.keys(JSON.parse(text.replace(/^=/, ""))).length
const works = {
  "JSON.parse of the bodies": () => some.reduce((sum, { body }) => sum + parse(body), 0),
  "the same again (A/A)": () => some.reduce((sum, { body }) => sum + parse(body), 0),
  "unpacked and parsed": () => stored.reduce((sum, item) => sum + parse(unpackBody(item)), 0),
  "restored from items": () => stored.reduce((sum, item) => sum + (Result.isSuccess(restore(item)) ? 1 : 0), 0),
  "folded into agents": () => foldItems(agents, stored),
  "folded into queues": () => foldItems(queues, stored)
}

const spent = cpuByRound(works, EFFORT)
const base = spent["JSON.parse of the bodies"]
say(`${EVENTS} stored items, ${EFFORT.rounds} rounds; CPU an event, median`)
for (const [name, each] of Object.entries(spent)) {
  const us = median(each)
  say(
    `${name.padEnd(26)} ${us.toFixed(2).padStart(6)} us  ${Math.round(1e6 / us)} events/s  rate against JSON.parse ${median(ratios(base, each)).toFixed(2)}`
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
