import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer } from "effect"
import type { Derivation } from "../../src/domain/derivation.ts"
import type { Projection } from "../../src/domain/projection.ts"
import type { Event } from "../../src/genesys/event.ts"
import { type FoldAccount, type FoldOptions, foldEntity, scansOf } from "../../src/pipeline/fold-entity.ts"
import { SettleWindow } from "../../src/pipeline/folding.ts"
import { EntityIndex } from "../../src/store/entity-index.ts"
import { EventSource, type PageRequest } from "../../src/store/event-source.ts"
import { desks, EVENTS, makeSmall, type Small, START, saidOf, saying, screens } from "./audit/small.ts"

/** An event about a screen and a desk, from which the screen follows. */
const both = saying("e5", 4_500, ["screens", "s", "pane", "dim", 1], ["desks", "d", "lamp", "dim", 1])

/** Folds an entity out of pages of two events, each of which costs two read units and three bytes of the archive. */
const fold = async (
  core: Small,
  of: Projection<Event>,
  entity: string,
  options: FoldOptions = {},
  change: (request: PageRequest) => object = () => ({})
) => {
  const asked: Array<string> = []
  const heard: Array<FoldAccount> = []
  const folded = await core.run(
    Effect.gen(function* () {
      const inner = yield* EventSource
      return yield* foldEntity(of, entity, {
        ...options,
        onPage: (account) => Effect.sync(() => void heard.push(account))
      }).pipe(
        Effect.provideService(EventSource, {
          page: (request) => {
            assert.isFalse("cursor" in request && request.cursor === undefined)
            asked.push(`${request.segment}/${request.segments} ${request.cursor ?? ""}`.trimEnd())
            return Effect.map(inner.page({ ...request, limit: 2 }), (page) => ({
              ...{ ...page, readUnits: 2, archiveBytes: 3 },
              ...change(request)
            }))
          }
        })
      )
    })
  )
  const { rows, arrivals, ...account } = folded
  const values = [...rows].map(([row, registers]) => [
    row,
    ...[...registers].map(([name, { value }]) => `${name} ${String(value)}`).sort()
  ])
  return { values: values.sort(), arrivals, account, asked, heard }
}

describe("an entity that is folded out of events", () => {
  it("is what they say of it, with when they came and what reading took", async () => {
    const { values, arrivals, account, asked, heard } = await fold(await makeSmall(), desks, "d")
    assert.deepStrictEqual(values, [
      ["lamp", "on 1"],
      ["seat#1", "screen s", "x 5", "y 2"],
      ["seat#2", "end 1", "x 7"]
    ])
    const arrived = { received: START + 5_000, topic: "v2.users.{id}.routingStatus" }
    assert.deepStrictEqual(
      [...arrivals],
      ["e1", "e2", "e3", "e4"].map((id) => [id, arrived])
    )
    const whole = { scanned: 4, folded: 4, unreadable: 0, readUnits: 4, archiveBytes: 6 }
    assert.deepStrictEqual(account, whole)
    assert.deepStrictEqual(asked, ["0/1", "0/1 2"])
    assert.deepStrictEqual(heard, [{ ...whole, scanned: 2, folded: 2, readUnits: 2, archiveBytes: 3 }, whole])
  })

  it("takes nothing of the archive where a page does not say so", async () => {
    const { account } = await fold(await makeSmall(), desks, "d", {}, () => ({ archiveBytes: undefined }))
    assert.strictEqual(account.archiveBytes, 0)
  })

  it("is what follows from one of its sources, also where another says nothing", async () => {
    const two = {
      ...screens,
      derived: [
        ...(screens.derived ?? []),
        { from: "lamps", register: "lit", reads: () => "all", rows: () => [] } satisfies Derivation
      ]
    }
    const lines = [...EVENTS, both]
    const { values } = await fold(await makeSmall(lines), screens, "s")
    assert.isTrue(values.flat().includes("~shown d 5"))
    const other = await fold(await makeSmall(lines, { projections: [desks, saidOf("lamps"), two] }), two, "s")
    assert.deepStrictEqual(other.values, values)
  })

  it("is none where they say nothing of it", async () => {
    const { values, arrivals, account } = await fold(await makeSmall(), desks, "nobody")
    assert.deepStrictEqual([values, arrivals.size, account.scanned, account.folded], [[], 0, 4, 0])
    const other = await fold(await makeSmall([saying("a", 0, ["screens", "d", "pane", "dim", 1])]), desks, "d")
    assert.deepStrictEqual([other.values, other.arrivals.size, other.account.folded], [[], 0, 0])
  })

  it("counts what cannot be read, decoded or folded, each event once, and folds the rest", async () => {
    const unreadable = [{ id: "odd", topic: "t", reason: "r" }]
    const odd = await fold(await makeSmall(), desks, "d", {}, () => ({ unreadable }))
    assert.deepInclude(odd.account, { scanned: 6, folded: 4, unreadable: 1 })
    const [topic] = desks.topics
    const undecodable = ["{", "{}"].map((text, i) => ({
      ...{ id: `u${i}`, topic, received: START, envelope: text === "{" ? undefined : {} }
    }))
    const broken = await fold(await makeSmall(), desks, "d", {}, (request) =>
      request.cursor === undefined ? { events: undecodable } : {}
    )
    assert.deepInclude(broken.account, { scanned: 4, folded: 2, unreadable: 2 })
    const throwing = saidOf("desks", {
      deltas: (event) => {
        if (event.id === "e3") throw new Error("boom")
        return desks.deltas(event)
      }
    })
    const thrown = await fold(await makeSmall(EVENTS, { projections: [throwing] }), throwing, "d")
    assert.deepInclude(thrown.account, { folded: 3, unreadable: 1 })
    const elsewhere = await fold(await makeSmall(), desks, "d", {}, () => ({
      events: [{ ...undecodable[0], topic: "t" }]
    }))
    assert.deepInclude(elsewhere.account, { scanned: 2, unreadable: 0 })
  })

  it("is read in shares side by side, or by the index, which is told what had arrived", async () => {
    const shared = await fold(await makeSmall(), desks, "d", { segments: 2 })
    assert.sameMembers([...new Set(shared.asked.map((one) => one.slice(0, 3)))], ["0/2", "1/2"])
    assert.strictEqual(shared.account.folded, 4)
    const asked: Array<object> = []
    const core = await makeSmall(EVENTS, {
      index: (inner) => ({
        ...inner,
        page: (request) => {
          asked.push(request)
          return inner.page(request)
        }
      })
    })
    const index = (await core.run(EntityIndex as never)) as EntityIndex["Service"]
    const indexed = await fold(core, desks, "d", { index })
    assert.deepStrictEqual([indexed.asked, indexed.account.folded], [[], 4])
    await fold(core, desks, "d", { index, arrived: START })
    assert.deepStrictEqual<unknown>(asked, [
      { projection: "desks", entity: "d" },
      { projection: "desks", entity: "d", until: START }
    ])
  })
})

