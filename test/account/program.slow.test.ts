import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { capture } from "../../src/local/capture.ts"
import { stackConfig } from "../../src/local/stack-config.ts"
import { bootProgram } from "../infra/fake-engine.ts"
import { UNHURRIED } from "../support/seeds.ts"
import { makePulumi } from "./pulumi.ts"

const PROJECT = "genesys-cloud-projections"

describe("the program of the account check", () => {
  it("boots from its copy as the stack dev does, with a role for readers", UNHURRIED, async () => {
    const pulumi = makePulumi("chk1", "eu-west-1", async () => ({ code: 0, out: "{}", err: "" }))
    try {
      const { resources, outputs, messages, exitCode } = await bootProgram({
        folder: join(pulumi.folder, "project"),
        project: PROJECT,
        main: "test/account/program.ts",
        options: { typescript: "false", nodeargs: "" },
        stack: "chk1",
        config: { ...stackConfig("dev"), "aws:region": "eu-west-1" }
      })
      assert.deepStrictEqual([messages, exitCode], [[], 0])
      assert.include(JSON.stringify(outputs.checkReaderArn), "check-reader")
      assert.strictEqual(outputs.prefix, `${PROJECT}-chk1`)
      const [role] = resources.filter(({ type, name }) => type === "aws:iam/role:Role" && name === "check-reader")
      assert.match(String(role?.inputs.assumeRolePolicy), /"AWS":"\d{12}"/)
      const attached = resources.filter(({ type }) => type === "aws:iam/rolePolicyAttachment:RolePolicyAttachment")
      assert.deepStrictEqual(
        attached.map(({ inputs }) => inputs.policyArn),
        [outputs.readPolicyArn]
      )
      const dev = await capture("dev", {})
      assert.lengthOf(resources, dev.resources.filter(({ custom }) => custom).length + 2)
    } finally {
      pulumi.remove()
    }
  })
})
