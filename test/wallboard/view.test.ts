import { assert, describe, it } from "@effect/vitest"
import { type AgentCard, type Board, type Figures, nameIn, type QueueCard } from "../../src/wallboard/board.ts"
import { DEFAULTS, searchOf, viewOf } from "../../src/wallboard/page/address.ts"
import { found } from "../../src/wallboard/page/find.ts"
import { groupsOf } from "../../src/wallboard/page/groups.ts"
import { stripOf } from "../../src/wallboard/page/health.ts"
import { inHeldOrder } from "../../src/wallboard/page/held-order.ts"
import { targetOf, totalsOf } from "../../src/wallboard/page/totals.ts"
import { agentLevel, byQueueUrgency, byUrgency } from "../../src/wallboard/page/urgency.ts"
import { judgementOf } from "../../src/wallboard/thresholds.ts"

const NOW = Date.parse("2026-05-06T10:00:00.000Z")

const agent = (agentId: string, state: string, seconds: number, queueId?: string): AgentCard => ({
  agentId,
  state,
  since: NOW - seconds * 1_000,
  sessions: 0,
  alerting: 0,
  wrapup: 0,
  work: queueId === undefined ? [] : [{ phase: "interacting", medium: "VOICE", queueId }]
})

const day = {
  offered: 10,
  answered: 8,
  answeredInTime: 6,
  judged: 9,
  abandoned: 2,
  shortAbandoned: 1,
  flowOut: 0,
  otherEnds: 0,
  handled: 8,
  talkMs: 0,
  heldMs: 0,
  wrapupMs: 0,
  transferred: 0,
  notAnswered: 0,
  revised: false
}

const queue = (queueId: string, waited?: number, more: Partial<QueueCard> = {}): QueueCard => ({
  queueId,
  members: 2,
  waiting: waited === undefined ? {} : { VOICE: 1 },
  alerting: 0,
  interacting: 0,
  wrapup: 0,
  states: {},
  today: day,
  ...(waited === undefined ? {} : { oldestWaitingSince: NOW - waited * 1_000 }),
  ...more
})

const counters = { received: 9, quarantined: 0, late: 0, revisions: 0, perSecond: 1 }

const board: Board = {
  figures: {
    pipeline: { counters, backlog: { stream: 0, settleQueue: 0 }, parked: {} },
    settleWindowMs: 5_000
  } as unknown as Figures,
  agents: [agent("a", "Break", 60), agent("b", "Interacting", 5, "q"), agent("c", "On Queue", 9)],
  queues: [queue("q", 10), queue("r"), queue("s", 200)],
  names: { a: "Änna Müller", q: "Sales", r: "Orders", s: "Claims" },
  members: { q: ["a", "b"], r: ["c"] },
  settings: judgementOf({}),
  samples: []
}

const ids = ({ agents, queues }: Pick<Board, "agents" | "queues">) => [
  agents.map(({ agentId }) => agentId).join(""),
  queues.map(({ queueId }) => queueId).join("")
]

describe("the view", () => {
  it("is in the address, whatever somebody searches for, and comes back from it", () => {
    assert.strictEqual(searchOf(DEFAULTS), "")
    assert.deepStrictEqual(viewOf(""), DEFAULTS)
    const view = {
      find: "a&wall=1 <b>=",
      state: "On Queue",
      queue: "c8ff2f2f-c0ae-4756-bfd0-9cd4977bf316",
      group: "queue",
      sort: "time in state",
      queues: "level",
      size: "rows",
      curves: true,
      wall: 30
    } as const
    assert.deepStrictEqual(viewOf(searchOf(view)), view)
    assert.strictEqual(searchOf({ ...DEFAULTS, wall: 12, queue: "q" }), "?queue=q&wall=12")
    // What another version of the page knew is as by default.
    assert.deepStrictEqual(viewOf("?group=moon&sort=&size=huge&queues=x"), DEFAULTS)
  })

  it("finds agents by their name without accents, and the members of a queue by the queue's name", () => {
    const find = (text: string) => ids(found(board, { ...DEFAULTS, find: text }))
    assert.deepStrictEqual(find(""), ["abc", "qrs"])
    assert.deepStrictEqual(find("sales"), ["ab", "q"])
    assert.deepStrictEqual(find("anna mull"), ["a", "q"])
    assert.deepStrictEqual(find("on queue"), ["c", "r"])
    assert.deepStrictEqual(find("nobody"), ["", ""])
  })

  it("is pinned to a queue and to a state, whose counts stay those of all states", () => {
    const shown = found(board, { find: "", state: "Break", queue: "q" })
    assert.deepStrictEqual(ids(shown), ["a", "q"])
    assert.lengthOf(shown.ofAllStates, 2)
    assert.deepStrictEqual(ids(found(board, { find: "", state: "", queue: "gone" })), ["", ""])
  })

  it("groups agents by state, or by the queues that they are members of", () => {
    const groups = (group: "state" | "queue" | "none") =>
      groupsOf(board.agents, board.queues, board, group, NOW).map(({ title, agents }) => `${title} ${agents.length}`)
    assert.deepStrictEqual(groups("state"), ["Interacting 1", "On Queue 1", "Break 1"])
    assert.deepStrictEqual(groups("queue"), ["Sales 2", "Orders 1"])
    assert.deepStrictEqual(groups("none"), [" 3"])
    const alone = { ...board, members: { q: ["a"] } }
    assert.deepStrictEqual(
      groupsOf(board.agents, board.queues, alone, "queue", NOW).map(({ title }) => title),
      ["Sales", "In none of these queues"]
    )
  })
})

