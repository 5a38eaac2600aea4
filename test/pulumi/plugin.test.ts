import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { credentials, Server, ServerCredentials } from "@grpc/grpc-js"
import services from "@pulumi/pulumi/proto/provider_grpc_pb.js"
import messages from "@pulumi/pulumi/proto/provider_pb.js"
import struct from "google-protobuf/google/protobuf/struct_pb.js"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { kinds } from "../../src/infra/nodes.ts"
import { openAccount, type Props } from "./plugin/account.ts"
import { makeProvider, UNKNOWN } from "./plugin/provider.ts"
import { replaces } from "./plugin/replaces.ts"
import { serviceOf } from "./plugin/service.ts"

const TABLE = "aws:dynamodb/table:Table"
const STREAM = "aws:kinesis/stream:Stream"
const urnOf = (type: string, name: string) => `urn:pulumi:dev::shop::parent$${type}::${name}`
const packed = (props: Props) => struct.Struct.fromJavaScript(props as Record<string, struct.JavaScriptValue>)

describe("the plugin that stands for AWS's", () => {
  const folder = mkdtempSync(join(tmpdir(), "account-"))
  const file = join(folder, "account.json")
  const server = new Server()
  let client: InstanceType<typeof services.ResourceProviderClient>
  beforeAll(async () => {
    server.addService(
      services.ResourceProviderService as never,
      serviceOf(makeProvider(openAccount(file), "eu-central-1"), "7.0.0")
    )
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound)
      )
    )
    client = new services.ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure())
  })
  afterAll(() => {
    client.close()
    server.forceShutdown()
    rmSync(folder, { recursive: true, force: true })
  })

  const call = <Q, A>(
    method: (request: Q, done: (error: Error | null, answer: A) => void) => unknown,
    request: Q
  ): Promise<A> =>
    new Promise((resolve, reject) =>
      method.call(client, request, (error, answer) => (error === null ? resolve(answer) : reject(error)))
    )

  const check = async (type: string, name: string, news: Props, olds: Props = {}, proposed = `shop-dev-${name}-1`) => {
    const request = new messages.CheckRequest()
    request.setUrn(urnOf(type, name))
    request.setOlds(packed(olds))
    request.setNews(packed(news))
    const autonaming = new messages.CheckRequest.AutonamingOptions()
    autonaming.setProposedName(proposed)
    request.setAutonaming(autonaming)
    const answer = await call<messages.CheckRequest, messages.CheckResponse>(client.check, request)
    return answer.getInputs()?.toJavaScript() ?? {}
  }
  const diff = async (type: string, before: Props, after: Props) => {
    const request = new messages.DiffRequest()
    request.setUrn(urnOf(type, "x"))
    request.setOldInputs(packed(before))
    request.setNews(packed(after))
    const answer = await call<messages.DiffRequest, messages.DiffResponse>(client.diff, request)
    return {
      changes: answer.getChanges() === messages.DiffResponse.DiffChanges.DIFF_SOME,
      replaces: answer.getReplacesList(),
      deleteFirst: answer.getDeletebeforereplace()
    }
  }
  const create = async (type: string, name: string, inputs: Props, preview = false) => {
    const request = new messages.CreateRequest()
    request.setUrn(urnOf(type, name))
    request.setProperties(packed(inputs))
    request.setPreview(preview)
    const answer = await call<messages.CreateRequest, messages.CreateResponse>(client.create, request)
    return { id: answer.getId(), outputs: answer.getProperties()?.toJavaScript() ?? {} }
  }
  const update = async (type: string, id: string, news: Props) => {
    const request = new messages.UpdateRequest()
    request.setUrn(urnOf(type, "x"))
    request.setId(id)
    request.setNews(packed(news))
    const answer = await call<messages.UpdateRequest, messages.UpdateResponse>(client.update, request)
    return answer.getProperties()?.toJavaScript() ?? {}
  }
  const remove = async (type: string, id: string) => {
    const request = new messages.DeleteRequest()
    request.setUrn(urnOf(type, "x"))
    request.setId(id)
    await call(client.delete, request)
  }
  const read = async (type: string, id: string) => {
    const request = new messages.ReadRequest()
    request.setUrn(urnOf(type, "x"))
    request.setId(id)
    return call<messages.ReadRequest, messages.ReadResponse>(client.read, request)
  }
  const refusal = (made: Promise<unknown>): Promise<string> =>
    made.then(
      () => assert.fail("nothing was refused"),
      (error: Error) => error.message
    )

  it("knows what replaces a resource of every kind that a stack has", () => {
    const types = Object.values(kinds).map((made) => (made as unknown as { __pulumiType: string }).__pulumiType)
    assert.sameMembers(Object.keys(replaces), types)
  })

  it("says that it can do previews, and that names are the engine's", async () => {
    const answer = await call<messages.ConfigureRequest, messages.ConfigureResponse>(
      client.configure,
      new messages.ConfigureRequest()
    )
    assert.isTrue(answer.getSupportspreview())
    assert.isTrue(answer.getSupportsAutonamingConfiguration())
  })

  it("takes the engine's name for what has none, keeps it, and leaves a fixed name alone", async () => {
    const first = await check(STREAM, "stream", { shardCount: 1 })
    assert.strictEqual(first.name, "shop-dev-stream-1")
    const again = await check(STREAM, "stream", { shardCount: 2 }, first, "shop-dev-stream-2")
    assert.strictEqual(again.name, "shop-dev-stream-1")
    assert.strictEqual((await check(TABLE, "t", { name: "fixed" })).name, "fixed")
    assert.notProperty(await check("aws:sqs/queuePolicy:QueuePolicy", "p", { policy: "{}" }), "name")
  })

  it("tells an update in place from a replacement, which deletes first where the name is fixed", async () => {
    const table = { name: "fixed", hashKey: "id", __defaults: [] }
    assert.deepStrictEqual(await diff(TABLE, table, table), { changes: false, replaces: [], deleteFirst: false })
    const tagged = { ...table, tags: { a: "b" } }
    assert.deepStrictEqual(await diff(TABLE, table, tagged), { changes: true, replaces: [], deleteFirst: false })
    const other = { ...table, hashKey: "key" }
    assert.deepStrictEqual(await diff(TABLE, table, other), { changes: true, replaces: ["hashKey"], deleteFirst: true })
    const [stream, elsewhere] = [{ name: "drawn", __defaults: ["name"] }, "eu-west-1"]
    assert.deepStrictEqual(await diff(STREAM, stream, { ...stream, region: elsewhere }), {
      changes: true,
      replaces: ["region"],
      deleteFirst: false
    })
  })

  it("knows code by its hash, wherever its file is", async () => {
    const code = (path: string, hash: string) => ({
      code: { "4dabf18193072939515e22adb298388d": "0def7320c3a5731c473e5ecbe6d01bc7", hash, path }
    })
    const type = "aws:lambda/function:Function"
    assert.isFalse((await diff(type, code("/a", "1"), code("/b", "1"))).changes)
    assert.isTrue((await diff(type, code("/a", "1"), code("/a", "2"))).changes)
  })

  it("does not know in a preview what only AWS decides, and makes nothing", async () => {
    const planned = await create(TABLE, "planned", { name: "planned" }, true)
    assert.strictEqual(planned.outputs.name, "planned")
    assert.strictEqual(planned.outputs.arn, UNKNOWN)
    assert.strictEqual((await read(TABLE, "planned")).getId(), "")
  })

  it("keeps what it made for the next command, and refuses a name that is taken", async () => {
    const { id, outputs } = await create(TABLE, "rows", { name: "rows" })
    assert.strictEqual(id, "rows")
    assert.match(String(outputs.arn), /:table\/rows$/)
    assert.strictEqual(openAccount(file).find(TABLE, "rows")?.inputs.name, "rows")
    assert.include(await refusal(create(TABLE, "rows", { name: "rows" })), "Table already exists: rows")
    await remove(TABLE, "rows")
    assert.strictEqual((await read(TABLE, "rows")).getId(), "")
  })

  it("refuses what AWS refuses: less warm throughput, more than double the shards, a protected table's end", async () => {
    const warm = (writeUnitsPerSecond: number) => ({ warmThroughput: { writeUnitsPerSecond } })
    await create(TABLE, "warm", { name: "warm", ...warm(5_000), deletionProtectionEnabled: true })
    assert.include(await refusal(update(TABLE, "warm", { name: "warm", ...warm(4_000) })), "cannot be decreased")
    assert.include(await refusal(remove(TABLE, "warm")), "deletion protection")
    await update(TABLE, "warm", { name: "warm", ...warm(6_000) })
    await remove(TABLE, "warm")

    await create(STREAM, "s", { name: "s", shardCount: 4 })
    for (const shardCount of [9, 1])
      assert.include(await refusal(update(STREAM, "s", { name: "s", shardCount })), "UpdateShardCount")
    assert.strictEqual((await update(STREAM, "s", { name: "s", shardCount: 8 })).shardCount, 8)
    await remove(STREAM, "s")
  })
})
