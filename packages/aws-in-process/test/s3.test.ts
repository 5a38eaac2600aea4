import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Readable } from "node:stream"
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  PutObjectCommand,
  S3Client
} from "@aws-sdk/client-s3"
import { assert, describe, it } from "vitest"
import { virtualClock } from "../src/clock.ts"
import { makeActivity } from "../src/core/activity.ts"
import type { Authorize } from "../src/core/types.ts"
import { makeAuthorizer } from "../src/iam/iam.ts"
import { makeS3 } from "../src/s3/s3.ts"
import { makeRequestHandler } from "../src/wire/request-handler.ts"

const START = Date.UTC(2026, 0, 1, 12)
const ROLE = "arn:aws:iam::1:role/test"
const Bucket = "quarantine-1"
/** What a key may hold and a path, a URL, XML or a file name may not. */
const ODD_KEY = "raw/ü & <b>'\"%2F+ ~*()!\\..//../ö\u{1f600}.json"

const setup = (options: { authorize?: Authorize; path?: string; forcePathStyle?: boolean } = {}) => {
  const activity = makeActivity()
  const { authorize = () => {}, path, forcePathStyle = false } = options
  const s3 = makeS3({ clock: virtualClock(START), authorize, ...(path === undefined ? {} : { path }) })
  s3.createBucket(Bucket)
  const client = new S3Client({
    region: "eu-west-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    requestHandler: makeRequestHandler({
      services: { s3: s3.service },
      principal: { roleArn: ROLE, label: "test" },
      activity
    }),
    forcePathStyle,
    maxAttempts: 1
  })
  return { s3, client, activity }
}

const failure = (work: Promise<unknown>): Promise<Error & { $metadata: { httpStatusCode?: number } }> =>
  work.then(
    () => assert.fail("it succeeded"),
    (error) => error
  )

describe.each([{ forcePathStyle: false }, { forcePathStyle: true }])("objects, %o", (style) => {
  it("come back as they were put, with what was said about them", async () => {
    const { client, activity } = setup(style)
    const Body = new Uint8Array([0, 255, 10, 13, 34])
    const Metadata = { reason: "NotJson", "first-arrival": "2026-01-01T00:00:00.000Z" }
    const put = await client.send(
      new PutObjectCommand({ Bucket, Key: ODD_KEY, Body, Metadata, ContentType: "application/json" })
    )
    const got = await client.send(new GetObjectCommand({ Bucket, Key: ODD_KEY }))
    assert.deepStrictEqual(await got.Body?.transformToByteArray(), Body)
    assert.deepStrictEqual([got.Metadata, got.ContentType, got.ETag], [Metadata, "application/json", put.ETag])
    const head = await client.send(new HeadObjectCommand({ Bucket, Key: ODD_KEY }))
    assert.deepStrictEqual([head.ContentLength, head.LastModified], [5, new Date(START)])
    assert.strictEqual(activity.pending(), 0)
  })

  it("take every kind of body, streams with their checksum trailer included", async () => {
    const { client, s3 } = setup(style)
    const big = Buffer.alloc(3_000_000, "genesys ")
    const bodies: ReadonlyArray<[string, string | Uint8Array | Readable, Buffer]> = [
      ["text", "grüße", Buffer.from("grüße")],
      ["empty", "", Buffer.alloc(0)],
      ["big", big, big],
      ["stream", Readable.from([big.subarray(0, 100_000), big.subarray(100_000)]), big]
    ]
    for (const [Key, Body, bytes] of bodies) {
      await client.send(new PutObjectCommand({ Bucket, Key, Body, ContentLength: bytes.length }))
      assert.isTrue(bytes.equals(s3.read(Bucket, Key)!), Key)
      const got = await client.send(new GetObjectCommand({ Bucket, Key }))
      assert.isTrue(bytes.equals((await got.Body?.transformToByteArray())!), Key)
    }
  })

  it("are listed by prefix in byte order, page by page", async () => {
    const { client, s3 } = setup(style)
    for (const Key of ["b/1", "b/Z", "b/a", "b/\u{1f600}", "b/\uffee", ODD_KEY, "c"])
      await client.send(new PutObjectCommand({ Bucket, Key, Body: Key }))
    const keys: Array<string | undefined> = []
    let token: string | undefined
    do {
      const page = await client.send(
        new ListObjectsV2Command({
          Bucket,
          Prefix: "b/",
          MaxKeys: 2,
          ...(token === undefined ? {} : { ContinuationToken: token })
        })
      )
      keys.push(...(page.Contents ?? []).map((object) => object.Key))
      assert.strictEqual(page.IsTruncated, page.NextContinuationToken !== undefined)
      token = page.NextContinuationToken
    } while (token !== undefined)
    assert.deepStrictEqual(keys, ["b/1", "b/Z", "b/a", "b/\uffee", "b/\u{1f600}"])
    const all = await client.send(new ListObjectsV2Command({ Bucket, StartAfter: "b/\u{1f600}" }))
    assert.deepStrictEqual(
      all.Contents?.map((object) => [object.Key, object.Size]),
      [
        ["c", 1],
        [ODD_KEY, Buffer.byteLength(ODD_KEY)]
      ]
    )
    assert.deepStrictEqual(
      s3.listAll(Bucket, "b/").map((object) => object.key),
      keys
    )
  })
})