describe("an entity that follows from others", () => {
  it("takes a second reading where what it derives from is fed", () => {
    assert.strictEqual(scansOf(desks, [desks, screens]), 1)
    assert.strictEqual(scansOf(screens, [desks, screens]), 2)
    assert.strictEqual(scansOf(screens, [screens]), 1)
  })

  it("is folded with the entities that its own events are about", async () => {
    const { values, asked, account } = await fold(await makeSmall([...EVENTS, both]), screens, "s")
    assert.deepStrictEqual(values, [["pane", "dim 1", "~shown d 5"]])
    assert.deepStrictEqual(asked, ["0/1", "0/1 2", "0/1 4", "0/1", "0/1 2", "0/1 4"])
    assert.deepInclude(account, { scanned: 10, folded: 1, readUnits: 12, archiveBytes: 18 })
    // Nothing of what it follows from is told with it.
    const own = await fold(await makeSmall([saying("e5", 0, ["screens", "s", "pane", "dim", 1])]), screens, "s")
    assert.deepStrictEqual([own.values, own.asked], [[["pane", "dim 1"]], ["0/1"]])
    // Nothing of its own, and so nothing to follow.
    const alone = await fold(await makeSmall(), screens, "s")
    assert.deepStrictEqual([alone.values, alone.asked], [[], ["0/1", "0/1 2"]])
  })

  it("is folded with no others, whichever of their events are read before", async () => {
    const told = (id: string, at: number, ...of: ReadonlyArray<string>) =>
      saying(id, at, ...of.map((entity) => [entity === "t" ? "screens" : "desks", entity, "lamp", "dim", 1] as const))
    const other = saying("e8", 8_000, ["desks", "f", "seat#1", "x", 9], ["desks", "f", "seat#1", "screen", "s"])
    const lines = [both, ...EVENTS, told("e6", 6_000, "d", "f"), told("e7", 7_000, "d", "f", "t"), other]
    const { values } = await fold(await makeSmall(lines), screens, "s")
    assert.deepStrictEqual(values, [["pane", "dim 1", "~shown d 5"]])
  })

  it("is folded with the entities that its rows of today name", async () => {
    const [shown] = screens.derived ?? []
    const named = { ...shown, sourceOf: (row: string) => (row === "pane" ? "d" : undefined) } as Derivation
    const projections = [desks, { ...screens, derived: [named] }]
    const core = await makeSmall(EVENTS, { projections })
    const { values, account } = await fold(core, projections[1] as never, "s")
    assert.deepStrictEqual(values, [["pane", "~shown d 5"]])
    assert.deepInclude(account, { scanned: 8, folded: 0 })
  })
})

describe("the settle window", () => {
  const settings = (env: object) =>
    Effect.runPromise(
      Effect.provide(
        SettleWindow,
        SettleWindow.layer.pipe(Layer.provide(ConfigProvider.layer(ConfigProvider.fromUnknown(env))))
      )
    )

  it("is that of the environment, in seconds there, with a skew of five minutes unless told otherwise", async () => {
    assert.deepStrictEqual(await settings({ SETTLE_WINDOW_SECONDS: "5" }), { settle: 5_000, skew: 300_000 })
    const both = { SETTLE_WINDOW_SECONDS: "5", SKEW_BOUND_SECONDS: "7" }
    assert.deepStrictEqual(await settings(both), { settle: 5_000, skew: 7_000 })
  })
})
