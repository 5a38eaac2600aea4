import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { resolve } from "node:path"
import { pathToFileURL } from "node:url"
import type { EngineClock, StreamRecord } from "aws-in-process"
import { bodyBytes } from "aws-in-process"
import { projectionOf } from "../domain/projection.ts"
import type { Captured } from "./capture.ts"
import { type Consumer, NoHandler } from "./consumer.ts"
import type { Stack } from "./stack.ts"
import { makeDynamoDbProxy } from "./wallboard/dynamodb-proxy.ts"

/** As the mapping of docs/changes.md has them. */
const BATCH = 100
const WINDOW_MS = 1_000
const TRIES = 10

const TOPIC = "arn:aws:sns:eu-central-1:000000000000:announcements.fifo"
const PUBLISHED =
  '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>'

type Handler = (event: { readonly Records: ReadonlyArray<unknown> }) => Promise<unknown>

/** Loads the function. Throws `NoHandler`. */
const load = async (file: string): Promise<Handler> => {
  const { handler } = (await import(pathToFileURL(resolve(file)).href)) as { readonly handler?: unknown }
  if (typeof handler !== "function")
    throw new NoHandler({ message: `--changes: ${file} exports no function named handler` })
  return handler as Handler
}

/** What the function's SDK clients reach: the tables by the stack's policy for changes, and a topic that prints what is published. */
const serve = async (stack: Stack, print: (text: string) => void) => {
  const dynamodb = makeDynamoDbProxy(stack.consumer)
  const server = createServer(async (request, reply) => {
    const body = await bodyBytes(request)
    if (request.headers["x-amz-target"] !== undefined) {
      const { status, headers, body: answer } = await dynamodb(request, body)
      reply.writeHead(status, { ...headers }).end(answer)
      return
    }
    const message = new URLSearchParams(Buffer.from(body).toString())
    if (message.get("Action") !== "Publish") {
      reply.writeHead(400).end("only DynamoDB and the action Publish of SNS are served here")
      return
    }
    print(`published ${message.get("Message")}\n`)
    reply.writeHead(200, { "content-type": "text/xml" }).end(PUBLISHED)
  })
  await new Promise<void>((done, failed) => server.once("error", failed).listen(0, "127.0.0.1", done))
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() }
}

/** The place of the first record that failed, or the number of records: where to go on. */
const handled = (records: ReadonlyArray<StreamRecord>, response: unknown): number => {
  const failures = (
    response as { readonly batchItemFailures?: ReadonlyArray<{ readonly itemIdentifier: string }> } | undefined
  )?.batchItemFailures
  const places = (failures ?? []).map(({ itemIdentifier }) =>
    Math.max(
      0,
      records.findIndex(({ dynamodb }) => dynamodb.SequenceNumber === itemIdentifier)
    )
  )
  return Math.min(records.length, ...places)
}

/** Invokes the function with the records of one table in their order, as Lambda does, until it is stopped and all are handled. */
const consume = (table: string, stack: Stack, handler: Handler, clock: EngineClock, print: (text: string) => void) => {
  const waiting: Array<StreamRecord> = []
  const end = stack.dynamodb.onStream(table, (record) => waiting.push(record))
  let running = true
  const loop = async () => {
    for (let tries = 1; running || waiting.length > 0; ) {
      const batch = waiting.slice(0, BATCH)
      const done =
        batch.length === 0
          ? 0
          : await handler({ Records: JSON.parse(JSON.stringify(batch)) }).then(
              (response) => handled(batch, response),
              (error: Error) => {
                print(`the handler failed: ${error.message}\n`)
                return 0
              }
            )
      waiting.splice(0, done)
      tries = done > 0 || batch.length === 0 ? 1 : tries + 1
      if (tries > TRIES) {
        print(`given up after ${TRIES} tries: record ${waiting.shift()?.dynamodb.SequenceNumber} of ${table}\n`)
        tries = 1
      }
      if (done < BATCH && running) await new Promise<void>((next) => clock.at(clock.now() + WINDOW_MS, next))
    }
  }
  const over = loop()
  return () => {
    running = false
    end()
    return over
  }
}

/**
 * Runs a function over the streams of a projection, all its versions, as docs/changes.md attaches one on AWS: batches of 100, at least once, in the
 * order of each table, with the rights of the stack's policy for changes. What it publishes to SNS is printed. Returns what ends it, after the
 * last record. Rejects with `NoHandler`, and with what the file throws.
 */
export const followChanges = async (
  { projection, file }: Consumer,
  captured: Captured,
  stack: Stack,
  clock: EngineClock,
  print: (text: string) => void
): Promise<() => Promise<void>> => {
  const { address, close } = await serve(stack, print)
  const { outputs } = captured
  // Before the file is loaded: its clients read them when they are made.
  Object.assign(process.env, {
    AWS_REGION: "eu-central-1",
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
    AWS_ENDPOINT_URL_DYNAMODB: address,
    AWS_ENDPOINT_URL_SNS: address,
    PREFIX: String(outputs.prefix),
    TOPIC_ARN: process.env.TOPIC_ARN ?? TOPIC
  })
  try {
    const handler = await load(file)
    const tables = Object.entries(outputs.projectionTables as Readonly<Record<string, { readonly name: string }>>)
      .filter(([generation]) => projectionOf(generation) === projection)
      .map(([, { name }]) => name)
    if (tables.length === 0) throw new NoHandler({ message: `--changes: the stack has no projection ${projection}` })
    const stops = tables.map((name) => consume(name, stack, handler, clock, print))
    return async () => {
      await Promise.all(stops.map((stop) => stop()))
      close()
    }
  } catch (error) {
    close()
    throw error
  }
}
