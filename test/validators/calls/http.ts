import { type Calls, call, type Given } from "./call.ts"

/** The patch by which the provider sets how many requests a stage takes. */
const limits = ({ methodPath, settings }: Given) =>
  Object.entries({ rateLimit: settings.throttlingRateLimit, burstLimit: settings.throttlingBurstLimit }).map(
    ([name, value]) => ({ op: "replace", path: `/${methodPath}/throttling/${name}`, value: String(value) })
  )

export const http: Calls = {
  "aws:apigateway/authorizer:Authorizer": (i) => [
    call("apigateway.CreateAuthorizer", {
      restApiId: i.restApi,
      name: i.name,
      type: i.type,
      providerARNs: i.providerArns,
      identitySource: i.identitySource
    })
  ],
  "aws:apigateway/deployment:Deployment": ({ restApi, triggers: _ }) => [
    call("apigateway.CreateDeployment", { restApiId: restApi })
  ],
  "aws:apigateway/integration:Integration": (i) => [
    call("apigateway.PutIntegration", {
      restApiId: i.restApi,
      resourceId: i.resourceId,
      httpMethod: i.httpMethod,
      type: i.type,
      integrationHttpMethod: i.integrationHttpMethod,
      uri: i.uri,
      responseTransferMode: i.responseTransferMode,
      timeoutInMillis: i.timeoutMilliseconds
    })
  ],
  "aws:apigateway/method:Method": (i) => [
    call("apigateway.PutMethod", {
      restApiId: i.restApi,
      resourceId: i.resourceId,
      httpMethod: i.httpMethod,
      authorizationType: i.authorization,
      authorizerId: i.authorizerId,
      authorizationScopes: i.authorizationScopes
    })
  ],
  "aws:apigateway/methodSettings:MethodSettings": (i) => [
    call("apigateway.UpdateStage", { restApiId: i.restApi, stageName: i.stageName, patchOperations: limits(i) })
  ],
  "aws:apigateway/resource:Resource": (i) => [
    call("apigateway.CreateResource", { restApiId: i.restApi, parentId: i.parentId, pathPart: i.pathPart })
  ],
  "aws:apigateway/response:Response": (i) => [
    call("apigateway.PutGatewayResponse", {
      restApiId: i.restApiId,
      responseType: i.responseType,
      responseParameters: i.responseParameters
    })
  ],
  "aws:apigateway/restApi:RestApi": (i) => [
    call("apigateway.CreateRestApi", {
      name: i.name,
      description: i.description,
      endpointConfiguration: { types: [i.endpointConfiguration.types] },
      tags: i.tags
    })
  ],
  "aws:apigateway/stage:Stage": (i) => [
    call("apigateway.CreateStage", {
      restApiId: i.restApi,
      deploymentId: i.deployment,
      stageName: i.stageName,
      tags: i.tags
    })
  ],
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": (i) => [
    call("iam.AttachRolePolicy", { RoleName: i.role, PolicyArn: i.policyArn })
  ]
}
