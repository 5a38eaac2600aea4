import { GetSecretValueCommand, ListSecretsCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager"
import { assert, describe, it } from "vitest"
import { makeSecretsManager } from "../src/secretsmanager/secrets-manager.ts"
import { makeRequestHandler } from "../src/wire/request-handler.ts"
import { arn, errorOf, guard, makeTime, ROLE, START } from "./parts.ts"

const ARN = arn("secretsmanager", "secret:api/client-AbC123")

const setup = (...refused: ReadonlyArray<string>) => {
  const { clock, activity } = makeTime()
  const { authorize, used } = guard(...refused)
  const secrets = makeSecretsManager([{ name: "api/client", arn: ARN, value: "first" }], { clock, authorize })
  const client = new SecretsManagerClient({
    region: "eu-west-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    requestHandler: makeRequestHandler({ services: { secretsmanager: secrets.service }, principal: ROLE, activity }),
    maxAttempts: 1
  })
  const get = (SecretId: string) => client.send(new GetSecretValueCommand({ SecretId }))
  return { secrets, client, get, used }
}

describe("secrets", () => {
  it.each(["api/client", ARN, ARN.slice(0, -7)])("are read by %s", async (id) => {
    const { get, used } = setup()
    const { SecretString, Name, CreatedDate } = await get(id)
    assert.deepStrictEqual([SecretString, Name, CreatedDate?.getTime()], ["first", "api/client", START])
    assert.deepStrictEqual(used, [`secretsmanager:GetSecretValue ${ARN}`])
  })

  it("have another value after a rotation", async () => {
    const { secrets, get } = setup()
    const before = await get("api/client")
    secrets.put("api/client", "second")
    const after = await get("api/client")
    assert.strictEqual(after.SecretString, "second")
    assert.notStrictEqual(after.VersionId, before.VersionId)
    assert.throws(() => secrets.put("other", "x"), "there is no secret other")
  })

  it("are not found, and not shown to those who may not read them", async () => {
    assert.strictEqual(await errorOf(setup().get("other")), "ResourceNotFoundException")
    const refused = setup("secretsmanager:GetSecretValue")
    assert.strictEqual(await errorOf(refused.get("api/client")), "AccessDeniedException")
    assert.strictEqual(await errorOf(refused.get("other")), "AccessDeniedException")
  })

  it("throw on what is not implemented", async () => {
    const { client } = setup()
    for (const call of [
      () => client.send(new ListSecretsCommand({})),
      () => client.send(new GetSecretValueCommand({ SecretId: "api/client", VersionStage: "AWSPREVIOUS" }))
    ]) {
      const error = await call().then(
        () => undefined,
        (cause: unknown) => cause
      )
      assert.include(String(error), "not implemented by aws-in-process")
    }
    assert.throws(
      () =>
        makeSecretsManager([{ name: "a", arn: ARN, value: "" }], {
          clock: makeTime().clock,
          authorize: guard().authorize
        }),
      "is not its ARN"
    )
  })
})
