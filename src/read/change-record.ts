import type { AttributeValue } from "@aws-sdk/client-dynamodb"
import { Data } from "effect"
import type { Columns } from "../domain/projection.ts"
import { fromAttribute } from "../store/aws/attribute.ts"
import { columnNames } from "../store/aws/row-item.ts"

/** An item in a record: attributes by name, in DynamoDB's own notation (`{ "S": "Idle" }`), blobs in base64. */
export type Image = Readonly<Record<string, unknown>>

/** What Lambda hands over of one write to a table with a stream of new and old images; `DynamoDBRecord` of `@types/aws-lambda` is one. */
export interface ChangeRecord {
  readonly eventName?: string | undefined
  readonly eventSourceARN?: string | undefined
  readonly userIdentity?: unknown
  readonly dynamodb?:
    | {
        /** Epoch seconds. */
        readonly ApproximateCreationDateTime?: number | undefined
        readonly Keys?: Image | undefined
        readonly NewImage?: Image | undefined
        readonly OldImage?: Image | undefined
        readonly SequenceNumber?: string | undefined
      }
    | undefined
}

/**
 * A record that does not come from the stream of a projection table, or lacks a part that such a record has: `field` names it. Nothing of
 * the record was used. A function that cannot read it returns `sequenceNumber` as a failure, if there is one.
 */
export class MalformedRecord extends Data.TaggedError("MalformedRecord")<{
  readonly field: string
  readonly problem: string
  readonly sequenceNumber?: string
}> {
  override get message() {
    const which = this.sequenceNumber === undefined ? "" : ` of record ${this.sequenceNumber}`
    return `${this.field}${which} ${this.problem}`
  }
}

/** A row as one image shows it to readers. `asOf` is ISO-8601. `closed`: it is a tombstone. */
export interface SeenRow {
  readonly columns: Columns
  readonly asOf: string
  readonly version: number
  readonly closed: boolean
}

/** One write, as far as a record says. A row that readers do not see is undefined: it is not there, or only a ticket was taken for it. */
export interface Write {
  readonly generation: string
  readonly projection: string
  readonly entity: string
  readonly row: string
  readonly before: SeenRow | undefined
  readonly after: SeenRow | undefined
  /** When it was written, in epoch ms, rounded down to a second. */
  readonly at: number
  /** Whether DynamoDB removed what had expired. */
  readonly expired: boolean
}

const EVENTS = ["INSERT", "MODIFY", "REMOVE"]
const IMAGES: Readonly<Record<string, ReadonlyArray<"OldImage" | "NewImage">>> = {
  INSERT: ["NewImage"],
  MODIFY: ["OldImage", "NewImage"],
  REMOVE: ["OldImage"]
}
const SERVICE = "dynamodb.amazonaws.com"

const textIn = (image: Image | undefined, name: string): string | undefined => {
  const text = (image?.[name] as { readonly S?: unknown } | undefined)?.S
  return typeof text === "string" ? text : undefined
}

const numberIn = (image: Image, name: string): number =>
  Number((image[name] as { readonly N?: unknown } | undefined)?.N ?? Number.NaN)

/** Reads a record of a table that begins with `prefix`. Throws `MalformedRecord`. */
export const readWrite = (record: ChangeRecord, prefix: string): Write => {
  const { eventName = "", eventSourceARN = "", userIdentity, dynamodb = {} } = record
  const { SequenceNumber, Keys = {}, ApproximateCreationDateTime: seconds } = dynamodb
  const malformed = (field: string, problem: string) =>
    new MalformedRecord({ field, problem, ...(SequenceNumber === undefined ? {} : { sequenceNumber: SequenceNumber }) })

  const rowOf = (name: "OldImage" | "NewImage", key: string): SeenRow | undefined => {
    if (!IMAGES[eventName]?.includes(name)) return undefined
    const image = dynamodb[name]
    if (image === undefined)
      throw malformed(`dynamodb.${name}`, "is missing: the stream must be one of new and old images")
    const asOf = textIn(image, "asOf")
    if (asOf === undefined) return undefined
    if (Number.isNaN(Date.parse(asOf))) throw malformed(`dynamodb.${name}.asOf`, "is no time in ISO-8601")
    const version = numberIn(image, image.version === undefined ? "summarised" : "version")
    if (!Number.isInteger(version)) throw malformed(`dynamodb.${name}.version`, "is no whole number, nor is summarised")
    const columns = columnNames(key, image).map((column) => {
      try {
        return [column, fromAttribute(image[column] as AttributeValue)] as const
      } catch {
        throw malformed(`dynamodb.${name}.${column}`, "is of a type that no column has")
      }
    })
    return { columns: Object.fromEntries(columns), asOf, version, closed: image.expiresAt !== undefined }
  }

  if (!EVENTS.includes(eventName)) throw malformed("eventName", `is ${JSON.stringify(eventName)}, none of ${EVENTS}`)
  const table = /^arn:[^:]+:dynamodb:[^:]*:[^:]*:table\/([^/]+)\/stream\//.exec(eventSourceARN)?.[1]
  if (table === undefined) throw malformed("eventSourceARN", "names no stream of a DynamoDB table")
  const generation = table.startsWith(`${prefix}-`) ? table.slice(prefix.length + 1) : ""
  const projection = /^(.+)-v\d+$/.exec(generation)?.[1]
  if (projection === undefined)
    throw malformed("eventSourceARN", `is of the table ${table}, which is no projection of the stack ${prefix}`)
  const [key, ...others] = Object.keys(Keys).filter((name) => name !== "row")
  const [entity, row] = [textIn(Keys, key ?? ""), textIn(Keys, "row")]
  if (key === undefined || others.length > 0 || entity === undefined || row === undefined)
    throw malformed("dynamodb.Keys", "are not an entity and a row")
  if (typeof seconds !== "number" || Number.isNaN(seconds))
    throw malformed("dynamodb.ApproximateCreationDateTime", "is no number of epoch seconds")
  return {
    generation,
    projection,
    entity,
    row,
    before: rowOf("OldImage", key),
    after: rowOf("NewImage", key),
    at: seconds * 1_000,
    expired: (userIdentity as { readonly principalId?: unknown } | null | undefined)?.principalId === SERVICE
  }
}
