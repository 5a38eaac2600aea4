import type { RequestHandler } from "aws-in-process"
import { bodyBytes, bodyText, response } from "aws-in-process"

type Request = Parameters<RequestHandler["handle"]>[0]
type Answer = ReturnType<RequestHandler["handle"]>

/**
 * What befalls a call. `lost`: it takes effect and the connection breaks. `cut`: the connection breaks first. `throttled`,
 * `broken` and `denied`: refused as a whole. `partial`: every second part of it is refused for want of capacity. `none`: all
 * goes well.
 */
export type Mishap = "none" | "lost" | "cut" | "throttled" | "broken" | "denied" | "partial"

const reset = () => Object.assign(new Error("socket hang up"), { code: "ECONNRESET" })

const json = (status: number, body: object) => ({
  response: response(status, { "content-type": "application/x-amz-json-1.0" }, Buffer.from(JSON.stringify(body)))
})

const refusals = {
  throttled: () => json(400, { __type: "x#ProvisionedThroughputExceededException", message: "secret-value" }),
  broken: () => json(500, { __type: "x#InternalServerError", message: "secret-value" }),
  denied: () => json(400, { __type: "x#AccessDeniedException", message: "secret-value" })
}

type Body = Record<string, unknown>

const odd = (_: unknown, i: number) => i % 2 === 1
const even = (_: unknown, i: number) => i % 2 === 0

const halfOfEntries = (input: { QueueUrl: string; Entries: ReadonlyArray<{ Id: string }> }) => ({
  through: { ...input, Entries: input.Entries.filter(even) },
  whole: (output: { Failed?: ReadonlyArray<object> }) => ({
    ...output,
    Failed: input.Entries.filter(odd).map(({ Id }) => ({ Id, Code: "InternalError", SenderFault: false }))
  })
})

/** For each batched operation: the part of its input that is let through, and how its output becomes that of the whole. */
const halves: Record<string, (input: never) => { readonly through: Body; readonly whole: (output: never) => Body }> = {
  BatchExecuteStatement: (input: { Statements: ReadonlyArray<object> }) => ({
    through: { ...input, Statements: input.Statements.filter(even) },
    whole: (output: { Responses: ReadonlyArray<object> }) => ({
      Responses: input.Statements.map((_, i) =>
        i % 2 === 0
          ? output.Responses[i / 2]
          : { Error: { Code: i % 4 === 1 ? "ThrottlingError" : "InternalServerError" } }
      )
    })
  }),
  BatchGetItem: (input: { RequestItems: Record<string, { Keys: ReadonlyArray<object> }> }) => {
    const part = (keep: typeof odd) =>
      Object.fromEntries(
        Object.entries(input.RequestItems)
          .map(([table, wanted]) => [table, { ...wanted, Keys: wanted.Keys.filter(keep) }] as const)
          .filter(([, { Keys }]) => Keys.length > 0)
      )
    return {
      through: { RequestItems: part(even) },
      whole: (output: Body) => ({ ...output, UnprocessedKeys: part(odd) })
    }
  },
  PutRecords: (input: { StreamName: string; Records: ReadonlyArray<object> }) => ({
    through: { ...input, Records: input.Records.filter(even) },
    whole: (output: { Records: ReadonlyArray<object> }) => ({
      FailedRecordCount: input.Records.filter(odd).length,
      Records: input.Records.map((_, i) =>
        i % 2 === 0
          ? output.Records[i / 2]
          : { ErrorCode: "ProvisionedThroughputExceededException", ErrorMessage: "secret-value" }
      )
    })
  }),
  SendMessageBatch: halfOfEntries,
  DeleteMessageBatch: halfOfEntries
}

const partial = async (inner: RequestHandler, request: Request, operation: string, rest: unknown): Answer => {
  const half = halves[operation]
  if (half === undefined) throw new Error(`no parts in ${operation}`)
  const { through, whole } = half(JSON.parse(bodyText(await bodyBytes(request.body))) as never)
  const { response: answer } = await inner.handle(
    { ...request, body: JSON.stringify(through) } as Request,
    rest as never
  )
  return json(answer.statusCode, whole(JSON.parse(bodyText(await bodyBytes(answer.body))) as never))
}

/**
 * A wrapper for a request handler that meets calls with mishaps: for each operation the first call with the first of its list, and
 * so on, until the list is empty. `calls` counts what was sent, by operation (the HTTP method for S3).
 */
export const faulty = (plan: Readonly<Record<string, ReadonlyArray<Mishap>>>) => {
  const left = new Map(Object.entries(plan).map(([operation, mishaps]) => [operation, [...mishaps]]))
  const calls: Record<string, number> = {}
  const wrap = (inner: RequestHandler): RequestHandler => ({
    ...inner,
    handle: async (request, options) => {
      const operation = request.headers["x-amz-target"]?.split(".")[1] ?? request.method
      calls[operation] = (calls[operation] ?? 0) + 1
      const mishap = left.get(operation)?.shift()
      if (mishap === undefined || mishap === "none") return inner.handle(request, options)
      if (mishap === "cut") throw reset()
      if (mishap === "partial") return partial(inner, request, operation, options)
      if (mishap !== "lost") return refusals[mishap]()
      await inner.handle(request, options)
      throw reset()
    }
  })
  return { wrap, calls }
}
