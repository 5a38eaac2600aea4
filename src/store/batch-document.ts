import { Result, Schema } from "effect"
import type { OpenedBatch } from "./failed-batches.ts"

const Invocation = Schema.Struct({
  Records: Schema.Array(
    Schema.Struct({
      kinesis: Schema.Struct({
        partitionKey: Schema.NonEmptyString,
        data: Schema.Uint8ArrayFromBase64,
        approximateArrivalTimestamp: Schema.Finite
      })
    })
  )
})

/** What Lambda writes about a batch that it gives up, as far as it matters here; `payload` is the whole invocation. */
const Document = Schema.Struct({
  requestContext: Schema.Struct({ condition: Schema.String, approximateInvokeCount: Schema.Finite }),
  payload: Schema.fromJsonString(Invocation)
})

const decode = Schema.decodeUnknownResult(Schema.fromJsonString(Document))

/** The batch that an object's bytes hold. */
export const readBatch = (raw: Uint8Array): OpenedBatch => {
  const document = decode(Buffer.from(raw).toString())
  if (Result.isFailure(document)) return { raw, condition: "", attempts: 0, records: undefined }
  const { requestContext, payload } = document.success
  return {
    raw,
    condition: requestContext.condition,
    attempts: requestContext.approximateInvokeCount,
    records: payload.Records.map(({ kinesis }) => ({
      partitionKey: kinesis.partitionKey,
      data: kinesis.data,
      arrival: Math.round(kinesis.approximateArrivalTimestamp * 1_000)
    }))
  }
}

/** A document as it was, with these records alone, by their places in it, and with these bytes. Throws where it is none. */
export const writeBatch = (raw: Uint8Array, kept: ReadonlyMap<number, Uint8Array>): Uint8Array => {
  const document = JSON.parse(Buffer.from(raw).toString())
  const payload = JSON.parse(document.payload)
  const Records = [...kept].map(([at, data]) => {
    const record = payload.Records[at]
    return { ...record, kinesis: { ...record.kinesis, data: Buffer.from(data).toString("base64") } }
  })
  return Buffer.from(JSON.stringify({ ...document, payload: JSON.stringify({ ...payload, Records }) }))
}
