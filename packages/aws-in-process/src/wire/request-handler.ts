import type { HttpHandlerOptions, HttpRequest, HttpResponse } from "@smithy/types"
import type { Activity } from "../core/activity.ts"
import type { Principal, Service } from "../core/types.ts"
import { jsonExchange } from "./json.ts"
import { isQuery, queryExchange } from "./query.ts"
import { s3Exchange } from "./s3.ts"

/** The services behind one request handler. A call to one that is absent throws. */
export interface Services {
  readonly dynamodb?: Service
  readonly dynamodbstreams?: Service
  readonly events?: Service
  readonly sqs?: Service
  readonly kinesis?: Service
  readonly s3?: Service
  readonly sns?: Service
  readonly states?: Service
  readonly secretsmanager?: Service
}

/** What the SDK's clients accept as `requestHandler`. */
export interface RequestHandler {
  readonly metadata: { readonly handlerProtocol: string }
  readonly handle: (request: HttpRequest, options?: HttpHandlerOptions) => Promise<{ readonly response: HttpResponse }>
  readonly updateHttpClientConfig: (key: string, value: unknown) => void
  readonly httpHandlerConfigs: () => Record<string, never>
  readonly destroy: () => void
}

const abortError = () => Object.assign(new Error("Request aborted"), { name: "AbortError" })

/** The response, or an abort, whichever comes first. An abort does not undo the call, as on AWS. */
const unlessAborted = <A>(answer: Promise<A>, signal: HttpHandlerOptions["abortSignal"]): Promise<A> => {
  if (signal === undefined || !(signal instanceof AbortSignal)) return answer
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(abortError())
    signal.addEventListener("abort", onAbort, { once: true })
    answer.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort))
  })
}

/**
 * Serves SDK calls in process, as `principal`. A `ServiceError` becomes the error that AWS would put on the wire; any other
 * error (a lost connection that was injected, something not implemented) is thrown to the SDK as it is. Calls count as work in
 * `activity` until the service has answered.
 */
export const makeRequestHandler = (engine: {
  readonly services: Services
  readonly principal: Principal
  readonly activity: Activity
}): RequestHandler => {
  const { services, principal, activity } = engine
  const answer = (request: HttpRequest) => {
    if (request.headers["x-amz-target"] !== undefined) return jsonExchange(services, request, principal)
    return isQuery(request)
      ? queryExchange(services.sns, request, principal)
      : s3Exchange(services.s3, request, principal)
  }

  return {
    metadata: { handlerProtocol: "http/1.1" },
    handle: async (request, options) => {
      if (options?.abortSignal?.aborted) throw abortError()
      return { response: await unlessAborted(activity.track(answer(request)), options?.abortSignal) }
    },
    updateHttpClientConfig: (key) => {
      throw new Error(`not implemented by aws-in-process: HTTP client setting ${key}`)
    },
    httpHandlerConfigs: () => ({}),
    destroy: () => {}
  }
}
