import { assert, describe, it } from "@effect/vitest"
import { applied, type Board, type Figures, membersIn, nameIn, SAMPLES } from "../../src/wallboard/board.ts"
import { makeCards, makeChanges } from "../../src/wallboard/cards.ts"
import type { StateDocument } from "../../src/wallboard/document.ts"
import type { Names } from "../../src/wallboard/names.ts"
import { defaultJudgement } from "../../src/wallboard/thresholds.ts"

const NO_MEMBERS = new Map<string, ReadonlyArray<string>>()
const empty: Board = {
  figures: { run: { now: 0 } } as unknown as Figures,
  agents: [],
  queues: [],
  names: {},
  members: {},
  settings: defaultJudgement,
  samples: []
}
const figures = (now: number) => ({ run: { now } }) as unknown as Figures
const agent = (agentId: string, state: string, sessions: ReadonlyArray<object> = []) =>
  ({
    agentId,
    state,
    since: "2026-05-06T10:00:00.000Z",
    sessions,
    wrapup: []
  }) as unknown as StateDocument["agents"][number]
const queue = (queueId: string, members: ReadonlyArray<string>) =>
  ({
    queueId,
    members: members.map((userId) => ({ userId })),
    waiting: [],
    alerting: [],
    interacting: [],
    wrapup: []
  }) as unknown as StateDocument["queues"][number]

