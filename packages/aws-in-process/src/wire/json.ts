import type { HttpRequest, HttpResponse } from "@smithy/types"
import { type Principal, type Service, ServiceError } from "../core/types.ts"
import { bodyBytes, bodyText, refuseUnknownHeaders, response } from "./http.ts"

interface JsonService {
  readonly name: "dynamodb" | "dynamodbstreams" | "sqs" | "kinesis" | "states" | "events" | "secretsmanager"
  readonly contentType: string
  readonly namespace: string
}

const byTarget: ReadonlyMap<string, JsonService> = new Map([
  [
    "DynamoDB_20120810",
    { name: "dynamodb", contentType: "application/x-amz-json-1.0", namespace: "com.amazonaws.dynamodb.v20120810" }
  ],
  [
    "DynamoDBStreams_20120810",
    {
      name: "dynamodbstreams",
      contentType: "application/x-amz-json-1.0",
      namespace: "com.amazonaws.dynamodb.v20120810"
    }
  ],
  ["AmazonSQS", { name: "sqs", contentType: "application/x-amz-json-1.0", namespace: "com.amazonaws.sqs" }],
  [
    "AWSStepFunctions",
    { name: "states", contentType: "application/x-amz-json-1.0", namespace: "com.amazonaws.swf.service.v2.model" }
  ],
  [
    "secretsmanager",
    { name: "secretsmanager", contentType: "application/x-amz-json-1.1", namespace: "com.amazonaws.secretsmanager" }
  ],
  ["AWSEvents", { name: "events", contentType: "application/x-amz-json-1.1", namespace: "com.amazonaws.events" }],
  [
    "Kinesis_20131202",
    { name: "kinesis", contentType: "application/x-amz-json-1.1", namespace: "com.amazonaws.kinesis.v20131202" }
  ]
])

const known = new Set(["content-type", "x-amz-target", "x-amzn-query-mode"])

const errorBody = (service: JsonService, error: ServiceError) =>
  Buffer.from(JSON.stringify({ ...error.fields, __type: `${service.namespace}#${error.code}`, message: error.message }))

/** One call in an AWS JSON protocol: the operation is in a header, input and output are JSON. */
export const jsonExchange = async (
  services: Readonly<Partial<Record<JsonService["name"], Service>>>,
  request: HttpRequest,
  principal: Principal
): Promise<HttpResponse> => {
  const target = request.headers["x-amz-target"] ?? ""
  const dot = target.indexOf(".")
  const operation = target.slice(dot + 1)
  const service = byTarget.get(target.slice(0, dot))
  const call = service === undefined ? undefined : services[service.name]
  if (service === undefined || call === undefined) throw new Error(`not implemented by aws-in-process: ${target}`)
  refuseUnknownHeaders(request, target, (name) => known.has(name))

  const headers = { "content-type": service.contentType }
  try {
    const output = await call(operation, JSON.parse(bodyText(await bodyBytes(request.body))), principal)
    return response(200, headers, Buffer.from(JSON.stringify(output ?? {})))
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error
    return response(error.status, headers, errorBody(service, error))
  }
}
