import { Readable } from "node:stream"
import { gzipSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { itemOf, lineOf, parseManifest } from "../../src/store/aws/export-format.ts"
import { openLines } from "../../src/store/aws/export-lines.ts"

describe("a table export", () => {
  const item = { id: { S: "e" }, published: { N: "1" }, body: { B: Buffer.from("deflated") } }

  it("has an item a line, its body in base64", () => {
    assert.deepStrictEqual(JSON.parse(lineOf(item)), {
      Item: { ...item, body: { B: Buffer.from("deflated").toString("base64") } }
    })
    const { body: _, ...bodyless } = item
    for (const one of [item, bodyless, { ...item, body: { S: "text" } }])
      assert.deepStrictEqual(itemOf(lineOf(one)), one)
    for (const odd of ["{}", '{"Item":null}', '{"Item":5}']) assert.throws(() => itemOf(odd), "not a line of an export")
  })

  it("is listed by its manifest, a file a line", () => {
    const file = (dataFileS3Key: unknown, itemCount: unknown) => JSON.stringify({ dataFileS3Key, itemCount, md5: "x" })
    assert.deepStrictEqual(parseManifest(`${file("a", 2)}\n \n${file("b", 0)}\n`), [
      { key: "a", items: 2 },
      { key: "b", items: 0 }
    ])
    for (const odd of [file(5, 1), file("a", "1"), file("a", 1.5)])
      assert.throws(() => parseManifest(odd), "not a line of a manifest")
  })

  /** Lines of a gzipped text that arrives in pieces. */
  const linesOf = async (text: string, from: number, piece: number) => {
    const bytes = gzipSync(text)
    const pieces = Array.from({ length: Math.ceil(bytes.length / piece) }, (_, i) =>
      bytes.subarray(i * piece, (i + 1) * piece)
    )
    const lines = await openLines(Readable.from(pieces), from)
    const at = lines.at()
    const found: Array<string> = []
    for (let line = await lines.next(); line !== undefined; line = await lines.next()) found.push(line)
    const end = lines.at()
    lines.close()
    return { at, found, end }
  }

  it("is read line by line from any on, however its bytes arrive", async () => {
    const long = "\u20ac".repeat(40_000)
    for (const end of ["", "\n"])
      for (const piece of [7, 100_000]) {
        assert.deepStrictEqual(await linesOf(`\none${end}`, 0, piece), { at: 0, found: ["", "one"], end: 2 })
        const text = `one\n\n${long}\nlast${end}`
        assert.deepStrictEqual(await linesOf(text, 0, piece), { at: 0, found: ["one", "", long, "last"], end: 4 })
        assert.deepStrictEqual(await linesOf(text, 2, piece), { at: 2, found: [long, "last"], end: 4 })
        assert.deepStrictEqual(await linesOf(text, 9, piece), { at: 4, found: [], end: 4 })
      }
  })

  it("says where it breaks off, and holds nothing open once it is closed", async () => {
    const cut = await openLines(Readable.from([gzipSync("one\ntwo\n").subarray(0, 12)]), 0)
    assert.isTrue(
      await cut.next().then(
        () => false,
        () => true
      )
    )
    const lost = new Readable({ read() {} })
    const reading = openLines(lost, 1)
    lost.destroy(new Error("the connection is gone"))
    assert.strictEqual(await reading.then(() => "", String), "Error: the connection is gone")
    const open = Readable.from([gzipSync("one\ntwo\n")])
    const lines = await openLines(open, 0)
    lines.close()
    assert.isTrue(open.destroyed)
    const long = "x".repeat(100_000)
    const left = await openLines(Readable.from([gzipSync(`${long}\n${long}\n`)]), 0)
    assert.strictEqual(await left.next(), long)
    left.close()
    assert.isUndefined(await left.next().catch(() => undefined))
  })
})