describe("cards", () => {
  it("say what agents are on, and how many members of a queue are in each state", () => {
    const on = [{ phase: "interacting", mediaType: "VOICE", queueId: "q", since: "2026-05-06T10:00:01.000Z" }]
    const { agents, queues } = makeCards()({
      agents: [agent("a", "Interacting", on), agent("b", "Break")],
      queues: [queue("q", ["a", "b", "c", "d"])]
    })
    assert.deepStrictEqual(agents[0]?.work, [
      { phase: "interacting", medium: "VOICE", queueId: "q", since: Date.parse("2026-05-06T10:00:01.000Z") }
    ])
    assert.deepStrictEqual(queues[0]?.states, { Break: 1, Interacting: 1, Unknown: 2 })
  })

  it("leave out users who were deleted or deactivated, also among the members of a queue", () => {
    const left = (agentId: string, state: string, userState: string) => ({ ...agent(agentId, state), userState })
    const { agents, queues } = makeCards()({
      agents: [agent("a", "Break"), left("b", "Deleted", "deleted"), left("c", "Inactive", "inactive")],
      queues: [queue("q", ["a", "b", "c"])]
    })
    assert.deepStrictEqual(
      agents.map(({ agentId }) => agentId),
      ["a"]
    )
    assert.deepStrictEqual(queues[0]?.states, { Break: 1 })
  })

  it("say what an agent handled today, and that they are others once that is more", () => {
    let handled = 3
    const [cardsOf, changes] = [
      makeCards(
        () => ({}),
        () => ({ handledToday: handled })
      ),
      makeChanges()
    ]
    const document = { agents: [agent("a", "On Queue")], queues: [] }
    const told = () => changes(figures(0), cardsOf(document), new Map(), []).agents?.map((one) => one.handledToday)
    assert.deepStrictEqual(told(), [3])
    assert.isUndefined(told())
    handled = 4
    assert.deepStrictEqual(told(), [4])
  })

  it("say who alerts and who wraps up, which is no open work", () => {
    const session = (sessionId: string, phase?: string) => ({ sessionId, mediaType: "CHAT", ...(phase && { phase }) })
    const a = {
      ...agent("a", "Interacting", [session("1", "alerting"), session("2", "interacting")]),
      wrapup: [session("3")]
    }
    const q = { ...queue("q", []), alerting: [session("1")], interacting: [session("2")], wrapup: [session("3")] }
    const { agents, queues } = makeCards()({ agents: [a], queues: [q] })
    const [{ sessions, alerting, wrapup, work } = assert.fail()] = agents
    assert.deepStrictEqual([sessions, alerting, wrapup], [2, 1, 1])
    assert.deepStrictEqual(
      work.map(({ phase }) => phase),
      ["alerting", "interacting", "wrapup"]
    )
    const [{ alerting: ringing, interacting, wrapup: noting } = assert.fail()] = queues
    assert.deepStrictEqual([ringing, interacting, noting], [1, 1, 1])
  })

  it("change by change, a page holds what the tables hold, and what has not changed is not sent", () => {
    const [cardsOf, changes] = [makeCards(), makeChanges()]
    const [a, b, c] = [agent("a", "Break"), agent("b", "Meal"), agent("c", "Break")]
    const [q, r] = [queue("q", ["a", "b"]), queue("r", [])]
    const states: ReadonlyArray<StateDocument> = [
      { agents: [b], queues: [] },
      { agents: [a, b], queues: [q, r] },
      { agents: [a, b], queues: [q, r] },
      { agents: [agent("a", "Interacting"), b, c], queues: [q, r] },
      { agents: [c], queues: [r] }
    ]
    const samples = (at: number) => [{ at, perSecond: 1, late: 0, parked: 0 }]
    let board = empty
    const sent = states.map((document, i) => {
      const cards = cardsOf(document)
      const change = changes(figures(i), cards, new Map(), samples(i))
      const before = board
      board = applied(board, JSON.parse(JSON.stringify(change)))
      const { agents, queues } = cards
      assert.deepStrictEqual(
        { agents: board.agents, queues: board.queues },
        JSON.parse(JSON.stringify({ agents, queues }))
      )
      for (const [id, members] of cards.members) assert.deepStrictEqual(membersIn(board.members, id), members)
      assert.strictEqual(board.figures.run.now, i)
      return { change, before, after: board }
    })
    assert.deepStrictEqual(Object.keys(sent[2]?.change ?? {}), ["figures", "samples"])
    assert.strictEqual(sent[2]?.before.agents, sent[2]?.after.agents)
    // The queue of an agent changes with it, and b is as it was.
    assert.deepStrictEqual(
      sent[3]?.change.queues?.map(({ queueId }) => queueId),
      ["q"]
    )
    assert.strictEqual(sent[3]?.before.agents[1], sent[3]?.after.agents[1])
    assert.sameMembers([...(sent[4]?.change.gone ?? [])], ["a", "b", "q"])
    for (let i = 0; i < 2 * SAMPLES; i++) board = applied(board, { figures: figures(i), samples: samples(i) })
    assert.lengthOf(board.samples, SAMPLES)
    assert.strictEqual(board.samples.at(-1)?.at, 2 * SAMPLES - 1)
  })

  it("names are sent once, again when they are others, and taken back, whatever ids and names are", () => {
    const changes = makeChanges()
    let board = empty
    const send = (names: Names) => {
      const change = JSON.parse(
        JSON.stringify(changes(figures(0), { agents: [], queues: [], members: NO_MEMBERS }, names, []))
      )
      board = applied(board, change)
      return change.names
    }
    const hostile = "</script><img src=x onerror=alert(1)>"
    const first: Names = new Map([
      ["a", "Anna"],
      ["__proto__", "Proto"],
      ["b", hostile]
    ])
    assert.deepStrictEqual(Object.entries(send(first)), [...first])
    assert.deepStrictEqual(Object.entries(board.names), [...first])
    assert.isUndefined(send(first))
    assert.isUndefined(send(new Map(first)))
    const before = board.names
    assert.deepStrictEqual(
      send(new Map([["a", "Anna Holm"]])),
      JSON.parse('{"a": "Anna Holm", "__proto__": null, "b": null}')
    )
    assert.deepStrictEqual(board.names, { a: "Anna Holm" })
    assert.strictEqual(nameIn(before, "b"), hostile)
    for (const id of ["constructor", "toString", "nobody"]) assert.isUndefined(nameIn(board.names, id))
  })
})
