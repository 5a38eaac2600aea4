import * as pulumi from "@pulumi/pulumi"
import { assert, beforeAll, describe, it } from "vitest"
import { GenesysProjections } from "../../src/infra/genesys-projections.ts"
import { rules } from "../../src/infra/policies/index.ts"
import { ownProjections } from "../../src/infra/projections-module.ts"
import { ReadApi } from "../../src/infra/read-api.ts"
import type { ReadApiArgs } from "../../src/infra/read-api-args.ts"
import { type Captured, captureProgram } from "../../src/local/capture.ts"
import { only, policyOf, resourcesOf } from "./captured.ts"

type Made = Omit<Captured, "projections">

const code = () => new pulumi.asset.AssetArchive({})
const POOL = "arn:aws:cognito-idp:eu-central-1:000000000000:userpool/eu-central-1_a"
const cognito = { userPoolArns: [POOL] }

const captureApi = (args: Omit<ReadApiArgs, "reads" | "code">, name = "wall", settings: object = {}) =>
  captureProgram({ project: "centre", stack: "dev", config: { "aws:region": "eu-central-1" } }, () => {
    const genesys = new GenesysProjections("genesys", { projections: ownProjections, code, ...settings })
    const api = new ReadApi(name, { reads: genesys, code: code(), ...args })
    return { url: api.url, callPolicyArn: api.callPolicyArn, functions: [api.nodes.calls.name, api.nodes.changes.name] }
  }) as Promise<Made>

const OUTPUTS = {
  prefix: "centre-dev-genesys",
  readPolicyArn: "arn:aws:iam::000000000000:policy/readers",
  noticesTopicArn: "arn:aws:sns:eu-central-1:000000000000:notices"
}

/** The same beside no stack: it reads that of another program. */
const captureAlone = (args: Omit<ReadApiArgs, "reads" | "code">, name = "wall") =>
  captureProgram({ project: "centre", stack: "dev", config: { "aws:region": "eu-central-1" } }, () => {
    const api = new ReadApi(name, { reads: OUTPUTS, code: code(), ...args })
    return { url: api.url }
  }) as Promise<Made>

const asCaptured = (made: Made): Captured => ({ ...made, projections: ownProjections.projections })

const found = ({ resources }: Made) => {
  const stack = {
    production: false,
    resources: resources
      .filter(({ custom }) => custom)
      .map(({ type, name, inputs, outputs, options }) => ({
        type,
        name,
        props: { ...outputs, ...inputs },
        protect: options.protect
      }))
  }
  return rules.flatMap(({ name, check }) =>
    check(stack)
      .filter(({ resource }) => resource.name.startsWith("wall-"))
      .map(({ resource, problem }) => `${name}: ${resource.name} ${problem}`)
  )
}

