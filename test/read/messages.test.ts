import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import { NoAnswer } from "../../src/genesys-api/error.ts"
import { MalformedRecord, readWrite } from "../../src/read/change-record.ts"
import { late, notConfirmed, unordered } from "../../src/read/critical-error.ts"
import {
  BadOption,
  changeOf,
  connect,
  connectLocal,
  connectMemory,
  NoDirectory,
  type NoDirectoryReason,
  ReaderError,
  StaleAnswer,
  type StaleReason
} from "../../src/read/index.ts"

const thrown = (promise: Promise<unknown>) =>
  promise.then(
    (answer) => assert.fail(`it answered ${JSON.stringify(answer)}`),
    (error: Error) => error
  )
const PROJECTION = { name: "agents", key: "agentId" }

describe("an error of the reader", () => {
  it("says what failed, and whether the same call may succeed later", () => {
    const error = { op: "GetItem", reason: "Timeout" }
    assert.strictEqual(new ReaderError({ ...error, retryable: false }).message, "GetItem: Timeout")
    assert.match(new ReaderError({ ...error, retryable: true }).message, /^GetItem: Timeout; .* may succeed later$/)
  })

  it("says why an answer is too old, and what to do about it", () => {
    const ends: Readonly<Record<StaleReason, RegExp>> = {
      window: /: no answer is fresher than the settle window; set maxAge above it$/,
      behind: /: nothing has settled since\. .* see the stack's dashboard$/,
      unsettled: /: nothing has settled in this stack yet$/
    }
    for (const [reason, end] of Object.entries(ends))
      assert.match(new StaleAnswer({ ageMs: 9, maxAgeMs: 5, reason: reason as StaleReason }).message, end)
  })

  it("says why there is no list, and what to do about it", () => {
    const ends: Readonly<Record<NoDirectoryReason, RegExp>> = {
      missing: /there is no such table: .* is its version as new as the reader's\?$/,
      unfilled: /Set genesysCredentialsSecret and run: npx projections reconcile$/,
      ids: /it keeps no names of people, .* Set directory to names$/,
      division: /it keeps nothing of that division, .* Correct divisions$/
    }
    for (const [reason, end] of Object.entries(ends))
      assert.match(new NoDirectory({ table: "t", reason: reason as NoDirectoryReason }).message, end)
  })

  it("says that a decision cannot be made, and nothing that Genesys did not say", () => {
    assert.match(late().message, /^timedOut: the projection did not answer within genesys\.timeout$/)
    assert.match(unordered({} as never).message, /^unordered: .* nothing says which is newer$/)
    const error = notConfirmed(undefined, new NoAnswer({ reason: "timedOut" }))
    assert.notProperty(error, "retryAfterMs")
    assert.notProperty(error, "status")
  })
})

