import {
  type Authorize,
  type Dynamodb,
  type EngineClock,
  type Envelope,
  type Grant,
  type Host,
  makeActivity,
  makeAuthorizer,
  makeRequestHandler,
  makeStepFunctions,
  type Principal,
  type S3,
  ServiceError,
  type Services,
  type Sns,
  type Sqs
} from "aws-in-process"
import { seededRandom } from "aws-in-process/random"
import type { ConnectionSettings } from "../store/connection.ts"
import { CONSUMER, isCaller, OPERATOR, policiesOfCallers, READER, WATCHER } from "./callers.ts"
import type { Captured } from "./capture.ts"
import { makeEngine } from "./engine.ts"
import { hostFunction } from "./hosting.ts"
import { type Machine, makeMachine } from "./machines.ts"
import { startMapping } from "./mappings.ts"
import { makeAsyncFunctions, startSchedules } from "./schedules.ts"
import { isUnwritable, UNWRITABLE_PLACE } from "./unwritable-place.ts"
import { readWiring } from "./wiring.ts"

export interface StackOptions {
  readonly captured: Captured
  readonly clock: EngineClock
  readonly seed: number
  /** 0 to 1: how often services refuse, lose answers and are slow, functions crash, and messages come twice or out of order. */
  readonly chaos: number
  /** Where tables and buckets are kept; in memory when absent. */
  readonly path?: string
  /** No limits of a shard, for feeding in bulk. */
  readonly bulk?: boolean
  /** Somebody is watching: streams are read five times a second in place of once, and no batch waits for its window to end. */
  readonly prompt?: boolean
  /** Each line that a function logs. */
  readonly onLog: (line: string) => void
  /** What answers as the Genesys Cloud API, and the secrets, by name, that hold the credentials for it. Without it nobody answers. */
  readonly genesys?: {
    readonly fetch: typeof globalThis.fetch
    readonly secrets: Readonly<Record<string, string>>
  }
}

/** This machine asks nobody else: what a function asks for goes nowhere. */
const nobody: typeof globalThis.fetch = () => Promise.reject(new TypeError("there is no network on this machine"))

/** How often a function crashes at chaos 1. */
const CRASHES = 1 / 20

/** The function that sweeps the API of Genesys, by its logical name. */
const RECONCILE = "reconcile"

export interface Stack {
  /** Hands an event to the bus as Genesys would. Returns whether a rule took it. */
  readonly send: (envelope: Envelope, text: string) => boolean
  /** Puts bytes on the stream past the bus, which could not carry them. Throws what the stream would answer. */
  readonly put: (text: string) => void
  /** Calls a function by its logical name, and does not wait for it. Throws where the stack has no such function. */
  readonly call: (name: string, event: unknown) => void
  /** Records and messages that are on their way. */
  readonly backlog: () => { readonly stream: number; readonly settleQueue: number }
  /** True when nothing is on its way any more. */
  readonly quiet: () => boolean
  readonly pending: () => number
  /** Ends the injection of faults; what they left behind is worked off. */
  readonly calm: () => void
  /** Begins no sweep any more. Time that runs ahead of the machine's would write times that are yet to come into rows. */
  readonly endSweeps: () => void
  /** Refuses the actions that it hits to everybody, until it is told of others: a dependency that is down, or a key that is gone. */
  readonly outage: (
    hits: (action: string, resource: string, by: Principal, context: Parameters<Authorize>[3]) => boolean
  ) => void
  /** For whoever sits at the machine: no faults, and rights to read and rebuild tables, to read and move objects, and to give events back. */
  readonly operator: ConnectionSettings
  /** For a service that reads: no faults, DynamoDB alone, and the rights of the stack's policy for readers. */
  readonly reader: ConnectionSettings
  /** For a service that is notified of changes: likewise, with the rights of the stack's policy for changes. */
  readonly consumer: ConnectionSettings
  /** For a person who looks at the wallboard of a deployed stack: tables and their streams, with the rights of both. */
  readonly watcher: ConnectionSettings
  readonly dynamodb: Dynamodb
  readonly s3: S3
  readonly sqs: Sqs
  readonly sns: Sns
  readonly hosts: ReadonlyArray<Host>
  readonly machines: ReadonlyArray<Machine>
  /** Messages and objects that were given up, by place. Nothing here is lost; it waits for people. */
  readonly parked: () => Readonly<Record<string, number>>
  /** What the roles were granted and have not used so far. */
  readonly unused: () => ReadonlyArray<Grant>
  /** What the roles asked for and were refused. */
  readonly denied: () => ReadonlyArray<Grant>
  readonly faults: () => Readonly<Record<string, number>>
  readonly stop: () => Promise<void>
}

