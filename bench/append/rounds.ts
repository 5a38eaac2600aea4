import { DynamoDBClient } from "@aws-sdk/client-dynamodb"
import type { Context } from "aws-lambda"
import { type Handler, others } from "./others.ts"
import { type Batch, batchOf, deliveriesUntil, messagesOf } from "./records.ts"

/** Microseconds of an event: of CPU, and by the clock. */
export interface Spent {
  readonly cpu: number
  readonly wall: number
}

export interface Contender {
  readonly name: string
  readonly handler: Handler
  /** Whether it stores what it is given; the others only read it. */
  readonly stores: boolean
  /** Invocations a round: more where one is too short to be measured. */
  readonly invocations: number
}

/** Where the canned answers are, and the handlers as they are deployed. The rest comes from the environment, as on Lambda. */
export interface Setting {
  readonly endpoint: string
  readonly appendFile: string
  readonly projectFile: string
}

/** How much is done: records an invocation, rounds, and invocations of append before them, after which it gets no faster. */
export interface Effort {
  readonly size: number
  readonly rounds: number
  readonly warm: number
}

const TABLE = process.env.EVENT_TABLE ?? "events"

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

/** All that are compared, in one process: the handler as deployed, and the others over the same SDK. */
export const makeContenders = async ({ appendFile }: Setting) => {
  const { handler } = (await import(appendFile)) as { readonly handler: Handler }
  const client = new DynamoDBClient({})
  const { sequential, concurrent, powertools, readOnly } = others(client, TABLE, "idempotency")
  return {
    sequential: { name: "one PutItem after another", handler: sequential, stores: true, invocations: 1 },
    again: { name: "the same again (A/A)", handler: sequential, stores: true, invocations: 1 },
    concurrent: { name: "PutItem, 16 in flight", handler: concurrent, stores: true, invocations: 1 },
    powertools: { name: "Powertools, once each", handler: powertools, stores: true, invocations: 1 },
    readOnly: { name: "records read, none stored", handler: readOnly, stores: false, invocations: 8 },
    append: { name: "append, as deployed", handler, stores: true, invocations: 4 }
  } satisfies Record<string, Contender>
}

/** Which ids were stored since the last time, and which messages were sent. */
export const takenAt = async (endpoint: string) => {
  const { ids, messages } = (await (await fetch(`${endpoint}/taken`)).json()) as {
    readonly ids: Readonly<Record<string, ReadonlyArray<string>>>
    readonly messages: ReadonlyArray<string>
  }
  return { ids: new Set(ids[TABLE]), messages }
}

const timed = async <A>(work: () => Promise<A>): Promise<Spent & { readonly value: A }> => {
  const [began, before] = [performance.now(), process.cpuUsage()]
  const value = await work()
  const { user, system } = process.cpuUsage(before)
  return { value, cpu: user + system, wall: 1_000 * (performance.now() - began) }
}

/** One invocation after another with the same batch. Throws unless exactly the events of the batch are stored after each. */
export const run = async (endpoint: string, { name, handler, stores, invocations }: Contender, batch: Batch) => {
  const spent: Array<Spent> = []
  let messages: ReadonlyArray<string> = []
  for (let n = 0; n < invocations; n++) {
    const { value, cpu, wall } = await timed(() => handler(JSON.parse(batch.text), context))
    const taken = await takenAt(endpoint)
    const right =
      taken.ids.size === (stores ? batch.ids.length : 0) && [...taken.ids].every((id) => batch.ids.includes(id))
    if (!right || value.batchItemFailures.length > 0) throw new Error(`${name} did not store what it was given`)
    messages = taken.messages
    spent.push({ cpu: cpu / batch.ids.length, wall: wall / batch.ids.length })
  }
  const mean = (of: keyof Spent) => spent.reduce((sum, one) => sum + one[of], 0) / spent.length
  return { spent: { cpu: mean("cpu"), wall: mean("wall") }, messages }
}

/** Microseconds of each contender, by round. Each round has other events, and begins with another contender; the first warms up. */
export const rounds = async <K extends string>(
  endpoint: string,
  contenders: Readonly<Record<K, Contender>>,
  { size, rounds: count }: Effort
) => {
  const names = Object.keys(contenders) as Array<string> as Array<K>
  const all = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<K, Array<Spent>>
  for (let round = 0; round <= count; round++) {
    const batch = batchOf(deliveriesUntil(Date.now(), size, round))
    for (const i of names.keys()) {
      const name = names[(i + round) % names.length] as K
      const { spent } = await run(endpoint, contenders[name], batch)
      if (round > 0) all[name].push(spent)
    }
  }
  return all
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
