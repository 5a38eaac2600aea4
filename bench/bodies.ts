import "effect/schema/SchemaJITCompiler/enable"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { agents } from "../projections/agents.ts"
import { queues } from "../projections/queues.ts"
import { type Item, itemBytes } from "../src/store/aws/attribute.ts"
import { packBody, unpackBody } from "../src/store/aws/pack-body.ts"
import { deployBench } from "./append/deployed.ts"
import { measure } from "./append/measure.ts"
import * as before from "./before.ts"
import { foldItems } from "./fold.ts"
import { samples } from "./items.ts"
import { median, ratios } from "./median.ts"
import { cpuByRound } from "./rounds.ts"

/**
 * What a dictionary changes against bodies that are deflated where that saves a write unit, in one run: bytes, read units, the time to
 * compress, to restore and to fold, and the CPU of append as it is deployed. A target that is missed is said so, and is no failure.
 */
const [EVENTS, PAGE] = [8_000, 1_000]
const EFFORT = { count: EVENTS, rounds: 9, warm: 3 }

const say = (line = "") => process.stdout.write(`${line}\n`)
const some = samples(EVENTS)
const columnsOf = ({ body: _, ...columns }: Item): Item => columns
const others = (columns: Item) => itemBytes(columns) + "body".length

const packedBy = (pack: typeof packBody): ReadonlyArray<Item> =>
  some.map(({ item, body }) => {
    const columns = columnsOf(item)
    return { ...columns, body: pack(columns, body, others(columns)) }
  })
const stored = { before: packedBy(before.packBody), now: packedBy(packBody) }
for (const [i, { body }] of some.entries())
  for (const items of Object.values(stored))
    if (unpackBody(items[i] as Item) !== body) throw new Error("a body is not what it was")

const bytes = (items: ReadonlyArray<Item>) => items.reduce((sum, item) => sum + itemBytes(item), 0) / EVENTS

/** Units of a scan in pages, eventually consistent. */
const readUnits = (items: ReadonlyArray<Item>) => {
  let units = 0
  for (let at = 0; at < items.length; at += PAGE)
    units += Math.ceil(items.slice(at, at + PAGE).reduce((sum, item) => sum + itemBytes(item), 0) / 4_096) / 2
  return units / items.length
}

const compressAll = (pack: typeof packBody) => () =>
  some.reduce((sum, { item, body }) => sum + Object.keys(pack(item, body, others(item))).length, 0)
const restoreAll = (items: ReadonlyArray<Item>) => () => items.reduce((sum, item) => sum + unpackBody(item).length, 0)

const row = (what: string, was: number, is: number, digits: number, aim: string, held: boolean) =>
  say(
    `${what.padEnd(34)} ${was.toFixed(digits).padStart(9)} ${is.toFixed(digits).padStart(9)} ${(is / was).toFixed(2).padStart(6)}  ${aim === "" ? "" : `${aim}: ${held ? "held" : "MISSED"}`}`
  )

const deflated = stored.before.filter(({ body }) => body?.B !== undefined).length
say(`${EVENTS} events, ${deflated} of which deflated before; CPU in us an event, median of ${EFFORT.rounds} rounds`)
say(`${"".padEnd(34)} ${"before".padStart(9)} ${"now".padStart(9)} ${"ratio".padStart(6)}`)
const [was, is] = [bytes(stored.before), bytes(stored.now)]
row("bytes of a stored item", was, is, 0, "at most 350", is <= 350)
const [readsBefore, reads] = [readUnits(stored.before), readUnits(stored.now)]
row("read units of a scan, an event", readsBefore, reads, 3, "at most half", reads <= readsBefore / 2)

const works = {
  "compress a body": [compressAll(before.packBody), compressAll(packBody)],
  "restore a body": [restoreAll(stored.before), restoreAll(stored.now)],
  "fold stored items into agents": [() => foldItems(agents, stored.before), () => foldItems(agents, stored.now)],
  "fold stored items into queues": [() => foldItems(queues, stored.before), () => foldItems(queues, stored.now)]
} as const
for (const [what, [old, now]] of Object.entries(works)) {
  const spent = cpuByRound({ old, again: old, now }, EFFORT)
  const ratio = median(ratios(spent.now, spent.old))
  const fold = what.startsWith("fold")
  row(what, median(spent.old), median(spent.old) * ratio, 2, fold ? "at most 1" : "", ratio <= 1)
  say(`${"  the same again (A/A)".padEnd(54)} ${median(ratios(spent.again, spent.old)).toFixed(2).padStart(6)}`)
}

const folder = await mkdtemp(join(tmpdir(), "bench-bodies-"))
const functions = await deployBench(folder, {
  module: "src/store/aws/pack-body.ts",
  before: join(import.meta.dirname, "before.ts")
})
const { spent } = await measure(functions, ["append", "before"], { size: 500, rounds: 15, warm: 60 })
const cpu = (name: keyof typeof spent) => spent[name].map((one) => one.cpu)
const ratio = median(ratios(cpu("append"), cpu("before")))
row("append, as it is deployed", median(cpu("before")), median(cpu("before")) * ratio, 1, "at most 1.25", ratio <= 1.25)
await rm(folder, { recursive: true })
