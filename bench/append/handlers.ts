import { batchOf, deliveriesUntil } from "./records.ts"
import { type Contender, type Effort, makeContenders, projected, rounds, run, type Setting } from "./rounds.ts"

/** The process of the handlers: measures them against the canned answers, and tells what it took by one message. */
const setting = JSON.parse(process.argv[2] ?? "") as Setting & Effort
const { endpoint, size, warm } = setting

const contenders = await makeContenders(setting)
const { sequential, powertools, append } = contenders
const batch = () => batchOf(deliveriesUntil(Date.now(), size, 1))
await run(endpoint, { ...append, invocations: warm }, batch())
const spent = await rounds(endpoint, contenders, setting)

/** Milliseconds of an invocation where each call takes 4 ms. */
const delayed = async (contender: Contender, times: number) => {
  const taken: Array<number> = []
  for (let n = 0; n < times; n++) {
    const { spent } = await run(endpoint, { ...contender, invocations: 1 }, batch())
    taken.push((spent.wall * size) / 1_000)
  }
  return taken
}
await fetch(`${endpoint}/delay/4`)
const delays = {
  sequential: await delayed(sequential, 1),
  powertools: await delayed(powertools, 1),
  append: await delayed(append, 2 * setting.rounds + 1)
}
await fetch(`${endpoint}/delay/0`)

const updates = await projected(setting, append, setting)
process.send?.({ spent, delays, updates })
process.disconnect?.()