describe("refusals", () => {
  it("say what is not there", async () => {
    const { client } = setup()
    const get = await failure(client.send(new GetObjectCommand({ Bucket, Key: "none" })))
    assert.deepStrictEqual([get.name, get.$metadata.httpStatusCode], ["NoSuchKey", 404])
    const head = await failure(client.send(new HeadObjectCommand({ Bucket, Key: "none" })))
    assert.deepStrictEqual([head.name, head.$metadata.httpStatusCode], ["NotFound", 404])
    const put = await failure(client.send(new PutObjectCommand({ Bucket: "nowhere", Key: "k", Body: "x" })))
    assert.strictEqual(put.name, "NoSuchBucket")
  })

  it("keep the first object when asked to", async () => {
    const { client, s3 } = setup()
    const put = (Body: string) => client.send(new PutObjectCommand({ Bucket, Key: "k", Body, IfNoneMatch: "*" }))
    await put("first")
    const error = await failure(put("second"))
    assert.deepStrictEqual([error.name, error.$metadata.httpStatusCode], ["PreconditionFailed", 412])
    assert.strictEqual(Buffer.from(s3.read(Bucket, "k")!).toString(), "first")
  })

  it("[P10] come from the role, and hide what is missing from who may not list", async () => {
    const policies = (Action: string, Resource: string) =>
      makeAuthorizer({ [ROLE]: [{ Statement: { Effect: "Allow", Action, Resource } }] }).authorize
    const writer = setup({ authorize: policies("s3:PutObject", `arn:aws:s3:::${Bucket}/raw/*`) }).client
    await writer.send(new PutObjectCommand({ Bucket, Key: "raw/1", Body: "x" }))
    const elsewhere = await failure(writer.send(new PutObjectCommand({ Bucket, Key: "other/1", Body: "x" })))
    assert.deepStrictEqual([elsewhere.name, elsewhere.$metadata.httpStatusCode], ["AccessDenied", 403])
    const reader = setup({ authorize: policies("s3:GetObject", "*") }).client
    assert.strictEqual((await failure(reader.send(new GetObjectCommand({ Bucket, Key: "none" })))).name, "AccessDenied")
  })

  it("throw on operations and options that are not implemented", async () => {
    const { client } = setup()
    const messages = await Promise.all(
      [
        client.send(new CopyObjectCommand({ Bucket, Key: "k", CopySource: `${Bucket}/other` })),
        client.send(new GetObjectCommand({ Bucket, Key: "k", Range: "bytes=0-1" })),
        client.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x", StorageClass: "GLACIER" })),
        client.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x", ChecksumAlgorithm: "SHA256" })),
        client.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x", IfNoneMatch: '"abc"' })),
        client.send(new ListObjectsV2Command({ Bucket, Delimiter: "/" }))
      ].map((work) => failure(work))
    )
    for (const { message } of messages) assert.match(message, /not implemented by aws-in-process/)
  })
})

describe("an object", () => {
  it("is put over what it was when it was read, and over nothing else", async () => {
    const { client } = setup()
    const put = (Body: string, IfMatch: string) =>
      client.send(new PutObjectCommand({ Bucket, Key: "a", Body, IfMatch }))
    assert.strictEqual((await failure(put("1", '"none"'))).name, "NoSuchKey")
    const { ETag = "" } = await client.send(new PutObjectCommand({ Bucket, Key: "a", Body: "1" }))
    await put("2", ETag)
    const stale = await failure(put("3", ETag))
    assert.deepStrictEqual([stale.name, stale.$metadata.httpStatusCode], ["PreconditionFailed", 412])
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: "a" }))
    assert.strictEqual(await Body?.transformToString(), "2")
  })
})