describe("an argument that cannot be used", () => {
  const client = connectMemory({ directory: { agents: { a: { name: "Ada" } } } })
  const list = client.list as (kind: unknown, options?: object) => Promise<unknown>
  const KINDS = "agents, queues, wrapupCodes, presences, divisions, teams"
  const rows = client.rows as (...given: ReadonlyArray<unknown>) => Promise<unknown>
  const row = client.row as (...given: ReadonlyArray<unknown>) => Promise<unknown>

  it.each<[() => Promise<unknown>, string]>([
    [() => list("people"), `kind is "people"; it must be one of ${KINDS}`],
    [() => list("agents", { division: 7 }), "division is number; it must be the id of a division"],
    [() => list("agents", { team: "" }), "team is empty or too long; it must be the id of a team"],
    [() => list("agents", { name: "x".repeat(2_049) }), "name is too long; it must be the beginning of a name"],
    [() => list("agents", { name: 7 }), "name is number; it must be the beginning of a name"],
    [() => list("agents", { after: 7 }), "after is number; it must be next of the page before"],
    [() => list("agents", { limit: 501 }), "limit is 501; it must be a whole number from 1 to 500"],
    [() => client.agent(""), "id is empty or too long; it must be the id of an agent"],
    [() => client.agents(["a", 7 as never]), "ids[1] is number; it must be the id of an agent"],
    [() => client.queue("x".repeat(2_049)), "id is empty or too long; it must be the id of a queue"],
    [() => client.available(7 as never), "queueId is number; it must be the id of a queue"],
    [() => client.members(""), "queueId is empty or too long; it must be the id of a queue"],
    [() => rows(PROJECTION, 7), "entity is number; it must be the id of an entity"],
    [() => row(PROJECTION, 7), "entity is number; it must be the id of an entity"],
    [() => row(PROJECTION, "a", 7), "row is number; it must be the id of a row"],
    [() => rows({ key: "k" }, "a"), "projection.name is undefined; it must be the name of a projection that is listed"],
    [
      () => rows({ name: "n" }, "a"),
      "projection.key is undefined; it must be the partition key column of the projection"
    ],
    [() => rows(undefined, "a"), "projection.name is undefined; it must be the name of a projection that is listed"],
    [() => client.agent("a", { names: 1 as never }), "names is 1; it must be true or false"],
    [
      () => client.agent("a", { maxAge: -1 }),
      'maxAge is -1; it must be a number of ms, or a duration such as "30 seconds"'
    ]
  ])("is named, with what it must be: %#", async (call, message) => {
    const error = await thrown(call())
    assert.instanceOf(error, BadOption)
    assert.strictEqual(error.message, message)
  })

  it("is none at its bound", async () => {
    await list("agents", { limit: 500 })
    assert.deepStrictEqual(await list("agents", { name: "x".repeat(2_048), after: "0" }), { entries: [] })
    assert.isUndefined(await client.agent("x".repeat(2_048)))
  })

  it("is an option by its name", () => {
    const problem = (options: object) => {
      try {
        connect({ prefix: "p", ...options })
      } catch (error) {
        return (error as Error).message
      }
      return assert.fail("it was taken")
    }
    const ms = 'it must be a number of ms, or a duration such as "30 seconds"'
    assert.strictEqual(problem({ remember: -1 }), `remember is -1; ${ms}`)
    assert.strictEqual(problem({ timeout: -1 }), `timeout is -1; ${ms}`)
    for (const timeout of [0, 60_001])
      assert.strictEqual(problem({ timeout }), `timeout is ${timeout} ms; it must be more than 0 and at most 60000`)
    assert.doesNotThrow(() => connect({ prefix: "p", timeout: 60_000, remember: 5_000 }))
  })
})

describe("a client", () => {
  it("says which call came after it was closed, and leaves no connection open", async () => {
    let closed = 0
    const requestHandler = {
      handle: () => Promise.reject(Object.assign(new Error(), { name: "AccessDeniedException" })),
      destroy: () => {
        closed++
      }
    }
    const credentials = { accessKeyId: "a", secretAccessKey: "b" }
    const options = { prefix: "p", region: "eu-west-1", credentials, requestHandler: requestHandler as never }
    const client = connect(options)
    await thrown(client.agent("a"))
    assert.strictEqual(closed, 0)
    await client.close()
    assert.strictEqual(closed, 1)
    const calls = {
      agent: client.agent("a"),
      agents: client.agents(["a"]),
      queue: client.queue("a"),
      available: client.available("a"),
      members: client.members("a"),
      rows: client.rows(PROJECTION, "a"),
      row: client.row(PROJECTION, "a"),
      list: client.list("agents"),
      critical: client.critical("a")
    }
    for (const [name, call] of Object.entries(calls))
      assert.strictEqual((await thrown(call)).message, `${name}: Closed`)
  })

  it("of this machine reads the stack that npm start runs, at any port, as anybody", async () => {
    const asked: Array<string> = []
    const server = createServer((request, response) => {
      let body = ""
      request.on("data", (part) => {
        body += part
      })
      request.on("end", () => {
        asked.push(`${request.headers.authorization?.replace(/\/\d{8}\//, "/day/")} ${body}`)
        response.writeHead(400, { "content-type": "application/x-amz-json-1.0" })
        response.end(JSON.stringify({ __type: "com.amazonaws.dynamodb.v20120810#AccessDeniedException" }))
      })
    })
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const client = connectLocal((server.address() as AddressInfo).port)
    assert.match((await thrown(client.agent("a"))).message, /AccessDeniedException/)
    await client.close()
    await new Promise((resolve) => server.close(resolve))
    assert.match(
      asked[0] ?? "",
      /Credential=local\/day\/eu-central-1\/dynamodb\/.*"genesys-cloud-projections-dev-control"/
    )
    for (const port of [1, 65_535]) await connectLocal(port).close()
    for (const port of [0, 65_536, 1.5]) assert.throws(() => connectLocal(port), /^port is .*: connectLocal\(8787\)$/)
  })
})

