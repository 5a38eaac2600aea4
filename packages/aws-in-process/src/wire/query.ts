import type { HttpRequest, HttpResponse } from "@smithy/types"
import { type Principal, type Service, ServiceError } from "../core/types.ts"
import { bodyBytes, bodyText, refuseUnknownHeaders, response } from "./http.ts"

const FORM = "application/x-www-form-urlencoded"

/** Whether a request speaks the AWS query protocol, as those to SNS do. */
export const isQuery = (request: HttpRequest): boolean => request.headers["content-type"] === FORM

const NAMESPACE = "http://sns.amazonaws.com/doc/2010-03-31/"
const REQUEST = "<RequestId>local</RequestId>"

const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" }
const escaped = (text: unknown): string => String(text).replace(/[&<>]/g, (c) => escapes[c] ?? c)

const fields = (output: Readonly<Record<string, unknown>>): string =>
  Object.entries(output)
    .map(([name, value]) => `<${name}>${escaped(value)}</${name}>`)
    .join("")

/** One call in the AWS query protocol: operation and input are a form, the output is XML. Only plain fields are implemented. */
export const queryExchange = async (
  service: Service | undefined,
  request: HttpRequest,
  principal: Principal
): Promise<HttpResponse> => {
  const form = new URLSearchParams(bodyText(await bodyBytes(request.body)))
  const { Action: action = "", Version: version, ...input } = Object.fromEntries(form)
  if (service === undefined || !request.hostname.startsWith("sns.") || version !== "2010-03-31")
    throw new Error(`not implemented by aws-in-process: ${action} at ${request.hostname}`)
  refuseUnknownHeaders(request, action, (name) => name === "content-type")
  const headers = { "content-type": "text/xml" }
  const xml = (status: number, body: string) => response(status, headers, Buffer.from(body))
  try {
    const output = fields(await service(action, input, principal))
    return xml(
      200,
      `<${action}Response xmlns="${NAMESPACE}"><${action}Result>${output}</${action}Result><ResponseMetadata>${REQUEST}</ResponseMetadata></${action}Response>`
    )
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error
    const { code, message, status } = error
    const what = fields({ Type: status < 500 ? "Sender" : "Receiver", Code: code, Message: message })
    return xml(status, `<ErrorResponse xmlns="${NAMESPACE}"><Error>${what}</Error>${REQUEST}</ErrorResponse>`)
  }
}
