import { isDeepStrictEqual } from "node:util"
import type { Context } from "aws-lambda"
import type { Contender, Setting } from "./contenders.ts"
import { TABLE } from "./contenders.ts"
import type { Handler } from "./others.ts"
import { type Batch, batchOf, deliveriesUntil, messagesOf } from "./records.ts"

/** Microseconds of an event: of CPU, and by the clock. */
export interface Spent {
  readonly cpu: number
  readonly wall: number
}

/** How much is done: records an invocation, rounds, and invocations of each handler before them. */
export interface Effort {
  readonly size: number
  readonly rounds: number
  readonly warm: number
}

const context = {
  functionName: "append",
  functionVersion: "1",
  invokedFunctionArn: "arn:aws:lambda:eu-west-1:444455556666:function:append",
  memoryLimitInMB: "1769",
  awsRequestId: "bench",
  logGroupName: "bench",
  logStreamName: "bench",
  callbackWaitsForEmptyEventLoop: true,
  getRemainingTimeInMillis: () => 60_000,
  done: () => {},
  fail: () => {},
  succeed: () => {}
} satisfies Context

/** What was stored since the last time, by id, and which messages were sent. */
export const takenAt = async (endpoint: string) => {
  const { items, messages } = (await (await fetch(`${endpoint}/taken`)).json()) as {
    readonly items: Readonly<Record<string, ReadonlyArray<{ readonly id: { readonly S: string } }>>>
    readonly messages: ReadonlyArray<string>
  }
  return { items: new Map((items[TABLE] ?? []).map((item) => [item.id.S, item])), messages }
}

const timed = async <A>(work: () => Promise<A>): Promise<Spent & { readonly value: A }> => {
  const [began, before] = [performance.now(), process.cpuUsage()]
  const value = await work()
  const { user, system } = process.cpuUsage(before)
  return { value, cpu: user + system, wall: 1_000 * (performance.now() - began) }
}

/** One invocation after another with the same batch. Throws unless after each exactly the events of the batch are stored, as they came. */
export const run = async (endpoint: string, { name, handler, envelopeOf, invocations }: Contender, batch: Batch) => {
  const spent: Array<Spent> = []
  let messages: ReadonlyArray<string> = []
  for (let n = 0; n < invocations; n++) {
    const { value, cpu, wall } = await timed(() => handler(JSON.parse(batch.text), context))
    const taken = await takenAt(endpoint)
    const right =
      taken.items.size === (envelopeOf === undefined ? 0 : batch.envelopes.size) &&
      [...taken.items].every(([id, item]) => isDeepStrictEqual(envelopeOf?.(item), batch.envelopes.get(id)))
    if (!right || value.batchItemFailures.length > 0) throw new Error(`${name} did not store what it was given`)
    messages = taken.messages
    spent.push({ cpu: cpu / batch.envelopes.size, wall: wall / batch.envelopes.size })
  }
  const mean = (of: keyof Spent) => spent.reduce((sum, one) => sum + one[of], 0) / spent.length
  return { spent: { cpu: mean("cpu"), wall: mean("wall") }, messages }
}

/** The same in another order each time: whoever always follows the same predecessor pays for its garbage. */
const shuffled = <A>(values: ReadonlyArray<A>): ReadonlyArray<A> =>
  values
    .map((value) => ({ value, place: Math.random() }))
    .sort((one, other) => one.place - other.place)
    .map(({ value }) => value)

/** Microseconds of each contender, by round. Each round has other events and a random order. All are warmed alike before. */
export const rounds = async (
  endpoint: string,
  contenders: ReadonlyArray<Contender>,
  { size, rounds: count, warm }: Effort
): Promise<Readonly<Record<string, ReadonlyArray<Spent>>>> => {
  const all = new Map(contenders.map(({ name }) => [name, [] as Array<Spent>]))
  const batch = (seed: number) => batchOf(deliveriesUntil(Date.now(), size, seed))
  const warming = batch(0)
  for (let n = 0; n < warm; n++)
    for (const contender of shuffled(contenders)) await run(endpoint, { ...contender, invocations: 1 }, warming)
  for (let round = 1; round <= count; round++) {
    const events = batch(round)
    for (const contender of shuffled(contenders))
      all.get(contender.name)?.push((await run(endpoint, contender, events)).spent)
  }
  return Object.fromEntries(all)
}

/** Microseconds of CPU of an update that `project`, as it is deployed, writes into rows that were not there, by round. */
export const projected = async (
  { endpoint, projectFile }: Setting,
  append: Contender,
  { size, rounds: count }: Effort
) => {
  const { handler } = (await import(projectFile)) as {
    readonly handler: (event: unknown, context: Context) => ReturnType<Handler>
  }
  const spent: Array<number> = []
  for (let round = 0; round < 2 * count; round++) {
    const batch = batchOf(deliveriesUntil(Date.now(), size, round))
    const { messages } = await run(endpoint, { ...append, invocations: 1 }, batch)
    const updates = messages.reduce((sum, body) => sum + (JSON.parse(body).deltas as ReadonlyArray<unknown>).length, 0)
    const text = messagesOf(messages)
    const { value, cpu } = await timed(() => handler(JSON.parse(text), context))
    if (value.batchItemFailures.length > 0) throw new Error("project did not take what append sent")
    spent.push(cpu / updates)
  }
  // The first half warms up.
  return spent.slice(count)
}
