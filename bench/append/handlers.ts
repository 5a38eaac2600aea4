import { type Contender, makeContenders, type Name, type Setting } from "./contenders.ts"
import { batchOf, deliveriesUntil } from "./records.ts"
import { type Effort, projected, rounds, run } from "./rounds.ts"

/** The process of the handlers: measures them against the canned answers, and tells what it took by one message. */
const setting = JSON.parse(process.argv[2] ?? "") as Setting & Effort & { readonly names: ReadonlyArray<Name> }
const { endpoint, size } = setting

const contenders = await makeContenders(setting, setting.names)
const spent = await rounds(endpoint, contenders, setting)

/** Milliseconds of an invocation where each call takes 4 ms, of those that are asked for. */
const delayed = async (name: Name, times: number) => {
  const taken: Array<number> = []
  const contender = contenders.find((one) => one.name === name)
  for (let n = 0; contender !== undefined && n < times; n++) {
    const batch = batchOf(deliveriesUntil(Date.now(), size, 1))
    const { spent } = await run(endpoint, { ...contender, invocations: 1 }, batch)
    taken.push((spent.wall * size) / 1_000)
  }
  return taken
}
await fetch(`${endpoint}/delay/4`)
const delays = {
  sequential: await delayed("sequential", 1),
  powertools: await delayed("powertools", 1),
  statements: await delayed("statements", setting.rounds),
  append: await delayed("append", 2 * setting.rounds + 1)
}
await fetch(`${endpoint}/delay/0`)

const append = contenders.find(({ name }) => name === "append") as Contender
const updates = await projected(setting, append, setting)
process.send?.({ spent, delays, updates })
process.disconnect?.()
