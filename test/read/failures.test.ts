import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { ServiceError } from "aws-in-process"
import { Effect } from "effect"
import { connect, type Reader } from "../../src/read/index.ts"
import { makeTables, type Tables } from "./engine.ts"
import { idOf } from "./events.ts"

describe("a table that refuses a call", () => {
  let tables: Tables
  beforeAll(async () => {
    tables = await makeTables()
    tables.intercept(({ tables: [table] }) => {
      if (!table?.endsWith("control")) throw new ServiceError("AccessDeniedException", "no")
    })
  })
  afterAll(() => tables.close())

  it.each<[string, (reader: Reader["Service"]) => Effect.Effect<unknown, { readonly message: string }>]>([
    ["Query", (reader) => reader.agent(idOf(1))],
    ["BatchGetItem", (reader) => reader.agents([idOf(1), idOf(2)])],
    ["GetItem", (reader) => reader.row({ name: "agents", key: "agentId" }, idOf(1))]
  ])("is a failure by the name of that call: %s", async (op, call) => {
    assert.strictEqual(
      (await tables.read((reader) => Effect.flip(call(reader)))).message,
      `${op}: AccessDeniedException`
    )
  })
})

describe("an item of a table that is no row", () => {
  it("is not seen: where only a ticket was taken, and where it has another key", async () => {
    const tables = await makeTables()
    await tables.put("queues-v2", { queueId: { S: "q" }, row: { S: "state" }, ticket: { N: "1" } })
    assert.isUndefined(await tables.read((reader) => reader.queue("q")))
    assert.isUndefined(await tables.read((reader) => reader.rows({ name: "queues", key: "queueId" }, "q")))
    await tables.close()
  })
})

/** A service on this machine that is asked, and does as `answer` says. */
const serving = async (
  answer: (authorization: string) => { readonly status: number; readonly body: object } | undefined
) => {
  const asked: Array<{ readonly authorization: string; readonly body: string }> = []
  const server = createServer((request, response) => {
    let body = ""
    request.on("data", (part) => {
      body += part
    })
    request.on("end", () => {
      asked.push({ authorization: request.headers.authorization ?? "", body })
      const reply = answer(request.headers.authorization ?? "")
      if (reply === undefined) return
      response.writeHead(reply.status, { "content-type": "application/x-amz-json-1.1" })
      response.end(JSON.stringify(reply.body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const close = () => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  }
  return { asked, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close }
}

describe("a client", () => {
  const credentials = { accessKeyId: "KEYOFTHECALLER", secretAccessKey: "b" }

  it("reads the secret of Genesys in its region, by its credentials", async () => {
    const name = "AWS_ENDPOINT_URL_SECRETS_MANAGER"
    const { [name]: before } = process.env
    const { asked, endpoint, close } = await serving((authorization) =>
      // The tables do not answer, so that nothing but the secret ends the call.
      authorization.includes("/secretsmanager/")
        ? { status: 400, body: { __type: "AccessDeniedException", message: "no" } }
        : undefined
    )
    process.env[name] = endpoint
    try {
      const genesys = { domain: "mypurecloud.de", credentials: "the-secret" }
      const client = connect({ prefix: "p", region: "eu-west-3", credentials, endpoint, genesys })
      const error: unknown = await client.critical("a").catch((thrown: unknown) => thrown)
      assert.instanceOf(error, Error)
      await client.close()
    } finally {
      if (before === undefined) delete process.env[name]
      else process.env[name] = before
      await close()
    }
    const secrets = asked.filter(({ authorization }) => authorization.includes("/secretsmanager/"))
    assert.isNotEmpty(secrets)
    for (const { authorization, body } of secrets) {
      assert.match(authorization, /Credential=KEYOFTHECALLER\/\d+\/eu-west-3\/secretsmanager\//)
      assert.deepInclude(JSON.parse(body), { SecretId: "the-secret" })
    }
  })

  it("asks again a table that does not answer, within the time of the call", async () => {
    const { asked, endpoint, close } = await serving(() => undefined)
    const client = connect({ prefix: "p", region: "eu-west-3", credentials, endpoint, timeout: 400 })
    const error: unknown = await client.agent("a").catch((thrown: unknown) => thrown)
    assert.match(String(error), /TIMEDOUT|Timeout/)
    await client.close()
    await close()
    assert.isAbove(asked.length, 1)
  })
})