describe("a ReadApi", () => {
  let open: Made
  let iam: Made
  let captured: Captured
  beforeAll(async () => {
    const origins = ["https://wall.example.com"]
    open = await captureApi({
      authorizer: { ...cognito, scopes: ["wall/read"] },
      origins,
      serviceLevel: { target: 0.9 }
    })
    iam = await captureApi({ authorizer: "iam" }, "wall", { customerKey: true })
    captured = asCaptured(open)
  })

  it("passes the rules for stacks, whoever may ask", () => {
    assert.deepStrictEqual([found(open), found(iam)], [[], []])
  })

  it("[P10] has the rights of the policy for readers, its own log, and no others", () => {
    const policy = only(captured, "aws:iam/policy:Policy", "genesys-readers")
    for (const part of ["calls", "changes"]) {
      const attached = only(captured, "aws:iam/rolePolicyAttachment:RolePolicyAttachment", `wall-${part}-reads`)
      const role = only(captured, "aws:iam/role:Role", `wall-${part}-role`)
      assert.deepStrictEqual(attached.inputs, { role: role.outputs.name, policyArn: policy.outputs.arn })
      const log = only(captured, "aws:cloudwatch/logGroup:LogGroup", `wall-${part}-logs`)
      assert.deepStrictEqual(
        policyOf(only(captured, "aws:iam/rolePolicy:RolePolicy", `wall-${part}-policy`).inputs.policy),
        [
          {
            Effect: "Allow",
            Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
            Resource: [`${log.outputs.arn}:*`]
          }
        ]
      )
    }
    assert.lengthOf(
      resourcesOf(captured, "aws:iam/rolePolicyAttachment:RolePolicyAttachment").filter(({ name }) =>
        name.startsWith("wall")
      ),
      2
    )
  })

  it("lets nobody ask without a token of the user pools, and streams every answer", () => {
    const authorizer = only(captured, "aws:apigateway/authorizer:Authorizer", "wall-api-authorizer")
    assert.deepInclude(authorizer.inputs, { type: "COGNITO_USER_POOLS", providerArns: [POOL] })
    const methods = resourcesOf(captured, "aws:apigateway/method:Method")
    const gets = methods.filter(({ inputs }) => inputs.httpMethod === "GET")
    assert.lengthOf(gets, 2)
    for (const { inputs } of gets)
      assert.deepInclude(inputs, {
        authorization: "COGNITO_USER_POOLS",
        authorizerId: authorizer.outputs.id,
        authorizationScopes: ["wall/read"]
      })
    const others = methods.filter((method) => !gets.includes(method))
    assert.deepStrictEqual(
      others.map(({ inputs }) => [inputs.httpMethod, inputs.authorization]),
      [
        ["OPTIONS", "NONE"],
        ["OPTIONS", "NONE"]
      ]
    )
    const integrations = resourcesOf(captured, "aws:apigateway/integration:Integration")
    assert.lengthOf(integrations, 4)
    for (const { name, inputs } of integrations) {
      const part = /(calls|changes)-/.exec(name)?.[1]
      const fn = only(captured, "aws:lambda/function:Function", `wall-${part}`)
      assert.deepInclude(inputs, {
        type: "AWS_PROXY",
        integrationHttpMethod: "POST",
        responseTransferMode: "STREAM",
        uri: `arn:aws:apigateway:eu-central-1:lambda:path/2021-11-15/functions/${fn.outputs.arn}/response-streaming-invocations`
      })
      assert.strictEqual(inputs.timeoutMilliseconds, Number(fn.inputs.timeout) * 1_000)
      assert.isAtMost(Number(inputs.timeoutMilliseconds), 900_000)
    }
    const paths = resourcesOf(captured, "aws:apigateway/resource:Resource").map(({ inputs }) => inputs.pathPart)
    assert.sameMembers(paths, ["{proxy+}", "changes"])
  })

  it("asks for signed requests with iam, by a policy for roles, and opens nothing to browsers of its own accord", () => {
    const methods = resourcesOf(asCaptured(iam), "aws:apigateway/method:Method")
    assert.deepStrictEqual(
      methods.map(({ inputs }) => [inputs.httpMethod, inputs.authorization]),
      [
        ["GET", "AWS_IAM"],
        ["GET", "AWS_IAM"]
      ]
    )
    const policy = only(asCaptured(iam), "aws:iam/policy:Policy", "wall-callers")
    const api = only(asCaptured(iam), "aws:apigateway/restApi:RestApi", "wall-api")
    assert.deepStrictEqual(policyOf(policy.inputs.policy), [
      { Effect: "Allow", Action: ["execute-api:Invoke"], Resource: [`${api.outputs.executionArn}/v1/GET/*`] }
    ])
    assert.strictEqual(iam.outputs.callPolicyArn, policy.outputs.arn)
    assert.strictEqual(open.outputs.callPolicyArn, "")
    for (const type of ["aws:apigateway/authorizer:Authorizer", "aws:apigateway/response:Response"])
      assert.isEmpty(resourcesOf(asCaptured(iam), type), type)
  })

  it("hands its settings to the functions", () => {
    for (const part of ["calls", "changes"]) {
      const { environment, reservedConcurrentExecutions } = only(
        captured,
        "aws:lambda/function:Function",
        `wall-${part}`
      ).inputs
      assert.deepStrictEqual(environment, {
        variables: {
          PREFIX: "centre-dev-genesys",
          ORIGINS: "https://wall.example.com",
          POLL_SECONDS: "2",
          STREAM_SECONDS: "300",
          SERVICE_LEVEL: '{"target":0.9}',
          STACK_NAME: "centre-dev-wall"
        }
      })
      assert.strictEqual(reservedConcurrentExecutions, 20)
    }
    assert.strictEqual(only(captured, "aws:lambda/function:Function", "wall-changes").inputs.timeout, 330)
    const limits = only(captured, "aws:apigateway/methodSettings:MethodSettings", "wall-api-limits").inputs.settings
    assert.deepStrictEqual(limits, { throttlingRateLimit: 50, throttlingBurstLimit: 100 })
  })

  it("lets the page of its only origin read refusals, and names none where there are several", async () => {
    const refusals = resourcesOf(captured, "aws:apigateway/response:Response")
    assert.lengthOf(refusals, 2)
    for (const { inputs } of refusals)
      assert.deepStrictEqual(inputs.responseParameters, {
        "gatewayresponse.header.Access-Control-Allow-Origin": "'https://wall.example.com'"
      })
    const two = await captureAlone({ authorizer: cognito, origins: ["https://a.example.com", "http://localhost:5173"] })
    assert.isEmpty(resourcesOf(asCaptured(two), "aws:apigateway/response:Response"))
  })

  it("deploys anew when who may ask changes, and not when nothing does", async () => {
    const stateOf = (made: Made) =>
      only(asCaptured(made), "aws:apigateway/deployment:Deployment", "wall-api-deployment").inputs.triggers
    const [one, same, other] = [
      await captureAlone({ authorizer: cognito }),
      await captureAlone({ authorizer: cognito }),
      await captureAlone({ authorizer: { ...cognito, scopes: ["a"] } })
    ]
    assert.deepStrictEqual(stateOf(one), stateOf(same))
    assert.notDeepEqual(stateOf(one), stateOf(other))
    const { options } = only(asCaptured(one), "aws:apigateway/deployment:Deployment", "wall-api-deployment")
    assert.isAtLeast(options.dependsOn.length, 4)
  })

  it("says where it is and which functions it has", () => {
    const api = only(captured, "aws:apigateway/restApi:RestApi", "wall-api")
    assert.deepStrictEqual(open.outputs, {
      url: `https://${api.outputs.id}.execute-api.eu-central-1.amazonaws.com/v1`,
      callPolicyArn: "",
      functions: ["centre-dev-wall-calls", "centre-dev-wall-changes"]
    })
  })
})

