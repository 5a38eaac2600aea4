import type { IncomingMessage, ServerResponse } from "node:http"
import type { Context } from "aws-lambda"
import { Layer } from "effect"
import type { ResponseStream } from "../../http/lambda.ts"
import { linesTo } from "../../lambda/lines.ts"
import { Connection, type ConnectionSettings } from "../../store/connection.ts"
import type { Judgement } from "../../wallboard/thresholds.ts"
import { eventOf, withHead } from "../gateway.ts"

/** What the program gives the functions of a `ReadApi` by default. */
const DEFAULTS = { POLL_SECONDS: "2", STREAM_SECONDS: "300" }

/** How long an invocation of Lambda may take, in ms. */
const INVOCATION_MS = 900_000

interface Options {
  readonly reader: ConnectionSettings
  readonly prefix: string
  readonly judgement: Judgement
  readonly onLog: (line: string) => void
}

/**
 * The function of a `ReadApi` over the tables of the stack on this machine, without an authorizer. `path` is that of the API, with the query.
 * It is loaded with the first request, so that a run that nobody asks starts as fast as before.
 */
export const makeHttpApi = ({ reader, prefix, judgement, onLog }: Options) => {
  const load = async () => {
    const { serveApi } = await import("../../http/lambda.ts")
    const serviceLevel = { ...judgement.serviceLevel, queues: judgement.serviceLevels }
    const env = { ...DEFAULTS, PREFIX: prefix, SERVICE_LEVEL: JSON.stringify(serviceLevel) }
    return serveApi(withHead, env, Layer.mergeAll(Layer.succeed(Connection, reader), linesTo(onLog)))
  }
  let loaded: ReturnType<typeof load> | undefined
  return {
    answer: async (request: IncomingMessage, path: string, response: ServerResponse): Promise<void> => {
      loaded ??= load()
      const context = { awsRequestId: "local", getRemainingTimeInMillis: () => INVOCATION_MS } as Context
      const event = eventOf({ method: request.method, url: path, headersDistinct: request.headersDistinct })
      await (await loaded)(event, response as unknown as ResponseStream, context)
    },
    close: async () => (await loaded)?.dispose()
  }
}
