import { makeActivity, makeDynamodb, ServiceError } from "aws-in-process"
import { realClock } from "aws-in-process/clock"
import { createTableInput, type Json, type Request, tablesOf } from "./requests.ts"

/** What an engine says to a request. `fault`: the name of the error; for ours also an error that no AWS would send. */
export interface Answer {
  readonly fault: string | undefined
  readonly message: string
  readonly body: Json
}

export type Ask = (request: Request) => Promise<Answer>

const PRINCIPAL = { roleArn: "arn:aws:iam::000000000000:role/judge", label: "judge" }

/** Our own, in this process. */
export const ours = async (prefix: string): Promise<{ readonly ask: Ask; readonly close: () => Promise<void> }> => {
  const dynamodb = makeDynamodb({ clock: realClock(), activity: makeActivity(), authorize: () => {} })
  for (const table of tablesOf(prefix)) await dynamodb.createTable(table)
  return {
    ask: async ({ operation, input }) => {
      try {
        const body = await dynamodb.service(operation, JSON.parse(JSON.stringify(input)), PRINCIPAL)
        return { fault: undefined, message: "", body: JSON.parse(JSON.stringify(body)) }
      } catch (error) {
        if (error instanceof ServiceError) return { fault: error.code, message: error.message, body: error.fields }
        return { fault: "not AWS", message: String(error), body: {} }
      }
    },
    close: dynamodb.close
  }
}

/** Another, behind a URL. By hand, since the SDK refuses some inputs before it sends them. */
export const theirs = async (endpoint: string, prefix: string): Promise<Ask> => {
  const ask: Ask = async ({ operation, input }) => {
    const response = await fetch(endpoint, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": `DynamoDB_20120810.${operation}`,
        "x-amz-date": "20260101T000000Z",
        authorization:
          "AWS4-HMAC-SHA256 Credential=JUDGE/20260101/eu-west-1/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, Signature=0"
      },
      body: JSON.stringify(input)
    })
    const text = await response.text()
    if (response.ok) return { fault: undefined, message: "", body: JSON.parse(text) }
    const read = (): Json => {
      try {
        return JSON.parse(text)
      } catch {
        return { __type: `HTTP ${response.status}`, message: text.slice(0, 200) }
      }
    }
    const { __type, message, Message, ...body } = read()
    return { fault: String(__type).split("#").at(-1) ?? "", message: String(message ?? Message ?? ""), body }
  }
  for (const table of tablesOf(prefix)) {
    const { fault, message } = await ask({ operation: "CreateTable", input: createTableInput(table) })
    if (fault !== undefined) throw new Error(`${endpoint} does not create ${table.name}: ${fault}: ${message}`)
  }
  return ask
}

/** Takes everything out of all tables, so that what differed once does not differ again. */
export const emptied = async (prefix: string, asks: ReadonlyArray<Ask>): Promise<void> => {
  for (const ask of asks)
    for (const { name, hashKey, rangeKey } of tablesOf(prefix)) {
      const { body } = await ask({ operation: "Scan", input: { TableName: name } })
      for (const item of body.Items ?? []) {
        const keys = [hashKey.name, ...(rangeKey === undefined ? [] : [rangeKey.name])]
        const Key = Object.fromEntries(keys.map((key) => [key, item[key]]))
        await ask({ operation: "DeleteItem", input: { TableName: name, Key } })
      }
    }
}

const SETS = /^(?:SS|NS|BS)$/

/** The same text for answers that mean the same: neither attributes nor elements of a set have an order. */
const sorted = (value: Json, name = ""): Json => {
  if (Array.isArray(value)) {
    const elements = value.map((element) => sorted(element))
    return SETS.test(name) ? elements.sort() : elements
  }
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key], key)])
  )
}

const byText = (a: Json, b: Json) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)

const comparable = ({ operation }: Request, body: Json): Json => {
  const { ItemCollectionMetrics: _, ...known } = sorted(body ?? {})
  if (operation === "Scan") known.Items?.sort(byText)
  if (operation === "BatchGetItem") for (const items of Object.values<Json>(known.Responses ?? {})) items.sort(byText)
  if (Array.isArray(known.ConsumedCapacity)) known.ConsumedCapacity.sort(byText)
  // What a statement is refused with is told by its code; the words are each engine's own.
  for (const response of operation === "BatchExecuteStatement" ? (known.Responses ?? []) : [])
    if (response.Error !== undefined) delete response.Error.Message
  return known
}

const differing = (a: Json, b: Json, at: string): ReadonlyArray<string> => {
  if (JSON.stringify(a) === JSON.stringify(b)) return []
  const inside = [a, b].every((value) => typeof value === "object" && value !== null)
  if (!inside || Array.isArray(a) !== Array.isArray(b))
    return [`${at}: ${JSON.stringify(a)?.slice(0, 80)} | ${JSON.stringify(b)?.slice(0, 80)}`]
  const keys = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...keys].flatMap((key) => differing(a[key], b[key], `${at}.${/^\d+$/.test(key) ? "#" : key}`))
}

const failedAlone = (body: Json): boolean => (body?.Responses ?? []).some?.((one: Json) => one.Error !== undefined)

/**
 * In what our answer differs from another's, a line each: `PutItem: success | ValidationException "..."`, or a path with both values.
 * The name of a batch of which a statement failed has `(failed)` after it.
 */
export const differences = (request: Request, mine: Answer, other: Answer): ReadonlyArray<string> => {
  const said = ({ fault, message }: Answer) => (fault === undefined ? "success" : `${fault} "${message}"`)
  const name = `${request.operation}${failedAlone(mine.body) ? " (failed)" : ""}`
  if (mine.fault !== other.fault) return [`${name}: ${said(mine)} | ${said(other)}`]
  return differing(comparable(request, mine.body), comparable(request, other.body), name)
}
