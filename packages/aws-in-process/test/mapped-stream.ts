import type { KinesisStreamEvent } from "aws-lambda"
import { makeStream } from "../src/kinesis/kinesis.ts"
import { makeHost } from "../src/lambda/host.ts"
import type { S3Object } from "../src/lambda/on-failure.ts"
import { makeStreamMapping, type StreamMappingParts } from "../src/lambda/stream-mapping.ts"
import type { StreamMappingSettings } from "../src/lambda/stream-mapping-settings.ts"
import { arn, guard, makeTime, ROLE } from "./parts.ts"

export const STREAM = arn("kinesis", "stream/events")

/** What the function does with the texts of a batch. */
export type Handler = (texts: ReadonlyArray<string>, event: KinesisStreamEvent) => unknown

/** A stream, a function of one handler, and mappings between them, on a virtual clock. */
export const setUp = (handler: Handler, more: Partial<StreamMappingSettings> = {}, shardCount = 1) => {
  const time = makeTime()
  const { clock } = time
  const access = guard()
  const stream = makeStream({ name: "events", arn: STREAM, shardCount }, clock, false)
  const calls: Array<{ readonly at: number; readonly texts: ReadonlyArray<string> }> = []
  const objects: Array<S3Object> = []
  const host = makeHost({
    name: "append",
    arn: arn("lambda", "function:append"),
    timeoutSeconds: 60,
    clock,
    handler: async (event: KinesisStreamEvent) => {
      const texts = event.Records.map(({ kinesis }) => Buffer.from(kinesis.data, "base64").toString())
      calls.push({ at: time.elapsed(), texts })
      return handler(texts, event)
    }
  })
  const start = (
    settings: Partial<StreamMappingSettings> = {},
    authorize = access.authorize,
    parts: Pick<StreamMappingParts, "prompt"> = {}
  ) =>
    makeStreamMapping(
      {
        uuid: "mapping",
        eventSourceArn: STREAM,
        functionName: "append",
        startingPosition: "TRIM_HORIZON",
        batchSize: 10,
        ...more,
        ...settings
      },
      {
        ...parts,
        clock,
        authorize,
        principal: ROLE,
        stream,
        host,
        putObject: async (object) => {
          objects.push(object)
        }
      }
    )
  const put = (text: string, key = "k") => {
    stream.put({ partitionKey: key, data: Buffer.from(text) })
  }
  return { ...time, access, stream, host, calls, objects, start, put }
}
