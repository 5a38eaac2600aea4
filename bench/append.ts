import { execFileSync } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { deploy } from "./append/deployed.ts"
import { measure } from "./append/measure.ts"
import { starts } from "./append/starts.ts"
import { median, ratios } from "./median.ts"

/**
 * How much CPU the deployed append function spends on an event, against other ways to store each once, in ratios of one run; how long an
 * invocation takes; and what Effect adds to a start. A target that is missed is said, and is no failure.
 */
const FUNCTIONS = ["append", "project", "redrive", "replay"] as const
const say = (line = "") => process.stdout.write(`${line}\n`)
const fixed = (value: number, digits = 1) => value.toFixed(digits).padStart(8)
const missed: Array<string> = []

/** A target in words, and whether it is held. */
const target = (held: boolean, words: string): string => {
  if (!held) missed.push(words)
  return `${words}: ${held ? "held" : "MISSED"}`
}

const folder = await mkdtemp(join(tmpdir(), "bench-append-"))
const deployed = await deploy(FUNCTIONS, folder)
const [append, project] = deployed
if (append === undefined || project === undefined) throw new Error("nothing was bundled")

const size = 500
const { spent, delays, updates } = await measure(append, project, { size, rounds: 5, warm: 60 })
const cpu = (name: keyof typeof spent) => spent[name].map((one) => one.cpu)
const times = (name: keyof typeof spent) => ratios(cpu(name), cpu("append"))

say(`append, invocations of ${size} records, CPU of the handler's process, median of ${cpu("append").length} rounds`)
say("                               us/event   times append (least to most)")
const held: Partial<Record<keyof typeof spent, number>> = { sequential: 10, powertools: 18 }
const names = {
  sequential: "one PutItem after another",
  again: "the same again (A/A)",
  concurrent: "PutItem, 16 in flight",
  powertools: "Powertools, idempotency, Put",
  readOnly: "records read, none stored",
  append: "append, as it is deployed"
}
for (const [name, title] of Object.entries(names) as ReadonlyArray<[keyof typeof spent, string]>) {
  const all = times(name)
  const [ratio, least] = [median(all), held[name]]
  const aim = least === undefined ? "" : `  ${target(ratio >= least, `${title}: at least ${least} times append`)}`
  const spread = `${ratio.toFixed(2).padStart(7)} (${Math.min(...all).toFixed(2)} to ${Math.max(...all).toFixed(2)})`
  say(`${title.padEnd(30)} ${fixed(median(cpu(name)))}  ${spread}${aim}`)
}
say(`project, an update of a row that is new ${fixed(median(updates))} us`)

say()
say(`ms of an invocation of ${size} records where each call takes 4 ms`)
say(`one PutItem after another      ${fixed(median(delays.sequential), 0)}`)
say(`Powertools, idempotency, Put   ${fixed(median(delays.powertools), 0)}`)
const wall = median(delays.append)
say(`append, as it is deployed      ${fixed(wall, 0)}  ${target(wall <= 100, "an invocation takes at most 100 ms")}`)

say()
const decoding: Readonly<Record<"parse" | "again" | "decode" | "derive", ReadonlyArray<number>>> = JSON.parse(
  execFileSync(process.execPath, [join(import.meta.dirname, "append/decode.ts")], { encoding: "utf8" })
)
say("what append computes before it calls anybody, CPU an event, against JSON.parse of the same")
const computed = {
  parse: "JSON.parse",
  again: "the same again (A/A)",
  decode: "decoded",
  derive: "decoded, and its updates"
}
for (const [name, title] of Object.entries(computed) as ReadonlyArray<[keyof typeof decoding, string]>)
  say(
    `${title.padEnd(30)} ${fixed(median(decoding[name]), 2)} us ${median(ratios(decoding[name], decoding.parse)).toFixed(2).padStart(6)}`
  )

say()
say("start of a function as it is deployed, and of its clients of AWS alone, ms in a fresh process, median")
for (const fn of deployed) {
  const { whole, bare } = starts(fn, 7)
  const more = median(whole.map((ms, round) => ms - (bare[round] as number)))
  const kilobytes = `${Math.round(fn.bytes / 1_000)} KB (${Math.round(fn.bareBytes / 1_000)})`
  say(
    `${fn.name.padEnd(8)} ${fixed(median(whole))} ${fixed(median(bare))}  ${target(more <= 30, `${fn.name} starts at most 30 ms later, here ${more.toFixed(0)}`)}; ${target(fn.bytes <= 700_000, `${fn.name} has at most 700 KB`)}, ${kilobytes}`
  )
}

say()
say(missed.length === 0 ? "All targets are held." : `Missed in this run: ${missed.join("; ")}.`)
await rm(folder, { recursive: true })