describe("a bucket that keeps versions", () => {
  const keeping = (path?: string) => {
    const made = setup({ ...(path === undefined ? {} : { path }) })
    made.s3.createBucket("kept", { versions: true })
    const send = {
      put: (Key: string, Body: string) => made.client.send(new PutObjectCommand({ Bucket: "kept", Key, Body })),
      remove: (Key: string, VersionId?: string) =>
        made.client.send(new DeleteObjectCommand({ Bucket: "kept", Key, ...(VersionId && { VersionId }) })),
      get: async (Key: string, VersionId?: string) => {
        const { Body } = await made.client.send(
          new GetObjectCommand({ Bucket: "kept", Key, ...(VersionId && { VersionId }) })
        )
        return Body?.transformToString()
      },
      list: (
        more: { readonly MaxKeys?: number; readonly KeyMarker?: string; readonly VersionIdMarker?: string } = {}
      ) => made.client.send(new ListObjectVersionsCommand({ Bucket: "kept", Prefix: "a", ...more }))
    }
    const texts = () => made.s3.former("kept").map(({ object, body }) => [object.key, Buffer.from(body).toString()])
    return { ...made, ...send, texts }
  }

  it("goes on holding what is put over and what is deleted, on disk too, until each version is deleted", async () => {
    const path = mkdtempSync(join(tmpdir(), "s3-"))
    for (const options of [undefined, path]) {
      const { put, remove, get, list, texts, s3 } = keeping(options)
      for (const [key, text] of ["a1", "ab1", "a2", "b1", "a3"].map((text) => [text.slice(0, -1), text] as const))
        await put(key, text)
      await remove("ab")
      assert.deepStrictEqual(texts(), [
        ["a", "a2"],
        ["a", "a1"],
        ["ab", "ab1"]
      ])
      assert.deepStrictEqual(
        s3.listAll("kept").map(({ key }) => key),
        ["a", "b"]
      )
      assert.strictEqual((await failure(get("ab"))).name, "NoSuchKey")
      const { Versions = [], DeleteMarkers = [] } = await list()
      assert.deepStrictEqual(
        Versions.map(({ Key, IsLatest }) => [Key, IsLatest]),
        [
          ["a", true],
          ["a", false],
          ["a", false],
          ["ab", false]
        ]
      )
      assert.deepStrictEqual(
        DeleteMarkers.map(({ Key, IsLatest }) => [Key, IsLatest]),
        [["ab", true]]
      )
      const [newest, , oldest, hidden] = Versions
      assert.strictEqual(await get("a", oldest?.VersionId), "a1")
      assert.strictEqual((await failure(get("ab", DeleteMarkers[0]?.VersionId))).name, "MethodNotAllowed")
      assert.strictEqual((await failure(get("a", "none"))).name, "NoSuchVersion")
      // What is before a deleted version, or below a deleted marker, is there again.
      await remove("a", newest?.VersionId)
      await remove("ab", DeleteMarkers[0]?.VersionId)
      assert.deepStrictEqual([await get("a"), await get("ab")], ["a2", "ab1"])
      await remove("a", oldest?.VersionId)
      await remove("ab", hidden?.VersionId)
      assert.deepStrictEqual(texts(), [])
      await put("a", "a4")
      assert.strictEqual(await get("a", (await list()).Versions?.[1]?.VersionId), "a2")
    }
    assert.deepStrictEqual(keeping(path).texts(), [["a", "a2"]])
    rmSync(path, { recursive: true })
  })

  it("lists versions page by page, also where the last one of a page is deleted meanwhile", async () => {
    const { put, remove, list } = keeping()
    for (const text of ["a1", "a2", "a3", "ab1", "ab2"]) await put(text.slice(0, -1), text)
    const seen: Array<string> = []
    let from: { readonly KeyMarker?: string; readonly VersionIdMarker?: string } | undefined = {}
    while (from !== undefined) {
      const page: ListObjectVersionsCommandOutput = await list({ MaxKeys: 2, ...from })
      seen.push(...(page.Versions ?? []).map(({ Key, Size }) => `${Key} ${Size}`))
      const { NextKeyMarker: KeyMarker = "", NextVersionIdMarker: VersionIdMarker = "" } = page
      from = page.IsTruncated === true ? { KeyMarker, VersionIdMarker } : undefined
    }
    assert.deepStrictEqual(seen, ["a 2", "a 2", "a 2", "ab 3", "ab 3"])
    const { NextKeyMarker: KeyMarker = "", NextVersionIdMarker: VersionIdMarker = "" } = await list({ MaxKeys: 3 })
    await remove("a", VersionIdMarker)
    const rest = await list({ KeyMarker, VersionIdMarker })
    assert.deepStrictEqual(
      rest.Versions?.map(({ Key }) => Key),
      ["ab", "ab"]
    )
  })

  it("asks for a right of its own to read a version, and to put over what was read", async () => {
    const Action = ["s3:PutObject", "s3:ListBucket"]
    const { authorize } = makeAuthorizer({ [ROLE]: [{ Statement: { Effect: "Allow", Action, Resource: "*" } }] })
    const { client } = setup({ authorize })
    const { ETag: IfMatch } = await client.send(new PutObjectCommand({ Bucket, Key: "a", Body: "1" }))
    for (const command of [
      new GetObjectCommand({ Bucket, Key: "a", VersionId: "null" }),
      new PutObjectCommand({ Bucket, Key: "a", Body: "2", IfMatch })
    ])
      assert.strictEqual((await failure(client.send(command as GetObjectCommand))).name, "AccessDenied")
  })
})

