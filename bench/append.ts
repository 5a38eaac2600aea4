import { execFileSync } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { deploy, deployBench } from "./append/deployed.ts"
import { measure } from "./append/measure.ts"
import { starts } from "./append/starts.ts"
import { median, ratios } from "./median.ts"

/**
 * What the deployed append function spends on an event, against other ways to store each once, in ratios of one run; how long an
 * invocation takes; and what Effect adds to a start. A target that is missed is said so, and is no failure: this measures, and tests nothing.
 */
const FUNCTIONS = ["append", "project", "redrive", "replay"] as const
const SIZE = 500
const EFFORT = { size: SIZE, rounds: 7, warm: 60 }
const STARTS = 11

const say = (line = "") => process.stdout.write(`${line}\n`)
const missed: Array<string> = []

/** Whether a figure is on the right side of its target, in words. */
const held = (what: string, value: number, aim: "at least" | "at most", bound: number, unit = ""): string => {
  const right = aim === "at least" ? value >= bound : value <= bound
  if (!right) missed.push(`${what} ${aim} ${bound}${unit}, here ${value.toFixed(1)}`)
  return `${aim} ${bound}${unit}: ${right ? "held" : "MISSED"}`
}
const row = (title: string, value: number, digits = 1) => `${title.padEnd(30)} ${value.toFixed(digits).padStart(7)}`
const spread = (values: ReadonlyArray<number>, digits = 2) =>
  `(${Math.min(...values).toFixed(digits)} to ${Math.max(...values).toFixed(digits)})`

const folder = await mkdtemp(join(tmpdir(), "bench-append-"))
const functions = await deployBench(folder)

const ways = [
  { name: "sequential", title: "one PutItem after another", least: 10 },
  { name: "again", title: "the same again (A/A)" },
  { name: "concurrent", title: "PutItem, 16 in flight" },
  { name: "powertools", title: "Powertools, idempotency, Put", least: 18 },
  { name: "statements", title: "25 statements a call" },
  { name: "batchWrite", title: "BatchWriteItem, overwriting" },
  { name: "floor", title: "25 statements, signed by hand" },
  { name: "readOnly", title: "records read, none stored" },
  { name: "append", title: "append, as it is deployed" }
] as const
const { spent, delays, updates } = await measure(
  functions,
  ways.map(({ name }) => name),
  EFFORT
)
const cpu = (name: (typeof ways)[number]["name"]) => spent[name].map((one) => one.cpu)

say(
  `invocations of ${SIZE} records: CPU of the handler, median of ${EFFORT.rounds} rounds, and how many times that of append`
)
say("                              us/event   times  least to most")
for (const way of ways) {
  const times = ratios(cpu(way.name), cpu("append"))
  const aim = "least" in way ? `  ${held(`${way.title}, times append:`, median(times), "at least", way.least)}` : ""
  say(`${row(way.title, median(cpu(way.name)))} ${median(times).toFixed(2).padStart(7)}  ${spread(times)}${aim}`)
}
say(`${row("an update, projected", median(updates))}`)

say()
say(`ms of an invocation of ${SIZE} records where each call takes 4 ms`)
say(row("one PutItem after another", median(delays.sequential), 0))
say(row("Powertools, idempotency, Put", median(delays.powertools), 0))
say(row("25 statements a call", median(delays.statements), 0))
const wall = median(delays.append)
say(`${row("append, as it is deployed", wall, 0)}  ${held("an invocation:", wall, "at most", 100, " ms")}`)

const computed = {
  parse: "JSON.parse",
  again: "the same again (A/A)",
  decode: "decoded",
  derive: "and its updates derived"
}
const decoding: Readonly<Record<keyof typeof computed, ReadonlyArray<number>>> = JSON.parse(
  execFileSync(process.execPath, [join(import.meta.dirname, "append/decode.ts")], { encoding: "utf8" })
)
say()
say("us of CPU that append computes on an event before it calls anybody, and against JSON.parse of the same")
for (const [name, title] of Object.entries(computed) as ReadonlyArray<[keyof typeof computed, string]>) {
  const against = median(ratios(decoding[name], decoding.parse))
  say(`${row(title, median(decoding[name]), 2)} ${against.toFixed(2).padStart(7)}`)
}

say()
say(
  "ms from an empty process to a function that is ready, of its clients of AWS alone, and the difference; size of its bundle"
)
for (const fn of await deploy(FUNCTIONS, folder)) {
  const { whole, bare } = starts(fn, STARTS)
  const more = whole.map((ms, round) => ms - (bare[round] as number))
  say(
    [
      `${row(fn.name, median(whole), 0)} ${median(bare).toFixed(0).padStart(7)} ${median(more).toFixed(0).padStart(6)} ${spread(more, 0)}`,
      held(`${fn.name}, ms more:`, median(more), "at most", 30, " ms"),
      `${(fn.bytes / 1_000).toFixed(0)} KB, ${held(`${fn.name}, bundle:`, fn.bytes / 1_000, "at most", 660, " KB")}`
    ].join("  ")
  )
}
say()
say(missed.length === 0 ? "All targets are held." : `Missed in this run: ${missed.join("; ")}.`)
await rm(folder, { recursive: true })
