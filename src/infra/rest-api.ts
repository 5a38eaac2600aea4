import { createHash } from "node:crypto"
import * as pulumi from "@pulumi/pulumi"
import {
  ApiAuthorizer,
  ApiDeployment,
  ApiGatewayResponse,
  ApiIntegration,
  ApiMethod,
  ApiMethodSettings,
  ApiResource,
  ApiStage,
  LambdaPermission,
  RestApi,
  type Tags
} from "./aws.ts"
import type { Lambda } from "./lambda.ts"
import { accountOf } from "./policy.ts"
import type { CognitoAuthorizer } from "./read-api-args.ts"

export interface RestApiArgs {
  /** What the console shows. */
  readonly title: string
  /** Answers every path but `/changes`. */
  readonly calls: Backend
  /** Streams `/changes`. */
  readonly changes: Backend
  readonly authorizer: "iam" | CognitoAuthorizer
  readonly origins: ReadonlyArray<string>
  readonly requestsPerSecond: number
  readonly tags: Tags
}

interface Backend {
  readonly fn: Lambda
  readonly timeoutSeconds: number
}

/** The stage: what paths begin with, so that another one can follow beside it. */
const STAGE = "v1"

/** Calls a function so that what it writes is passed on as it comes. The path is that of `InvokeWithResponseStream`. */
const streamingUri = (functionArn: string): string => {
  const [, partition, , region] = functionArn.split(":")
  return `arn:${partition}:apigateway:${region}:lambda:path/2021-11-15/functions/${functionArn}/response-streaming-invocations`
}

/** A REST API of API Gateway, the only kind that streams: `/changes` to one function, everything else to another, nobody without the authorizer. */
export class ReadRestApi extends pulumi.ComponentResource {
  readonly url: pulumi.Output<string>
  readonly name: pulumi.Output<string>
  /** What a role must be allowed to call: every request of the stage. */
  readonly requestsArn: pulumi.Output<string>
  readonly api: RestApi
  readonly stage: ApiStage

  constructor(name: string, args: RestApiArgs, opts?: pulumi.ComponentResourceOptions) {
    super("genesys-cloud-projections:http:ReadRestApi", name, {}, opts)
    const parent = { parent: this }
    const { authorizer, origins, tags } = args
    const api = new RestApi(
      name,
      {
        description: "Reads the projections of agents and queues",
        name: args.title,
        // At the edge a stream that says nothing for 30 seconds is cut.
        endpointConfiguration: { types: "REGIONAL" },
        tags
      },
      parent
    )
    const guard = guardOf(name, api, authorizer, parent)
    const paths = [
      { own: `${name}-calls`, pathPart: "{proxy+}", to: args.calls },
      { own: `${name}-changes`, pathPart: "changes", to: args.changes }
    ] as const
    const made = paths.flatMap(({ own, pathPart, to }) => {
      const at = new ApiResource(own, { restApi: api.id, parentId: api.rootResourceId, pathPart }, parent)
      new LambdaPermission(
        `${own}-permission`,
        {
          action: "lambda:InvokeFunction",
          function: to.fn.name,
          principal: "apigateway.amazonaws.com",
          sourceArn: pulumi.interpolate`${api.executionArn}/*`,
          sourceAccount: api.executionArn.apply(accountOf)
        },
        parent
      )
      // What a browser asks before is answered without a token, which it does not send with that.
      const open = { httpMethod: "OPTIONS", authorization: "NONE" } as const
      return [{ httpMethod: "GET", ...guard }, ...(origins.length === 0 ? [] : [open])].map((how) => {
        const method = new ApiMethod(
          `${own}-${how.httpMethod.toLowerCase()}`,
          { restApi: api.id, resourceId: at.id, ...how },
          parent
        )
        const integration = new ApiIntegration(
          `${own}-${how.httpMethod.toLowerCase()}`,
          {
            restApi: api.id,
            resourceId: at.id,
            httpMethod: method.httpMethod,
            type: "AWS_PROXY",
            integrationHttpMethod: "POST",
            uri: to.fn.arn.apply(streamingUri),
            responseTransferMode: "STREAM",
            timeoutMilliseconds: to.timeoutSeconds * 1_000
          },
          parent
        )
        return { method, integration }
      })
    })
    const refusals = refusalsOf(name, api, origins, parent)
    const state = pulumi.jsonStringify([
      paths.map(({ pathPart, to }) => [pathPart, to.fn.arn, to.timeoutSeconds]),
      [authorizer, origins],
      made.map(({ method, integration }) => [method.id, method.authorizerId, integration.id])
    ])
    const deployment = new ApiDeployment(
      `${name}-deployment`,
      { restApi: api.id, triggers: { state: state.apply((text) => createHash("sha256").update(text).digest("hex")) } },
      { ...parent, dependsOn: [...made.flatMap(({ method, integration }) => [method, integration]), ...refusals] }
    )
    const stage = new ApiStage(
      `${name}-stage`,
      { restApi: api.id, deployment: deployment.id, stageName: STAGE, tags },
      parent
    )
    new ApiMethodSettings(
      `${name}-limits`,
      {
        restApi: api.id,
        stageName: stage.stageName,
        methodPath: "*/*",
        settings: { throttlingRateLimit: args.requestsPerSecond, throttlingBurstLimit: args.requestsPerSecond * 2 }
      },
      parent
    )
    this.api = api
    this.stage = stage
    this.name = api.name
    this.url = stage.invokeUrl
    this.requestsArn = pulumi.interpolate`${api.executionArn}/${stage.stageName}/GET/*`
    this.registerOutputs({ url: this.url })
  }
}

/** What API Gateway looks at before it calls a function. */
const guardOf = (
  name: string,
  api: RestApi,
  authorizer: "iam" | CognitoAuthorizer,
  parent: pulumi.CustomResourceOptions
) => {
  if (authorizer === "iam") return { authorization: "AWS_IAM" }
  const pools = new ApiAuthorizer(
    `${name}-authorizer`,
    {
      restApi: api.id,
      name: "user-pools",
      type: "COGNITO_USER_POOLS",
      providerArns: [...authorizer.userPoolArns],
      identitySource: "method.request.header.Authorization"
    },
    parent
  )
  const { scopes = [] } = authorizer
  return {
    authorization: "COGNITO_USER_POOLS",
    authorizerId: pools.id,
    ...(scopes.length === 0 ? {} : { authorizationScopes: [...scopes] })
  }
}

/**
 * Lets the page of the only origin read what API Gateway itself refuses (401, 403, 429). It can name one origin and no more: pages of
 * several see such a refusal as a failed request.
 */
const refusalsOf = (
  name: string,
  api: RestApi,
  [origin, ...others]: ReadonlyArray<string>,
  parent: pulumi.CustomResourceOptions
): ReadonlyArray<ApiGatewayResponse> =>
  origin === undefined || others.length > 0
    ? []
    : (["DEFAULT_4XX", "DEFAULT_5XX"] as const).map(
        (responseType) =>
          new ApiGatewayResponse(
            `${name}-${responseType.toLowerCase().replace("_", "-")}`,
            {
              restApiId: api.id,
              responseType,
              responseParameters: { "gatewayresponse.header.Access-Control-Allow-Origin": `'${origin}'` }
            },
            parent
          )
      )
