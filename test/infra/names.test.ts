import * as pulumi from "@pulumi/pulumi"
import { assert, describe, it } from "vitest"
import { GenesysProjections } from "../../src/infra/genesys-projections.ts"
import { nameFault, nameRules } from "../../src/infra/names.ts"
import { type Kind, kinds } from "../../src/infra/nodes.ts"
import { capture, captureProgram } from "../../src/local/capture.ts"
import { partnerSource } from "./captured.ts"

/** Everything that a stack can have. */
const everything = {
  genesysEventSource: partnerSource,
  secondRegion: "eu-west-1",
  eventRetentionDays: 30,
  archiveCopyBucketArn: "arn:aws:s3:::archive-of-events",
  archiveCopyAccount: "444455556666",
  archiveCopyKeyArn: "arn:aws:kms:eu-west-1:444455556666:key/7c711927-4cb0-4aa7-8e2e-81ec63602dd7",
  entityIndex: true,
  projectionStreams: true,
  customerKey: true,
  accountConcurrency: 1_000,
  provisionedConcurrency: 1,
  noticeEmail: "on-call@example.com",
  vpcId: "vpc-00000000",
  subnetIds: ["subnet-00000000"],
  routeTableIds: ["rtb-00000000"]
}

const refusal = async (made: Promise<unknown>): Promise<string> => {
  const error = await made.then(
    () => undefined,
    (thrown: unknown) => thrown
  )
  assert.isTrue(pulumi.RunError.isInstance(error), "nothing was refused")
  return (error as Error).message
}

/** Kinds that have no name of their own: they are known by what they belong to, or AWS gives them an id. */
const nameless: ReadonlyArray<Kind> = [
  "bucketEncryption",
  "bucketLifecycle",
  "bucketPolicy",
  "bucketPublicAccess",
  "bucketReplication",
  "bucketVersioning",
  "eventInvokeConfig",
  "eventSourceMapping",
  "functionPermission",
  "key",
  "queuePolicy",
  "scalingTarget",
  "securityGroupEgressRule",
  "securityGroupIngressRule",
  "tableItem",
  "topicPolicy",
  "topicSubscription",
  "vpcEndpoint"
]

describe("names", () => {
  it("have a rule for every kind of resource that has one", () => {
    assert.sameMembers([...Object.keys(nameRules), ...nameless], Object.keys(kinds))
  })

  it("fit in a stack of ten letters with everything, and are refused in one of eleven, with the limit", async () => {
    await capture("a".repeat(10), everything)
    const message = await refusal(capture("a".repeat(11), everything))
    assert.deepStrictEqual(message.match(/\d+ characters of at most \d+; use a name [^.]+\./g), [
      "65 characters of at most 64; use a name of the stack, the project or the component that is 1 shorter."
    ])
    assert.include(
      message,
      "role replay-machine-role would be named genesys-cloud-projections-aaaaaaaaaaa-replay-machine-role-0000000"
    )
  })

  it("are refused once for each kind, by the longest", async () => {
    const message = await refusal(capture("a".repeat(40), everything))
    const kindsNamed = [...message.matchAll(/^- (\w+) /gm)].map(([, kind]) => kind)
    assert.includeMembers(kindsNamed, ["role", "bucket", "function", "queue", "eventRule"])
    assert.strictEqual(new Set(kindsNamed).size, kindsNamed.length)
  })

  it("are refused for a character of the stack's name that AWS does not take there", async () => {
    const message = await refusal(capture("dev.1"))
    assert.match(
      message,
      /- queue \S+ would be named genesys-cloud-projections-dev\.1-\S+, and may only have letters, digits, - and _/
    )
    assert.match(await refusal(capture("dev_1")), /- bucket \S+ would be named/)
  })

  it("hold for a component in a program of somebody else, which the engine names in its own way", async () => {
    const code = () => new pulumi.asset.AssetArchive({})
    const program = (component: string, autonaming?: object) =>
      captureProgram(
        {
          project: "contact-centre",
          stack: "a".repeat(40),
          config: {
            "aws:region": "eu-central-1",
            ...(autonaming && { "pulumi:autonaming": JSON.stringify(autonaming) })
          }
        },
        () => new GenesysProjections(component, { code }).outputs
      )
    // Fixed names have the stack in them, and drawn ones have not.
    assert.match(await refusal(program("a".repeat(30))), /^- stateMachine /m)
    assert.notMatch(await refusal(program("a".repeat(30))), /^- role /m)
    const pattern = ["stack", "project", "name", "uuid"].map((part) => `\${${part}}`).join("-")
    const message = await refusal(program("genesys", { providers: { aws: { pattern } } }))
    assert.include(message, `would be named ${"a".repeat(40)}-contact-centre-genesys-`)
    await program("genesys", { mode: "verbatim" })
  })

  it("that only AWS knows are not judged", () => {
    assert.isUndefined(nameFault("role", "aws:iam/role:Role", "role", { name: pulumi.output("x".repeat(65)) }))
    assert.isDefined(nameFault("role", "aws:iam/role:Role", "role", { name: "x".repeat(65) }))
    assert.isUndefined(nameFault("role", "aws:iam/role:Role", "role", { name: "x".repeat(64) }))
  })
})
