import { assert, describe, it } from "@effect/vitest"
import { agents } from "../../projections/agents.ts"
import { conversations } from "../../projections/conversations.ts"
import { queues } from "../../projections/queues.ts"
import { STATE_ROW } from "../../src/domain/projection.ts"
import type { Event } from "../../src/genesys/event.ts"
import { given } from "../../src/testing/index.ts"
import { AGENT, event, iso, QUEUE, registersOf } from "./support.ts"

const all = [queues, agents, conversations] as const
const MAIL = "mail-queue"
const CHAT = "chat-queue"
const MINUTE = 60_000

const list = (ids: ReadonlyArray<string>, at: number, changed?: number) =>
  event(
    "v2.users.{id}.activity",
    AGENT,
    { activeQueueIds: ids, ...(changed === undefined ? {} : { dateActiveQueuesChanged: iso(changed) }) },
    at
  )
const states = (joined: boolean, at: number) =>
  event("v2.routing.queues.{id}.users", QUEUE, { id: AGENT, queueId: QUEUE, joined }, at)
const audit = (action: "MemberAdd" | "MemberRemove", at: number) =>
  event(
    "v2.audits.entitytype.{id}.entityid.{id}",
    ["Queue", QUEUE],
    { action, eventTime: iso(at), propertyChanges: [{ property: "members", newValues: [AGENT] }] },
    at
  )
const member = (queueId: string, ...events: ReadonlyArray<Event>) =>
  given(all, ...events).row(queueId, `member#${AGENT}`)
const members = (queueId: string, ...events: ReadonlyArray<Event>) =>
  given(all, ...events)
    .row(queueId)
    .columns()?.members

describe("a member by the list of an agent's active queues", () => {
  it("[P4] is joined to the queues that the last list names, since it changed where that is known", () => {
    member(QUEUE, list([QUEUE], 0, -MINUTE)).is({ userId: AGENT, joined: true, since: iso(-MINUTE) })
    member(QUEUE, list([QUEUE], 0)).is({ userId: AGENT, joined: true })
    for (const queueId of [QUEUE, MAIL]) member(queueId, list([QUEUE, MAIL], 0)).isOpen()
    member(QUEUE, list([MAIL], 0)).isAbsent()
    assert.strictEqual(members(QUEUE, list([QUEUE], 0)), 1)
  })

  it("[P4] has left every queue that only earlier lists name, however many lists have come since", () => {
    const lists = [list([QUEUE, MAIL], 0), list([MAIL], MINUTE), list([CHAT], 2 * MINUTE, MINUTE)]
    for (const queueId of [QUEUE, MAIL]) {
      member(queueId, ...lists).is({ userId: AGENT, joined: false, since: iso(MINUTE) })
      member(queueId, ...lists).isClosed()
      assert.strictEqual(members(queueId, ...lists), 0)
    }
    member(CHAT, ...lists).isOpen()
    member(QUEUE, list([QUEUE], 0), list([], MINUTE)).isClosed()
    member(QUEUE, ...lists, list([QUEUE], 3 * MINUTE)).is({ userId: AGENT, joined: true })
  })

  it("[P4] is what was stated of the queue later, or a moment before the list: a list may have been made before it", () => {
    const lag = 5_000
    const left = [states(false, 0), list([QUEUE], lag)]
    member(QUEUE, ...left).is({ userId: AGENT, joined: false, since: iso(0) })
    member(QUEUE, states(false, 0), list([QUEUE], lag + 1)).is({ userId: AGENT, joined: true })
    member(QUEUE, states(true, 0), list([MAIL, QUEUE], -MINUTE), list([MAIL], MINUTE)).is({
      userId: AGENT,
      joined: false
    })
    member(QUEUE, list([QUEUE], 0), states(false, MINUTE)).has({ joined: false, since: iso(MINUTE) })
  })

  it("[P4] keeps the time at which it was stated, where the list says the same", () => {
    member(QUEUE, states(true, 0), list([QUEUE], MINUTE, 1)).is({ userId: AGENT, joined: true, since: iso(0) })
  })

  it("[P4] comes back with the next list after an audit of a removal, and an audit never replaces what others state", () => {
    member(QUEUE, audit("MemberRemove", 0), list([QUEUE], MINUTE)).is({ userId: AGENT, joined: true })
    member(QUEUE, states(true, -1), audit("MemberRemove", 0)).is({ userId: AGENT, joined: false, since: iso(0) })
    member(QUEUE, audit("MemberAdd", 0), states(false, 1 - 5 * MINUTE)).has({ joined: false })
    member(QUEUE, audit("MemberAdd", 0), states(false, -1 - 5 * MINUTE)).is({
      userId: AGENT,
      joined: true,
      since: iso(0)
    })
  })
})

describe("what an agent's row remembers of lists", () => {
  const remembered = (...events: ReadonlyArray<Event>) =>
    [...(registersOf([agents, conversations], AGENT, STATE_ROW, ...events)?.keys() ?? [])]
      .filter((name) => name.startsWith("listed"))
      .sort()

  it("[P9] are the queues that are listed no more, once each, so that it grows with queues and not with lists", () => {
    assert.deepStrictEqual(remembered(list([QUEUE, MAIL], 0)), [])
    assert.deepStrictEqual(remembered(list([], 0)), [])
    const lists = [list([QUEUE, MAIL], 0), list([MAIL], 1), list([QUEUE, MAIL], 2), list([CHAT], 3)]
    for (const events of [lists, lists.toReversed()])
      assert.deepStrictEqual(remembered(...events), [`listed.${[QUEUE, MAIL].sort().join(",")}`])
    assert.deepStrictEqual(remembered(list([MAIL], 0), list([QUEUE], 1), list([CHAT], 2)), remembered(...lists))
    assert.deepStrictEqual(remembered(...lists, list([CHAT, QUEUE], 4)), [`listed.${MAIL}`])
    assert.deepStrictEqual(remembered(...lists, list([CHAT, QUEUE, MAIL], 4)), [])
  })
})
