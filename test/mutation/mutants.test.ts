import { readFileSync } from "node:fs"
import { stripTypeScriptTypes } from "node:module"
import { join } from "node:path"
import { runInThisContext } from "node:vm"
import { assert, describe, it } from "@effect/vitest"
import ts from "typescript"
import { explained, isSame } from "./explained.ts"
import { type Entry, learnedFrom, unloadable } from "./journal.ts"
import { instrument, mutantsOf } from "./mutants.ts"
import { mutantsIn, narrowed, ownTests, ROOT, roomNamed, rooms, sourcesOf, testsOf } from "./rooms.ts"

const changes = (text: string) => mutantsOf("a.ts", text).map(({ original, replacement }) => [original, replacement])

const scriptOf = (text: string): string =>
  ts.transpileModule(text, { compilerOptions: { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext } })
    .outputText

/** Runs a function body with one mutant, or none for 0. */
const runWith = (body: string, active: number, ...args: ReadonlyArray<unknown>): unknown => {
  const text = `(function run(...args) {\n${body}\n})`
  const made = scriptOf(instrument("a.ts", text, 100))
  Object.assign(globalThis, { __mutant: (id: number) => id === 100 + active })
  try {
    return runInThisContext(made.trim().replace(/;$/, ""))(...args)
  } finally {
    Reflect.deleteProperty(globalThis, "__mutant")
  }
}

describe("mutants", () => {
  it("are other comparisons, operators, literals and conditions, and statements left out", () => {
    assert.deepStrictEqual(changes("const a = b < 2"), [
      ["b < 2", "b <= 2"],
      ["b < 2", "b >= 2"],
      ["2", "3"]
    ])
    assert.deepStrictEqual(changes("const a = b && !c"), [
      ["b && !c", "b || !c"],
      ["!c", "c"]
    ])
    assert.deepStrictEqual(changes("if (a) b()"), [
      ["a", "true"],
      ["a", "false"],
      ["b()", ""]
    ])
    assert.deepStrictEqual(changes('const a = b ?? "x"'), [
      ['b ?? "x"', 'b && "x"'],
      ['"x"', '""']
    ])
    assert.deepStrictEqual(changes("const a = [b.filter(c), Math.max(d, e)]"), [
      ["[b.filter(c), Math.max(d, e)]", "[]"],
      ["b.filter(c)", "b"],
      ["Math.max(d, e)", "Math.min(d, e)"]
    ])
  })

  it("leave out an optional link of the whole chain that it is in", () => {
    assert.deepStrictEqual(changes("const a = b?.c.d()"), [["b?.c.d()", "b.c.d()"]])
    assert.deepStrictEqual(changes("const a = b.c?.[0]"), [
      ["b.c?.[0]", "b.c[0]"],
      ["0", "1"]
    ])
  })

  it("are in generators too", () => {
    assert.deepStrictEqual(changes("const a = Effect.fnUntraced(function* () { return 1 })"), [["1", "2"]])
    assert.deepStrictEqual(changes('const a = Effect.fn("name")(function* () { return 1 })'), [["1", "2"]])
  })

  it("are not in types, imports, names of properties and of spans, nor where a text is put together", () => {
    const text = `import "a"\ntype A = "b" | 1\ninterface B { readonly c: "d" }\nconst { e: f } = { "g": h }
      class C extends D("tag") {}\nconst i = Effect.fn("name")(j as 1)\nconst k = "" + l as "m"`
    assert.deepStrictEqual(changes(text), [['""', '"mutant"']])
  })
})

describe("instrumented code", () => {
  const body = `
    const [n, more] = args
    let sum = 0
    for (let i = 0; i < n; i++) sum += i
    if (more === undefined) sum = -sum
    else {
      sum += more?.length ?? 0
    }
    return \`\${sum}\`
  `

  it("does what the code does, as long as no mutant is there", () => {
    for (const args of [[4], [4, "abc"], [0, ""], [1, undefined]])
      assert.strictEqual(runWith(body, 0, ...args), runInThisContext(`(function (...args) {${body}})`)(...args))
  })

  it("does what its mutant says", () => {
    const all = mutantsOf("a.ts", `(function run(...args) {\n${body}\n})`)
    const id = (original: string, replacement: string) =>
      all.find((one) => one.original === original && one.replacement === replacement)?.id ?? assert.fail(original)
    assert.strictEqual(runWith(body, id("i < n", "i <= n"), 4), "-10")
    assert.strictEqual(runWith(body, id("sum += i", "sum -= i"), 4), "6")
    assert.strictEqual(runWith(body, id("more === undefined", "true"), 4, "abc"), "-6")
    assert.strictEqual(runWith(body, id("sum = -sum", ""), 4), "6")
    assert.strictEqual(runWith(body, id("-sum", "sum"), 4), "6")
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of one
    assert.strictEqual(runWith(body, id("`${sum}`", '""'), 4), "")
  })

  it("keeps its lines, and is TypeScript still, in every file", () => {
    for (const room of Object.values(rooms))
      for (const file of sourcesOf(room)) {
        const text = readFileSync(join(ROOT, file), "utf8")
        const made = instrument(file, text, 0)
        assert.strictEqual(made.split("\n").length >= text.split("\n").length, true, file)
        assert.doesNotThrow(() => stripTypeScriptTypes(made), file)
      }
  })
})