describe("a deleted object", () => {
  it("is gone from reads, lists and disk, and deleting it again is no error", async () => {
    const path = mkdtempSync(join(tmpdir(), "s3-"))
    for (const options of [{}, { path }]) {
      const { client, s3 } = setup(options)
      for (const Key of ["a", "b"]) await client.send(new PutObjectCommand({ Bucket, Key, Body: Key }))
      await client.send(new DeleteObjectCommand({ Bucket, Key: "a" }))
      await client.send(new DeleteObjectCommand({ Bucket, Key: "a" }))
      assert.strictEqual((await failure(client.send(new GetObjectCommand({ Bucket, Key: "a" })))).name, "NoSuchKey")
      assert.deepStrictEqual(
        s3.listAll(Bucket).map(({ key }) => key),
        ["b"]
      )
    }
    assert.deepStrictEqual(
      setup({ path })
        .s3.listAll(Bucket)
        .map(({ key }) => key),
      ["b"]
    )
    rmSync(path, { recursive: true })
  })

  it("has one version, by which it can be deleted for good", async () => {
    const { client } = setup()
    for (const Key of ["a", "ab", "b"]) await client.send(new PutObjectCommand({ Bucket, Key, Body: Key }))
    const versions = async () =>
      (await client.send(new ListObjectVersionsCommand({ Bucket, Prefix: "a" }))).Versions?.map(
        ({ Key, VersionId, IsLatest, Size }) => [Key, VersionId, IsLatest, Size]
      )
    assert.deepStrictEqual(await versions(), [
      ["a", "null", true, 1],
      ["ab", "null", true, 2]
    ])
    await client.send(new DeleteObjectCommand({ Bucket, Key: "a", VersionId: "other" }))
    assert.lengthOf((await versions()) ?? [], 2)
    await client.send(new DeleteObjectCommand({ Bucket, Key: "a", VersionId: "null" }))
    assert.deepStrictEqual(await versions(), [["ab", "null", true, 2]])
  })

  it.each([
    ["s3:DeleteObjectVersion", new DeleteObjectCommand({ Bucket, Key: "a", VersionId: "null" })],
    ["s3:ListBucketVersions", new ListObjectVersionsCommand({ Bucket })]
  ] as const)("needs %s for its versions", async (Action, command) => {
    const send = (action: string) => {
      const { authorize } = makeAuthorizer({
        [ROLE]: [{ Statement: { Effect: "Allow", Action: action, Resource: "*" } }]
      })
      return setup({ authorize }).client.send(command as ListObjectVersionsCommand)
    }
    await send(Action)
    for (const other of ["s3:DeleteObject", "s3:ListBucket"])
      assert.strictEqual((await failure(send(other))).name, "AccessDenied")
  })

  it("needs a right of its own", async () => {
    const Action = ["s3:PutObject", "s3:GetObject", "s3:ListBucket"]
    const { authorize } = makeAuthorizer({ [ROLE]: [{ Statement: { Effect: "Allow", Action, Resource: "*" } }] })
    const { client } = setup({ authorize })
    assert.strictEqual((await failure(client.send(new DeleteObjectCommand({ Bucket, Key: "a" })))).name, "AccessDenied")
  })
})

describe("a folder", () => {
  it("keeps objects for the next engine", async () => {
    const path = mkdtempSync(join(tmpdir(), "s3-"))
    const Body = "line\nline\n"
    for (const Key of [ODD_KEY, "A", "a", "x".repeat(1024)])
      await setup({ path }).client.send(new PutObjectCommand({ Bucket, Key, Body: Body + Key, Metadata: { key: "v" } }))
    const { client, s3 } = setup({ path })
    assert.strictEqual(s3.listAll(Bucket).length, 4)
    for (const Key of [ODD_KEY, "A", "a"]) {
      const got = await client.send(new GetObjectCommand({ Bucket, Key }))
      assert.deepStrictEqual([await got.Body?.transformToString(), got.Metadata], [Body + Key, { key: "v" }])
    }
    rmSync(path, { recursive: true })
  })
})