describe("urgency", () => {
  it("puts a wait that is too long first, and moves a queue only when its word changes", () => {
    const order = (at: number) =>
      board.queues.toSorted(byQueueUrgency(board, at)).map(({ queueId }) => nameIn(board.names, queueId))
    assert.deepStrictEqual(order(NOW), ["Claims", "Sales", "Orders"])
    for (let second = 0; second < 19; second++) assert.deepStrictEqual(order(NOW + second * 1_000), order(NOW))
    const both = { ...board, queues: [queue("q", 40), queue("s", 35)] }
    // Claims began to wait later, and stands first by its name.
    assert.deepStrictEqual(both.queues.toSorted(byQueueUrgency(both, NOW))[0]?.queueId, "s")
  })

  it("puts who is too long in a state first, by the limits of the queue that the agent works for", () => {
    const settings = judgementOf({
      states: { Break: [30, 50] },
      queues: { Sales: { states: { Interacting: [1, 100] } } }
    })
    const known = { ...board, settings }
    assert.deepStrictEqual(
      board.agents.map((one) => agentLevel(one, known, NOW)),
      [2, 1, 0]
    )
    assert.deepStrictEqual(
      board.agents.toSorted(byUrgency(known, NOW)).map(({ agentId }) => agentId),
      ["a", "b", "c"]
    )
    assert.deepStrictEqual(
      board.agents.toSorted(byUrgency(board, NOW)).map(({ agentId }) => agentId),
      ["b", "c", "a"]
    )
  })

  it("leaves a list that is read as it is: what is new comes behind, what is gone is missing", () => {
    assert.deepStrictEqual(inHeldOrder(["d", "c", "a"], ["a", "b", "c"], String), ["a", "c", "d"])
  })
})

describe("sums over queues", () => {
  it("divide what was in time by what counts, and know a target that all have", () => {
    assert.deepInclude(totalsOf(board.queues, board), {
      offered: 30,
      judged: 27,
      serviceLevel: 18 / 27,
      target: 0.8,
      revised: false
    })
    const settings = judgementOf({ queues: { Sales: { serviceLevel: { target: 0.9 } } } })
    assert.strictEqual(targetOf("q", { ...board, settings }), 0.9)
    assert.notProperty(totalsOf(board.queues, { ...board, settings }), "target")
    assert.notProperty(totalsOf([queue("q", 1, { today: { ...day, judged: 0 } })], board), "serviceLevel")
  })

  it("are unknown where the stack counts nothing", () => {
    const { today: _, ...bare } = queue("q")
    assert.isUndefined(totalsOf([bare], board))
  })
})

describe("the strip of the pipeline", () => {
  const withPipeline = (pipeline: object) =>
    ({ ...board.figures, pipeline: { ...board.figures.pipeline, ...pipeline } }) as Figures
  const wordsOf = (pipeline: object, samples: Board["samples"] = []) =>
    stripOf({ figures: withPipeline(pipeline), samples }).map(({ word }) => word)
  const sample = { at: NOW, perSecond: 1, late: 0, parked: 0 }

  it("says nothing while all is well, and a word for what is wrong", () => {
    assert.deepStrictEqual(wordsOf({}), [undefined, undefined, undefined, undefined])
    assert.strictEqual(wordsOf({}, [{ ...sample, p50: 10_100, p99: 11_000 }])[1], "slow")
    assert.strictEqual(wordsOf({}, [{ ...sample, p50: 9_900, p99: 99_000 }])[1], undefined)
    assert.strictEqual(wordsOf({ counters: { ...counters, late: 2 } }, [sample])[2], "events come late")
    assert.strictEqual(wordsOf({ counters: { ...counters, late: 2 } }, [{ ...sample, late: 2 }])[2], undefined)
  })

  it("counts what is quarantined among what waits for people, by place", () => {
    const held = stripOf({
      figures: withPipeline({ parked: { "feed-dlq": 2 }, counters: { ...counters, quarantined: 38 } }),
      samples: []
    })[3]
    assert.deepInclude(held, { value: "40", note: "2 in feed-dlq, 38 in quarantine", word: "look", tone: "bad" })
  })
})