describe("a record that is none of a projection's table", () => {
  const whole = {
    eventName: "INSERT",
    eventSourceARN: "arn:aws:dynamodb:eu-central-1:000000000000:table/p-agents-v2/stream/now",
    dynamodb: {
      ApproximateCreationDateTime: 1,
      Keys: { agentId: { S: "a" }, row: { S: "state" } },
      NewImage: { asOf: { S: "2026-05-06T08:00:05.000Z" }, version: { N: "1" } }
    }
  }
  const fault = (more: object, inner: object = {}) => {
    try {
      readWrite({ ...whole, ...more, dynamodb: { ...whole.dynamodb, ...inner } } as never, "p")
    } catch (error) {
      assert.instanceOf(error, MalformedRecord)
      return error
    }
    return assert.fail("it was read")
  }

  it("is named by what it lacks, and by its number where it has one", () => {
    const nameless = fault({ eventName: undefined })
    assert.strictEqual(nameless.message, 'eventName is "", none of INSERT,MODIFY,REMOVE')
    assert.notProperty(nameless, "sequenceNumber")
    assert.strictEqual(
      fault({ eventName: "X" }, { SequenceNumber: "7" }).message,
      'eventName of record 7 is "X", none of INSERT,MODIFY,REMOVE'
    )
    const [agentId, row] = [{ S: "a" }, { S: "state" }]
    for (const Keys of [
      {},
      { row },
      { agentId },
      { agentId, row, more: agentId },
      { agentId: { S: 7 }, row },
      { agentId: { N: "7" }, row }
    ])
      assert.strictEqual(fault({}, { Keys }).field, "dynamodb.Keys", JSON.stringify(Keys))
    assert.strictEqual(fault({}, { NewImage: { asOf: { S: "2026-05-06" } } }).field, "dynamodb.NewImage.version")
  })

  it("says that a row was removed, which its id says as well", () => {
    const removed = {
      ...whole,
      eventName: "REMOVE",
      dynamodb: { ...whole.dynamodb, OldImage: { ...whole.dynamodb.NewImage, state: { S: "x" } } }
    }
    const change = changeOf(removed as never, { prefix: "p", readers: { agents: { generation: "agents-v2" } } })
    assert.strictEqual(change?.kind, "removed")
    assert.match(change?.id ?? "", /^agents-v2\/a\/state\/2@\d+\/removed$/)
  })

  it("is of the generation that readers used, also where a promotion does not say when it was", () => {
    const pointer = { generation: "agents-v3", previous: "agents-v2" }
    const record = {
      ...whole,
      dynamodb: { ...whole.dynamodb, NewImage: { ...whole.dynamodb.NewImage, state: { S: "x" } } }
    }
    const change = (agents: object) => changeOf(record as never, { prefix: "p", readers: { agents } as never })?.kind
    assert.isUndefined(change(pointer))
    assert.isUndefined(change({ generation: "agents-v3", at: 9_000 }))
    assert.strictEqual(change({ ...pointer, at: 9_000 }), "appeared")
  })
})
