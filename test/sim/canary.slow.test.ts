import { KinesisClient } from "@aws-sdk/client-kinesis"
import { S3Client } from "@aws-sdk/client-s3"
import { SNSClient } from "@aws-sdk/client-sns"
import { SQSClient } from "@aws-sdk/client-sqs"
import { afterAll, assert, beforeAll, describe, it, vi } from "@effect/vitest"
import { seededRandom } from "aws-in-process/random"
import { deliver } from "../../src/local/partner.ts"
import { PERSONAL, placesIn, plant, plantTold, sings, TOLD } from "../support/canaries.ts"
import { type Collector, makeCollector } from "../support/collector.ts"
import { emfFaults } from "../support/emf.ts"
import { historyOf } from "../support/history.ts"
import { devStack, runStack } from "../support/stack.ts"

const SEED = 11
const CHAOS = 0.3
const EVENTS = 2_000

/**
 * Parts of calls that carry events, or what is made of them, to where they rest; all others only say something about them. The key of
 * a record is the name of its topic, as the rule sets it, and rests with it.
 */
const DATA = new Set(["Body", "MessageBody", "Data", "PartitionKey"])

const withoutData = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutData)
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, field]) => (DATA.has(key) ? [] : [[key, withoutData(field)]]))
  )
}

/** What all clients of the SDK have in common. */
interface Client {
  readonly send: (command: { readonly input: object }, ...rest: ReadonlyArray<unknown>) => unknown
}

/** Everything that the stack said while thousands of events with planted values went through it, by who heard it. */
const makeRun = async () => {
  const collector = makeCollector()
  vi.stubGlobal("fetch", collector.fetch)
  const inputs: Array<object> = []
  for (const { prototype } of [SQSClient, S3Client, KinesisClient, SNSClient] as ReadonlyArray<{
    prototype: unknown
  }>) {
    const client = prototype as Client
    const { send } = client
    vi.spyOn(client, "send").mockImplementation(function (this: unknown, command, ...rest) {
      inputs.push(command.input)
      return send.call(this, command, ...rest)
    })
  }
  const captured = await devStack({ otlpEndpoint: "http://collector.test" })
  const run = await runStack({ captured, seed: SEED, chaos: CHAOS })
  const { stack } = run
  const clean = historyOf(EVENTS, { seed: SEED, chaos: CHAOS, rate: 200 })
  const history = plant(clean, seededRandom(SEED))
  const activity = clean.find(({ line }) => line.includes('"v2.users.{id}.activity"') && line.endsWith("}"))
  const last = history.at(-1)?.at ?? 0
  // What the rule drops goes onto the stream, as if a rule of another pattern had let it through: the functions must keep it quiet too.
  for (const { at, line } of [...history, ...plantTold(activity?.line ?? "", last + 60_000)])
    run.clock.at(at, () => {
      if (deliver(stack, line) === "dropped") stack.put(line)
    })
  // What both queues of dead letters may hold: whole events, settle messages, and what is neither.
  const letters = [
    ...history.slice(0, 20).map(({ line }) => line),
    '{"v":2,"deltas":["kanarie~letter~"]}',
    "kanarie~letter~"
  ]
  await run.reach(last + 60_000)
  const deadLetters = [captured.outputs.ruleDlqUrl, captured.outputs.settleDlqUrl].map((url) =>
    stack.sqs.queue(String(url))
  )
  for (const queue of deadLetters) for (const body of letters) queue.send({ body, senderId: "test" })
  stack.calm()
  await run.settle()
  const rows = await run.rows()
  const objects = Object.entries(captured.outputs)
    .filter(([name, bucket]) => name.endsWith("BucketName") && bucket !== "")
    .flatMap(([, bucket]) => stack.s3.listAll(String(bucket)))
  const waiting = deadLetters.flatMap((queue) => queue.receive(100))
  await stack.stop()
  return { collector, inputs, run, history, rows, objects, waiting }
}