describe("what a run has learned", () => {
  const entries: ReadonlyArray<Entry> = [
    { is: "outside", in: "a.test.ts@1", ids: [7] },
    { is: "killed", id: 1, in: "a.test.ts@1", by: "a.test.ts: it" },
    { is: "killed", id: 2, in: "b.test.ts@1", by: "b.test.ts: it" },
    { is: "tried", in: "a.test.ts@1", test: "a.test.ts > it", ids: [1, 3] },
    { is: "tried", in: "b.test.ts@1", test: "b.test.ts > it", ids: [2, 3] },
    { is: "broken", in: "b.test.ts@1", test: "b.test.ts > other" }
  ]

  it("holds as long as the file of the test stays the same", () => {
    const whole = learnedFrom(entries, new Set(["a.test.ts@1", "b.test.ts@1"]))
    assert.deepStrictEqual([...whole.killed.keys()], [1, 2])
    assert.deepStrictEqual([...whole.reached], [7, 1, 3, 2])
    assert.strictEqual(whole.broken.size, 1)
    const changed = learnedFrom(entries, new Set(["a.test.ts@1", "b.test.ts@2"]))
    assert.deepStrictEqual([...changed.killed.keys()], [1])
    assert.deepStrictEqual([...changed.tried.keys()], ["a.test.ts > it"])
    assert.strictEqual(changed.broken.size, 0)
  })

  it("forgets that a file could not be loaded where it could later", () => {
    const file = "a.test.ts@1"
    const broken: Entry = { is: "broken", in: file, test: unloadable(file) }
    const leaves = (...after: ReadonlyArray<Entry>) => learnedFrom([broken, ...after], new Set([file])).broken.size
    assert.strictEqual(leaves(), 1)
    assert.strictEqual(leaves({ is: "outside", in: file, ids: [] }), 0)
    assert.strictEqual(leaves({ is: "loaded", in: file, ids: [] }), 0)
    assert.strictEqual(leaves({ is: "outside", in: file, ids: [] }, broken), 1)
  })

  it("takes back what a test says that mutants leave something behind in", () => {
    const { killed, stained } = learnedFrom(
      [...entries, { is: "revived", test: "a.test.ts > it", ids: [1] }],
      new Set(["a.test.ts@1", "b.test.ts@1"])
    )
    assert.deepStrictEqual([...killed.keys()], [2])
    assert.deepStrictEqual([...stained], ["a.test.ts > it"])
  })
})

describe("a run", () => {
  it("is narrowed to files and folders of the code, and of the tests", () => {
    const all = narrowed("pipeline", {})
    assert.deepStrictEqual(all.sources, sourcesOf(roomNamed("pipeline")))
    assert.deepStrictEqual(all.tests, testsOf(roomNamed("pipeline")))
    const one = narrowed("pipeline", { source: ["src/pipeline/merge.ts"], only: ["test/pipeline/project.test.ts"] })
    assert.deepStrictEqual(one, { sources: ["src/pipeline/merge.ts"], tests: ["test/pipeline/project.test.ts"] })
    const { sources, tests } = narrowed("pipeline", {
      source: ["./src/pipeline/erase/", "src/pipeline/merge.ts"],
      only: ["test/pipeline/replay"]
    })
    assert.includeMembers([...sources], ["src/pipeline/erase/rows.ts", "src/pipeline/merge.ts"])
    assert.isTrue(sources.every((file) => /^src\/pipeline\/(?:erase\/|merge\.ts$)/.test(file)))
    assert.isTrue(tests.length > 0 && tests.every((file) => file.startsWith("test/pipeline/replay/")))
  })

  it("knows the tests that have the name of the code", () => {
    const room = roomNamed("pipeline")
    const isOwn = ownTests(room)
    const { id } = mutantsIn(room).find(({ file }) => file === "src/pipeline/redrive.ts") ?? assert.fail("no mutant")
    assert.isTrue(isOwn("test/pipeline/redrive.test.ts", id))
    assert.isFalse(isOwn("test/pipeline/redrive-lanes.test.ts", id))
    assert.isFalse(isOwn("test/pipeline/append.test.ts", id))
  })

  it("is refused where nothing is there by a name", () => {
    assert.throws(() => narrowed("attic", {}), /No room "attic"/)
    const source = ["src/pipeline/merge.ts", "src/pipeline/merg"]
    assert.throws(() => narrowed("pipeline", { source }), /no code in "src\/pipeline\/merg"/)
    assert.throws(() => narrowed("pipeline", { only: ["test/store"] }), /no tests in "test\/store"/)
  })
})

describe("mutants that stay", () => {
  it("are mutants of the code as it is, each with its reason", () => {
    const all = Object.values(rooms).flatMap(mutantsIn)
    for (const explanation of explained) {
      const { file, original, replacement, because } = explanation
      assert.isTrue(
        all.some((mutant) => isSame(explanation, mutant)),
        `${file}: ${original} → ${replacement}`
      )
      assert.isAbove(because.length, 20)
    }
  })
})