/** Rules of a hundred queues. */
const manyRules = Object.fromEntries(
  Array.from({ length: 100 }, (_, i) => [`${String(i).padStart(8, "0")}-0000-4000-8000-000000000000`, { target: 0.9 }])
)

describe("a ReadApi with a faulty argument", () => {
  const fails = async (args: object, name?: string) =>
    String(await captureAlone({ authorizer: "iam", ...args } as never, name).catch((error: unknown) => error))

  it.each<[object, string]>([
    [{ origins: ["*"] }, 'origins[0] is "*"; set the origin of a page as a browser sends it'],
    [{ origins: ["https://wall.example.com/"] }, 'origins[0] is "https://wall.example.com/"; set the origin'],
    [{ origins: ["https://*.example.com"] }, 'origins[0] is "https://*.example.com"; set the origin'],
    [{ origins: ["wall.example.com"] }, 'origins[0] is "wall.example.com"; set the origin'],
    [{ origins: ["null"] }, 'origins[0] is "null"; set the origin'],
    [{ origins: ["http://wall.example.com"] }, "set https, or http on localhost."],
    [{ origins: ["https://a.example", "https://a.example"] }, "origins has one of them twice; remove it."],
    [{ origins: "https://a.example" }, 'origins is "https://a.example"; set a list.'],
    [{ authorizer: undefined }, 'authorizer is undefined; set "iam", or { userPoolArns }'],
    [{ authorizer: "none" }, 'authorizer is "none"; set "iam", or { userPoolArns }'],
    [{ authorizer: { userPoolArns: [] } }, "with at least one user pool."],
    [{ authorizer: { ...cognito, scopes: "a" } }, 'authorizer.scopes is "a"; set a list of scopes'],
    [{ reads: {} }, "reads.prefix is missing; set reads to a GenesysProjections"],
    [{ pollSeconds: 0 }, "pollSeconds is 0; set a whole number from 1 to 60."],
    [{ streamSeconds: 900 }, "streamSeconds is 900; set a whole number from 30 to 840."],
    [{ mostStreams: 1.5 }, "mostStreams is 1.5; set a whole number from 1 to 1000."],
    [{ requestsPerSecond: "many" }, 'requestsPerSecond is "many"; set a whole number from 1 to 10000.'],
    [{ logRetentionDays: 31 }, "logRetentionDays is 31; set one of 1, 3, 5"],
    [{ serviceLevel: { target: 80 } }, "serviceLevel.target is 80; set a share from 0 to 1."],
    [
      { serviceLevel: { queues: { q: { answer: 1 } } } },
      "serviceLevel.queues.q.answer is unknown; there are answerSeconds"
    ],
    [{ serviceLevel: { withAbandons: 1 } }, "serviceLevel.withAbandons is 1; set true or false."],
    [{ serviceLevel: null }, "serviceLevel is null; set an object"],
    [{ serviceLevel: { queues: 5 } }, "serviceLevel.queues is 5; set an object with rules by the ids of queues."],
    [{ serviceLevel: { queues: { q: null } } }, "serviceLevel.queues.q is null; set an object"],
    [{ serviceLevel: { queues: manyRules } }, "bytes as JSON, and Lambda takes 3072; name fewer queues"],
    [{ authorizer: { ...cognito, scope: ["a"] } }, "authorizer.scope is unknown; there are userPoolArns, scopes."],
    [{ authorizer: { userPoolArns: ["pool"] } }, 'authorizer.userPoolArns[0] is "pool"; set the ARN of a user pool'],
    [{ authorizer: { userPoolArns: [undefined] } }, "authorizer.userPoolArns[0] is undefined; set the ARN"],
    [{ reads: { ...OUTPUTS, prefix: "" } }, "reads.prefix is missing; set reads"],
    [
      { pollSeconds: 60, streamSeconds: 90 },
      "streamSeconds is 90, and pollSeconds 60; a stream reads at least twice: set streamSeconds to 120 or more."
    ],
    [{ origin: "*" }, "origin is no argument; there are reads, authorizer, origins"]
  ])("such as %o stops the preview with what to set", async (args, sentence) => {
    assert.include(await fails(args), sentence)
  })

  it("names every fault at once, and a name that cannot be", async () => {
    const said = await fails({ origins: ["*"], pollSeconds: 99 }, "1st")
    for (const part of ['its name is "1st"', "origins[0]", "pollSeconds is 99"]) assert.include(said, part)
    assert.include(said, "dev: the ReadApi has faulty arguments:\n- ")
  })
})
