import { mkdirSync } from "node:fs"
import { join } from "node:path"
import {
  type Activity,
  type Authorize,
  chaosRates,
  type EngineClock,
  makeDynamodb,
  makeEventBridge,
  makeFaults,
  makeKinesis,
  makeS3,
  makeSecretsManager,
  makeSns,
  makeSqs,
  makeStream
} from "aws-in-process"
import type { SeededRandom } from "aws-in-process/random"
import type { readWiring } from "./wiring.ts"

/** Rates beyond those of the services: how often a thing happens at chaos 1. */
const MISHAPS = { duplicate: 1 / 10, reorder: 1 / 5, stale: 1 / 4 } as const
const LONGEST_OVERTAKING_MS = 3_000

export interface EngineOptions {
  readonly wiring: ReturnType<typeof readWiring>
  readonly clock: EngineClock
  readonly activity: Activity
  readonly authorize: Authorize
  readonly random: SeededRandom
  /** 0 to 1. */
  readonly chaos: number
  /** Whether faults have ended; asked each time. */
  readonly isCalm: () => boolean
  /** Where tables and buckets are kept; in memory when absent. */
  readonly path?: string | undefined
  /** No limits of a shard, for feeding in bulk. */
  readonly bulk?: boolean | undefined
  /** By name. */
  readonly secrets: Readonly<Record<string, string>>
}

/** The services that a stack declares: tables, buckets, queues, streams, topics, secrets and buses, each with its share of the faults. */
export const makeEngine = async (options: EngineOptions) => {
  const { wiring, clock, activity, authorize, random, chaos, isCalm, path, bulk = false, secrets } = options
  const [bus] = wiring.buses
  if (bus === undefined) throw new Error("the stack declares no bus")
  const faults = makeFaults({ random: random.fork("faults"), rates: chaosRates(chaos), clock, activity })
  const rate = (mishap: keyof typeof MISHAPS) => chaos * MISHAPS[mishap]

  const folder = (name: string) => {
    if (path === undefined) return {}
    const inside = join(path, name)
    mkdirSync(inside, { recursive: true })
    return { path: inside }
  }
  const dynamodb = makeDynamodb({
    clock,
    activity,
    authorize,
    ...folder("tables"),
    ...(chaos === 0
      ? {}
      : {
          chaos: { random: random.fork("tables"), duplicate: rate("duplicate") },
          lagging: { random: random.fork("replicas"), share: () => (isCalm() ? 0 : rate("stale")) }
        })
  })
  for (const table of wiring.tables) await dynamodb.createTable(table)
  const s3 = makeS3({ clock, authorize, ...folder("buckets") })
  for (const bucket of wiring.buckets) s3.createBucket(bucket, { versions: wiring.versioned.includes(bucket) })
  const sqs = makeSqs(wiring.queues, {
    clock,
    authorize,
    activity,
    ...(chaos === 0
      ? {}
      : { chaos: { random: random.fork("queues"), duplicate: rate("duplicate"), reorder: rate("reorder") } })
  })
  const kinesis = makeKinesis(
    wiring.streams.map((stream) => makeStream(stream, clock, !bulk)),
    authorize
  )
  const sns = makeSns(wiring.topics, { clock, authorize })
  const [, , , region = "", account = ""] = bus.arn.split(":")
  const secretsManager = makeSecretsManager(
    Object.entries(secrets).map(([name, value]) => ({
      name,
      value,
      arn: `arn:aws:secretsmanager:${region}:${account}:secret:${name}-Local1`
    })),
    { clock, authorize }
  )
  const bridge = makeEventBridge(wiring.buses, wiring.rules, wiring.targets, {
    clock,
    authorize,
    kinesis,
    sqs,
    random: random.fork("bus"),
    ...(chaos === 0
      ? {}
      : { chaos: { duplicate: rate("duplicate"), reorder: rate("reorder"), delayMs: LONGEST_OVERTAKING_MS } })
  })
  const services = {
    dynamodb: faults.wrap("dynamodb", dynamodb.service),
    s3: faults.wrap("s3", s3.service),
    sqs: faults.wrap("sqs", sqs.service),
    kinesis: faults.wrap("kinesis", kinesis.service),
    sns: faults.wrap("sns", sns.service),
    secretsmanager: faults.wrap("secretsmanager", secretsManager.service)
  }

  return { region, dynamodb, s3, sqs, kinesis, sns, bridge, faults, services }
}
