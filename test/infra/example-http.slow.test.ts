import { readFileSync } from "node:fs"
import type * as pulumi from "@pulumi/pulumi"
import { assert, beforeAll, describe, it } from "vitest"
import manifest from "../../examples/http/package.json" with { type: "json" }
import { ownProjections } from "../../src/infra/projections-module.ts"
import { type Captured, captureProgram } from "../../src/local/capture.ts"
import { only, resourcesOf } from "./captured.ts"

const folder = new URL("../../examples/http/", import.meta.url)
const textOf = (file: string) => readFileSync(new URL(file, folder), "utf8")

describe("the program examples/http", () => {
  let captured: Captured
  beforeAll(async () => {
    const config = { "aws:region": "eu-central-1" }
    const made = await captureProgram({ project: "http", stack: "dev", config }, async () => {
      const { default: outputs } = await import("../../examples/http/index.ts")
      return outputs as Readonly<Record<string, pulumi.Input<unknown>>>
    })
    captured = { ...made, projections: ownProjections.projections }
  })

  it("lets the people of its user pool ask, from the page that its README serves", () => {
    const pool = only(captured, "aws:cognito/userPool:UserPool", "people")
    const authorizer = only(captured, "aws:apigateway/authorizer:Authorizer", "wall-api-authorizer")
    assert.deepStrictEqual(authorizer.inputs.providerArns, [pool.outputs.arn])
    assert.deepStrictEqual(pool.inputs.adminCreateUserConfig, { allowAdminCreateUserOnly: true })
    const { environment } = only(captured, "aws:lambda/function:Function", "wall-changes").inputs
    assert.include((environment as { readonly variables: object }).variables, {
      PREFIX: captured.outputs.prefix,
      ORIGINS: "http://localhost:8000"
    })
    assert.include(textOf("README.md"), "http://localhost:8000/wall.html")
    assert.include(textOf("README.md"), "http.server 8000")
  })

  it("exports what the README and the operator's command ask for", () => {
    const asked = [...textOf("README.md").matchAll(/stack output (\w+)/g)].map(([, name = ""]) => name)
    assert.sameMembers(asked, ["userPoolId", "clientId", "url"])
    for (const name of [...asked, "prefix", "eventTableName"]) assert.isString(captured.outputs[name], name)
  })

  it("signs people in as the README does", () => {
    const { explicitAuthFlows } = only(captured, "aws:cognito/userPoolClient:UserPoolClient", "page").inputs
    for (const [, flow] of textOf("README.md").matchAll(/--auth-flow (\w+)/g))
      assert.include(explicitAuthFlows as ReadonlyArray<string>, `ALLOW_${flow}`)
  })

  it("reads with the rights of the policy for readers alone", () => {
    const attachments = resourcesOf(captured, "aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    const readers = only(captured, "aws:iam/policy:Policy", "genesys-readers").outputs.arn
    assert.deepStrictEqual(
      attachments.map(({ inputs }) => inputs.policyArn),
      [readers, readers]
    )
  })

  it("installs the versions that the package is developed with", () => {
    const own = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"))
    const { "genesys-cloud-projections": version, ...others } = manifest.dependencies
    assert.strictEqual(version, own.version)
    for (const [name, one] of Object.entries(others)) assert.strictEqual(one, own.devDependencies[name], name)
  })
})
