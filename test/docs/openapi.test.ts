import { join } from "node:path"
import { assert, describe, expect, it } from "@effect/vitest"
import { Validator } from "@seriousme/openapi-schema-validator"
import { answers } from "../../src/http/answers.ts"
import { calls } from "../../src/http/routes.ts"
import { openApi } from "./openapi.ts"
import { root } from "./pages.ts"

describe("docs/openapi.json", () => {
  it("describes the routes and the answers as the code has them", async () => {
    await expect(`${JSON.stringify(openApi(), null, 2)}\n`).toMatchFileSnapshot(join(root, "docs/openapi.json"))
  })

  it("is a document of OpenAPI 3.1, by the schema of the OpenAPI Initiative", async () => {
    const validator = new Validator()
    const { valid, errors } = await validator.validate(structuredClone(openApi()))
    assert.isUndefined(errors)
    assert.isTrue(valid)
    assert.strictEqual(validator.version, "3.1")
    const broken = await new Validator().validate({ ...openApi(), paths: { agents: {} } })
    assert.isFalse(broken.valid)
  })

  it("has an answer for each route and no other", () => {
    assert.sameMembers(
      calls.map(({ name }) => name),
      Object.keys(answers)
    )
  })
})