describe("planted values", () => {
  let made: Awaited<ReturnType<typeof makeRun>>
  beforeAll(async () => {
    made = await makeRun()
  })
  afterAll(() => {
    vi.restoreAllMocks()
    vi.unstubAllGlobals()
  })

  /** Fails with the first text that holds a planted value, cut to what surrounds it. */
  const quiet = (texts: ReadonlyArray<string>, least: number) => {
    assert.isAtLeast(texts.length, least)
    const singing = texts.find(sings)
    assert.isUndefined(singing?.slice(0, 2_000))
  }

  const parsed = () => made.run.lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)

  it("went everywhere: through the store, the quarantine, the tables and every kind of failure", () => {
    const { run, history, rows, objects } = made
    const { received, appended, duplicates, conflicts, quarantined } = run.counters
    assert.isAbove(history.length, EVENTS)
    assert.strictEqual(received, appended + duplicates + conflicts + quarantined)
    for (const count of [appended, duplicates, conflicts, quarantined]) assert.isAbove(count, 20)
    const reasons = new Set(objects.flatMap(({ key }) => /^quarantine\/(\w+)\//.exec(key)?.[1] ?? []))
    for (const reason of [
      "Conflict",
      "NotJson",
      "NotAnObject",
      "TooDeep",
      "NumberOutOfRange",
      "IdTooLong",
      "InvalidDate",
      "MissingTopic"
    ])
      assert.include([...reasons], reason)
    assert.isTrue(sings(JSON.stringify(rows)), "ids and words are shown to readers")
    assert.isAbove(new Set(parsed().map(({ level }) => level)).size, 1, "something was warned of")
  })

  it("[P11] are in no log line, apart from names of fields, words and topics in the three lists that tell them", () => {
    const told = ["fieldNames", "valueNames", "unroutedTopics"]
    const rest = parsed().map((line) =>
      JSON.stringify(Object.fromEntries(Object.entries(line).filter(([field]) => !told.includes(field))))
    )
    quiet(rest, 50)
    const lists = told.map((field) => JSON.stringify(parsed().map((line) => line[field] ?? [])))
    const [fields = "", words = "", topics = ""] = lists
    assert.include(fields, TOLD.field)
    assert.include(words, TOLD.word)
    assert.include(topics, TOLD.topic)
    quiet([fields.replaceAll(TOLD.field, ""), words.replaceAll(TOLD.word, ""), topics.replaceAll(TOLD.topic, "")], 3)
  })

  it("[P11] are in no metric: neither in a name, nor in a dimension", () => {
    const documents = parsed().filter((line) => "_aws" in line)
    assert.isAbove(documents.length, 50)
    for (const document of documents)
      assert.deepStrictEqual(emfFaults(JSON.stringify(document), Date.parse(String(document.timestamp))), [])
    quiet(
      documents.map(({ _aws, stack, function: fn }) => JSON.stringify([_aws, stack, fn])),
      50
    )
  })

  it("[P11] are in no span", () => {
    const { collector }: { readonly collector: Collector } = made
    const names = new Set(collector.spans().map(({ name }) => name))
    for (const name of ["append", "project", "BatchExecuteStatement", "SendMessageBatch", "PutObject", "Query"])
      assert.include([...names], name)
    quiet([...collector.bodies(), ...collector.urls()], 50)
  })

  it("[P11] are in no attribute of a queue, no key and metadata of an object, and no notice to people", () => {
    quiet(
      made.inputs.map((input) => JSON.stringify(withoutData(input))),
      100
    )
    quiet(
      made.objects.map(({ key, metadata }) => JSON.stringify([key, metadata])),
      50
    )
    quiet(
      made.waiting.map(({ message: { attributes } }) => JSON.stringify(attributes)),
      0
    )
  })

  it("[P11] of people are neither sent on to be projected, nor shown by a table", () => {
    const sent = made.inputs.filter((input) => "QueueUrl" in input && "Entries" in input)
    assert.isAbove(sent.length, 20)
    for (const text of [JSON.stringify(sent), JSON.stringify(made.rows)]) {
      const places = placesIn(text)
      assert.isAbove(places.size, 3)
      assert.deepStrictEqual(
        PERSONAL.filter((place) => places.has(place)),
        []
      )
    }
  })
})