/**
 * Builds the engine from the resources that the Pulumi program registers and runs the deployed functions on it: batch sizes, delays,
 * rule patterns, retry limits, environment variables and roles are those of the stack. Throws on anything in the stack that the
 * engine does not implement.
 */
export const startStack = async (options: StackOptions): Promise<Stack> => {
  const { captured, clock, seed, chaos, path, onLog } = options
  const wiring = readWiring(captured)
  const [bus] = wiring.buses
  const [stream] = wiring.streams
  if (bus === undefined || stream === undefined) throw new Error("the stack declares no bus or no stream")
  const activity = makeActivity()
  const random = seededRandom(seed)
  const roles = makeAuthorizer({
    ...wiring.policies,
    ...policiesOfCallers(captured)
  })
  const { unused, denied } = roles
  let isOut: Parameters<Stack["outage"]>[0] = () => false
  const authorize: Authorize = (principal, action, resource, context) => {
    if (isOut(action, resource, principal, context))
      throw new ServiceError("AccessDeniedException", `${action} on ${resource} is out`)
    roles.authorize(principal, action, resource, context)
  }
  let calm = chaos === 0
  const { region, dynamodb, s3, sqs, kinesis, sns, bridge, faults, services } = await makeEngine({
    ...{ wiring, clock, activity, authorize, random, chaos, path, bulk: options.bulk },
    isCalm: () => calm,
    secrets: options.genesys?.secrets ?? {}
  })

  const connect = (principal: Principal, to: Services): ConnectionSettings => ({
    region,
    credentials: { accessKeyId: principal.label, secretAccessKey: "local" },
    requestHandler: makeRequestHandler({ services: to, principal, activity })
  })

  // What is asked of Genesys counts as work, so that a virtual clock waits for it.
  const { fetch = nobody } = options.genesys ?? {}
  const functions = wiring.functions.map((declared) =>
    hostFunction(declared, {
      clock,
      authorize,
      random,
      onLog,
      fetch: (...request) => activity.track(fetch(...request)),
      connect: (principal) => connect(principal, services),
      crash: () => (calm ? 0 : chaos * CRASHES),
      projections: captured.projections
    })
  )
  const mappings = wiring.mappings.map((settings) =>
    startMapping(settings, { clock, authorize, kinesis, sqs, s3, functions, prompt: options.prompt ?? false })
  )

  const machines = wiring.machines.map((settings) => makeMachine(settings, { clock, authorize, functions }))
  const stepFunctions = makeStepFunctions(machines, { clock, authorize })

  const asynchronous = makeAsyncFunctions(wiring, functions, clock)
  const schedules = startSchedules(wiring, {
    clock,
    authorize,
    kinesis,
    sqs,
    random: random.fork("schedules"),
    toBus: (arn) => {
      throw new ServiceError("ResourceNotFoundException", `no schedule has a way to ${arn}`)
    },
    invoke: (arn, ruleArn, event) => {
      const fn = asynchronous.get(arn)
      if (fn === undefined) throw new ServiceError("ResourceNotFoundException", `Function not found: ${arn}`, 404)
      fn.invoke(ruleArn, event)
    }
  })

  const feed = bridge.partnerFeed(bus.name)
  const deadLetters = wiring.queues.filter(
    ({ arn }) => !wiring.mappings.some(({ eventSourceArn }) => eventSourceArn === arn)
  )
  const waitingIn = (arn: string) => Object.values(sqs.queue(arn).counts()).reduce((sum, count) => sum + count, 0)
  const redriven = deadLetters.filter(({ url }) => schedules.serves(url))
  const held = (kind: "stream" | "settleQueue") =>
    mappings.reduce((sum, mapping) => sum + (mapping.kind === kind ? mapping.held() : 0), 0)

  let calling = 0

  return {
    send: (envelope, text) => feed(envelope, text) > 0,
    put: (text) => {
      const result = kinesis.stream(stream.name).put({ partitionKey: "unmatched", data: Buffer.from(text) })
      if ("errorCode" in result) throw new Error(result.errorMessage)
    },
    call: (name, event) => {
      const called = functions.find(({ principal }) => principal.label === name)
      if (called === undefined) throw new Error(`the stack declares no function ${name}`)
      calling++
      void called.host.invoke(event).then(() => calling--)
    },
    backlog: () => ({ stream: held("stream") + bridge.stats().waiting, settleQueue: held("settleQueue") }),
    // The schedule itself never ends: what counts is that nothing is left for it to do.
    quiet: () =>
      bridge.stats().waiting === 0 &&
      mappings.every((mapping) => mapping.idle() && mapping.held() === 0) &&
      redriven.every(({ arn }) => waitingIn(arn) === 0) &&
      calling === 0 &&
      [...asynchronous.values()].every(({ waiting }) => waiting() === 0),
    pending: activity.pending,
    calm: () => {
      calm = true
      faults.enable(false)
    },
    endSweeps: () => {
      for (const { arn, principal } of functions) if (principal.label === RECONCILE) schedules.stop(arn)
    },
    outage: (hits) => {
      isOut = hits
    },
    operator: connect(OPERATOR, {
      dynamodb: dynamodb.service,
      s3: s3.service,
      sqs: sqs.service,
      kinesis: kinesis.service,
      states: stepFunctions.service
    }),
    reader: connect(READER, { dynamodb: dynamodb.service, dynamodbstreams: dynamodb.streams }),
    consumer: connect(CONSUMER, { dynamodb: dynamodb.service }),
    watcher: connect(WATCHER, { dynamodb: dynamodb.service, dynamodbstreams: dynamodb.streams }),
    dynamodb,
    s3,
    sqs,
    sns,
    hosts: functions.map(({ host }) => host),
    machines,
    parked: () => ({
      ...Object.fromEntries(deadLetters.map(({ name, arn }) => [name, waitingIn(arn)])),
      ...Object.fromEntries(
        wiring.buckets
          .filter((name) => name.endsWith("failures"))
          .map((name) => [name, s3.listAll(name).filter(({ key }) => !key.startsWith("redriven/")).length])
      ),
      ...Object.fromEntries(
        wiring.buckets
          .filter((name) => name.endsWith("quarantine"))
          .flatMap((name) => {
            const keys = s3.listAll(name, "parked/").map(({ key }) => key)
            const unwritable = keys.filter((key) => isUnwritable(key)).length
            return [
              [`${name}/parked`, keys.length - unwritable],
              [`${name}/${UNWRITABLE_PLACE}`, unwritable]
            ] as const
          })
      )
    }),
    unused: () => unused().filter(({ roleArn }) => !isCaller(roleArn)),
    denied,
    faults: () => ({ ...faults.counts(), stale: dynamodb.staleReads() }),
    stop: async () => {
      schedules.stop()
      stepFunctions.abort()
      await Promise.all(mappings.map((mapping) => mapping.stop()))
      await Promise.all(functions.map(({ dispose }) => dispose()))
      await dynamodb.close()
    }
  }
}
