import "effect/schema/SchemaJITCompiler/enable"
import { Result } from "effect"
import { projections } from "../../projections/index.ts"
import { foldEvent } from "../../src/domain/fold-event.ts"
import { decodeEvent } from "../../src/genesys/decoder.ts"
import { MORNING } from "../deliveries.ts"
import { deliveriesUntil } from "./records.ts"

/** Microseconds of CPU an event, by round, as one line of JSON: what append computes before it calls anybody, and `JSON.parse` of the same. */
const [EVENTS, ROUNDS, WARM] = [10_000, 9, 3]
const WINDOW = { settle: 5_000, skew: 300_000 }

const some = deliveriesUntil(MORNING, EVENTS, 1).map(({ line, at }) => ({
  text: line,
  raw: Buffer.from(line),
  at
}))

const parse = () => some.reduce((sum, { text }) => sum + Object.keys(JSON.parse(text)).length, 0)
const decode = () => some.reduce((sum, { raw, at }) => sum + Result.getOrThrow(decodeEvent(raw, at)).id.length, 0)
const derive = () =>
  some.reduce(
    (sum, { raw, at }) => sum + foldEvent(projections, Result.getOrThrow(decodeEvent(raw, at)), WINDOW).deltas.length,
    0
  )

const works = { parse, again: parse, decode, derive }
const spent: Record<keyof typeof works, Array<number>> = { parse: [], again: [], decode: [], derive: [] }
for (let round = -WARM; round < ROUNDS; round++)
  for (const [name, work] of Object.entries(works) as ReadonlyArray<[keyof typeof works, () => number]>) {
    const before = process.cpuUsage()
    if (work() === 0) throw new Error(`${name} did nothing`)
    const { user, system } = process.cpuUsage(before)
    if (round >= 0) spent[name].push((user + system) / EVENTS)
  }
process.stdout.write(`${JSON.stringify(spent)}\n`)
