import { type AttributeValue, DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb"
import { virtualClock } from "aws-in-process/clock"
import { runVirtual } from "aws-in-process/run-virtual"
import { generation } from "../../src/domain/projection.ts"
import { defaultTopics } from "../../src/genesys/aliases.ts"
import type { Captured } from "../../src/local/capture.ts"
import { makeMeter } from "../../src/local/counters.ts"
import { deliver, SIMULATED_SOURCE } from "../../src/local/partner.ts"
import { startStack } from "../../src/local/stack.ts"
import { unknownTopics } from "../../src/simulator/topics.ts"
import type { Delivery } from "../../src/simulator/wire.ts"
import { isTombstone } from "../../src/store/aws/erased-item.ts"
import { bodyKeyOf, fromItem } from "../../src/store/aws/event-item.ts"
import { toReadRow } from "../../src/store/aws/row-item.ts"
import { captureOnce } from "./capture-once.ts"
import { dumpOf } from "./core.ts"
import { START } from "./history.ts"

type Item = Record<string, AttributeValue>

/**
 * The `dev` stack as the program declares it, fed by the simulated organisation, with topics that nothing folds. Batches wait a
 * second, the default of the program, and not the longer time at which `dev` saves invocations.
 */
export const devStack = (overrides: Parameters<typeof captureOnce>[1] = {}): Promise<Captured> => {
  const topics = [...defaultTopics, ...unknownTopics]
  return captureOnce("dev", { genesysEventSource: SIMULATED_SOURCE, topics, batchWindowSeconds: 1, ...overrides })
}

/** One action on one resource, as a policy of the stack grants it. */
export interface PolicyGrant {
  readonly policy: string
  readonly action: string
  readonly resource: string
}

interface Statement {
  readonly Action: ReadonlyArray<string>
  readonly Resource: ReadonlyArray<string>
}

const POLICY = "aws:iam/rolePolicy:RolePolicy"

const split = (policy: unknown) =>
  (JSON.parse(String(policy)).Statement as ReadonlyArray<Statement>).flatMap(({ Action, Resource, ...rest }) =>
    Action.flatMap((action) => Resource.map((resource) => ({ action, resource, rest })))
  )

/** Finds one grant among others. */
export const isSame = (a: PolicyGrant) => (b: PolicyGrant) =>
  a.policy === b.policy && a.action === b.action && a.resource === b.resource

export const grantsOf = ({ resources }: Captured): ReadonlyArray<PolicyGrant> =>
  resources
    .filter(({ type }) => type === POLICY)
    .flatMap(({ name, inputs }) =>
      split(inputs.policy).map(({ action, resource }) => ({ policy: name, action, resource }))
    )

/** The stack with those rights taken away. */
export const without = (captured: Captured, taken: (grant: PolicyGrant) => boolean): Captured => ({
  ...captured,
  resources: captured.resources.map((resource) => {
    if (resource.type !== POLICY) return resource
    const Statement = split(resource.inputs.policy)
      .filter(({ action, resource: arn }) => !taken({ policy: resource.name, action, resource: arn }))
      .map(({ action, resource: arn, rest }) => ({ ...rest, Action: [action], Resource: [arn] }))
    return { ...resource, inputs: { ...resource.inputs, policy: JSON.stringify({ Statement }) } }
  })
})

/** Engine time after which a run that is still not quiet never will be. */
const PATIENCE_MS = 24 * 3_600_000

interface Options {
  readonly captured?: Captured
  readonly seed?: number
  readonly chaos?: number
  /** A folder for tables and buckets, and when the run begins (epoch ms): a run that goes on from where another has stopped. */
  readonly path?: string
  readonly start?: number
  /** What answers as the Genesys Cloud API, by the clock of the run. */
  readonly genesys?: (now: () => number) => NonNullable<Parameters<typeof startStack>[0]["genesys"]>
}

/** The whole stack on a virtual clock that begins at `START`: the handlers, the SDK, the roles. */
export const runStack = async (options: Options = {}) => {
  const { captured: given, seed = 1, chaos = 0, path, start = START } = options
  const captured = given ?? (await devStack())
  const { projections } = captured
  const clock = virtualClock(start)
  const meter = makeMeter()
  const lines: Array<string> = []
  const stack = await startStack({
    captured,
    clock,
    seed,
    chaos,
    ...(path === undefined ? {} : { path }),
    ...(options.genesys === undefined ? {} : { genesys: options.genesys(clock.now) }),
    onLog: (line) => {
      lines.push(line)
      meter.read(line)
    }
  })
  const client = new DynamoDBClient({ ...stack.operator, maxAttempts: 1 })
  const bucket = (name: string) => String(captured.outputs[`${name}BucketName`])
  const until = (goal: () => boolean, limit = PATIENCE_MS) =>
    runVirtual(clock, {
      pending: stack.pending,
      until: goal,
      limit,
      waiting: () => JSON.stringify({ seed, chaos, backlog: stack.backlog(), parked: stack.parked() })
    })

  const scan = async (table: string): Promise<ReadonlyArray<Item>> => {
    const items: Array<Item> = []
    for await (const page of paginateScan({ client }, { TableName: table })) items.push(...(page.Items ?? []))
    return items
  }
  const tableOf = (name: string) =>
    (captured.outputs.projectionTables as Readonly<Record<string, { readonly name: string }>>)[name]?.name ?? ""

  return {
    captured,
    clock,
    stack,
    lines,
    counters: meter.counters,
    /** Hands each line to the bus at its time, as the clock comes by. */
    feed: (history: ReadonlyArray<Delivery>) => {
      for (const { at, line } of history) clock.at(at, () => deliver(stack, line))
    },
    send: (line: string) => deliver(stack, line),
    /** Lets time pass up to `time` (epoch ms). */
    reach: (time: number) => {
      clock.at(time, () => {})
      return until(() => clock.now() >= time)
    },
    settle: () => until(stack.quiet),
    eventItems: () => scan(String(captured.outputs.eventTableName)),
    /** What the event table holds, bodies in S3 included. */
    events: async () => {
      const stored = new Map<string, ReturnType<typeof fromItem>>()
      for (const item of await scan(String(captured.outputs.eventTableName))) {
        if (isTombstone(item)) continue
        const key = bodyKeyOf(item)
        const body =
          key === undefined ? undefined : Buffer.from(stack.s3.read(bucket("overflow"), key) ?? []).toString()
        stored.set(item.id?.S ?? "", fromItem(item, body))
      }
      return stored
    },
    rows: async () => {
      const found = []
      for (const { key, ...projection } of projections) {
        const name = generation(projection)
        const table = tableOf(name)
        for (const item of await scan(table))
          for (const row of toReadRow({ table, key }, item))
            found.push({ projection: name, entity: item[key]?.S ?? "", ...row })
      }
      return found
    },
    dump: async function () {
      return dumpOf(await this.rows())
    },
    /** Raw bytes and metadata in the quarantine, by key. */
    quarantined: () =>
      stack.s3
        .listAll(bucket("quarantine"))
        .map(({ key, metadata }) => ({ key, metadata, raw: stack.s3.read(bucket("quarantine"), key) ?? Buffer.of() })),
    /** Objects that the stream's mapping wrote about records that it gave up. */
    givenUp: () =>
      stack.s3
        .listAll(bucket("failures"))
        .map(({ key }) => Buffer.from(stack.s3.read(bucket("failures"), key) ?? []).toString()),
    units: () => {
      const usage = stack.dynamodb.usage()
      const write = (table: string) => usage[table]?.write ?? 0
      return {
        events: write(String(captured.outputs.eventTableName)),
        projections: projections.reduce((sum, projection) => sum + write(tableOf(generation(projection))), 0)
      }
    }
  }
}
