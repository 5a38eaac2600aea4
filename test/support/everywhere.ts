import { gunzipSync, inflateRawSync } from "node:zlib"
import { type AttributeValue, DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb"
import type { runStack } from "./stack.ts"

type Run = Awaited<ReturnType<typeof runStack>>

/** Bytes that stand for text: as they are, deflated, zipped, or as base64 within it. */
const readable = (bytes: Uint8Array): string => {
  const text = Buffer.from(bytes).toString()
  const inner = [...text.matchAll(/[A-Za-z0-9+/]{40,}={0,2}/g)].map(([code]) => Buffer.from(code, "base64").toString())
  const inflated = [inflateRawSync, gunzipSync].map((inflate) => {
    try {
      return inflate(bytes).toString()
    } catch {
      // It was not packed in this way.
      return ""
    }
  })
  return [text, ...inflated, ...inner].join("\n")
}

const textOfObject = ({ key, metadata }: { readonly key: string; readonly metadata: unknown }, body: Uint8Array) =>
  [key, JSON.stringify(metadata), readable(body)].join("\n")

const textOf = (value: AttributeValue): string => {
  if (value.B !== undefined) return readable(value.B)
  if (value.M !== undefined)
    return Object.entries(value.M)
      .map(([name, one]) => `${name} ${textOf(one)}`)
      .join("\n")
  if (value.L !== undefined) return value.L.map(textOf).join("\n")
  return JSON.stringify(value)
}

/**
 * All that a stack keeps, as text by place: every item of every table, its key and its body; every version of every object of every bucket,
 * with its name and what is noted beside it; every message of every queue, and every line of a log.
 */
export const everywhere = async (run: Run): Promise<ReadonlyMap<string, ReadonlyArray<string>>> => {
  const { resources } = run.captured
  const named = (type: string) => resources.filter((resource) => resource.type === type)
  const client = new DynamoDBClient({ ...run.stack.operator, maxAttempts: 1 })
  const found = new Map<string, ReadonlyArray<string>>()
  for (const { name, inputs } of named("aws:dynamodb/table:Table")) {
    const texts: Array<string> = []
    for await (const { Items = [] } of paginateScan({ client }, { TableName: String(inputs.name) }))
      for (const item of Items) texts.push(textOf({ M: item }))
    found.set(`table ${name}`, texts)
  }
  // What is packed in another way than deflated.
  found.set(
    "events, restored",
    [...(await run.events())].map(([id, event]) => id + JSON.stringify(event))
  )
  found.set(
    "rows, restored",
    (await run.rows()).map(({ registers, ...row }) => JSON.stringify([row, [...registers]]))
  )
  for (const { name, outputs } of named("aws:s3/bucket:Bucket")) {
    const bucket = String(outputs.bucket)
    found.set(
      `bucket ${name}`,
      run.stack.s3
        .listAll(bucket)
        .map((object) => textOfObject(object, run.stack.s3.read(bucket, object.key) ?? new Uint8Array()))
    )
    found.set(
      `bucket ${name}, earlier versions`,
      run.stack.s3.former(bucket).map(({ object, body }) => textOfObject(object, body))
    )
  }
  for (const { name, outputs } of named("aws:sqs/queue:Queue"))
    found.set(`queue ${name}`, run.stack.sqs.queue(String(outputs.arn)).bodies())
  found.set("logs", run.lines)
  return found
}

/** Where a text stands of all that is kept, and how often. */
export const placesOf = (kept: ReadonlyMap<string, ReadonlyArray<string>>, text: string) =>
  Object.fromEntries(
    [...kept].flatMap(([place, texts]) => {
      const count = texts.filter((one) => one.toLowerCase().includes(text.toLowerCase())).length
      return count === 0 ? [] : [[place, count]]
    })
  )
