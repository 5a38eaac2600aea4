import { assert, describe, it } from "@effect/vitest"
import { bodiesOf, open, parse, take } from "./record.ts"

const centre = open({ rate: 60, agents: 50, queues: 4 })
const events = [...take(centre, 40_000), ...centre.drain()].map(parse)

type Body = ReturnType<typeof bodiesOf>[number]

const number = (body: Body, field: string): number => body[field] as number
const text = (body: Body, field: string): string => body[field] as string

const byKey = (bodies: ReadonlyArray<Body>, key: string, clock: string): Map<string, ReadonlyArray<Body>> => {
  const groups = new Map<string, Array<Body>>()
  for (const body of [...bodies].sort((a, b) => number(a, clock) - number(b, clock))) {
    const group = groups.get(text(body, key)) ?? []
    groups.set(text(body, key), group)
    group.push(body)
  }
  return groups
}

const openSince = (kind: string) => {
  const starts = new Map(bodiesOf(events, `.${kind}.start`).map((body) => [text(body, "sessionId"), body]))
  return { starts, ends: bodiesOf(events, `.${kind}.end`) }
}

describe("lives in the simulated contact centre", () => {
  it.each(["customer", "acd", "user"])(
    "every %s session that ends has begun before, once, in the same conversation",
    (kind) => {
      const { starts, ends } = openSince(kind)
      assert.isAbove(ends.length, 300)
      assert.strictEqual(new Set(ends.map((body) => body.sessionId)).size, ends.length)
      for (const end of ends) {
        const start = starts.get(text(end, "sessionId"))
        assert.isDefined(start)
        assert.isAbove(number(end, "eventTime"), number(start, "eventTime"))
        for (const field of ["conversationId", "participantId", "mediaType", "queueId", "userId", "ani"])
          assert.strictEqual(end[field], start[field], field)
      }
    }
  )

  it("no conversation outlives its customer", () => {
    const over = new Map(openSince("customer").ends.map((body) => [body.conversationId, number(body, "eventTime")]))
    for (const body of bodiesOf(events, ".acd.start", ".acd.end", ".user.start", ".user.end"))
      assert.isAtMost(number(body, "eventTime"), over.get(body.conversationId) ?? Number.POSITIVE_INFINITY)
  })

  it("customers are answered, give up, and are passed on", () => {
    const outcomes = openSince("acd").ends.map((body) => body.acdOutcome)
    const abandoned = outcomes.filter((outcome) => outcome === "ABANDON").length / outcomes.length
    assert.isTrue(abandoned > 0.005 && abandoned < 0.4, `${abandoned}`)
    assert.deepStrictEqual([...new Set(outcomes)].sort(), ["ABANDON", "ANSWERED"])
    const queues = byKey(bodiesOf(events, ".acd.start"), "conversationId", "eventTime")
    const passedOn = [...queues.values()].filter((starts) => starts.length > 1)
    assert.isAbove(passedOn.length, 20)
    for (const [first, second] of passedOn) assert.notStrictEqual(first?.queueId, second?.queueId)
  })

  it("an agent session goes through its states in an order that exists", () => {
    const sessions = byKey(bodiesOf(events, "agent.{id}.state"), "sessionId", "currentStateStart")
    const seen = new Set<string>()
    for (const states of sessions.values()) {
      const path = states.map((body) => text(body, "currentState")).join(" ")
      assert.match(path, /^ALERT( TERMINATED|( INTERACT( HOLD INTERACT)?( WRAPUP( TERMINATED)?)?)?| INTERACT HOLD)?$/)
      seen.add(path)
      const clocks = states.map((body) => number(body, "currentStateStart"))
      assert.strictEqual(new Set(clocks).size, clocks.length)
    }
    for (const path of ["ALERT TERMINATED", "ALERT INTERACT HOLD INTERACT WRAPUP TERMINATED"])
      assert.isTrue(seen.has(path))
  })

  it("an agent has one call, or up to three chats and messages, and never both", () => {
    const changes = [
      ...bodiesOf(events, ".user.start").map((body) => [body, 1] as const),
      ...bodiesOf(events, ".user.end").map((body) => [body, -1] as const)
    ].sort(([a, up], [b, down]) => number(a, "eventTime") - number(b, "eventTime") || up - down)
    const held = new Map<string, Map<string, string>>()
    let most = 0
    for (const [body, change] of changes) {
      const sessions = held.get(text(body, "userId")) ?? new Map<string, string>()
      held.set(text(body, "userId"), sessions)
      if (change < 0) sessions.delete(text(body, "sessionId"))
      else sessions.set(text(body, "sessionId"), text(body, "mediaType"))
      const media = [...sessions.values()]
      assert.isTrue(media.length <= 1 || (media.length <= 3 && !media.includes("VOICE")), media.join())
      most = Math.max(most, media.length)
    }
    assert.isAtLeast(most, 2)
  })

  it("an agent has one presence and one routing status at any instant", () => {
    for (const [facet, clock, value] of [
      ["presence", "modifiedDate", (at: never) => JSON.stringify((at as Body).presenceDefinition)],
      ["routingStatus", "startTime", (at: never) => (at as Body).status]
    ] as const) {
      const said = new Map<string, unknown>()
      for (const body of bodiesOf(events, ".activity").filter((body) => body[facet] !== undefined)) {
        const at = body[facet] as Body
        const key = `${body.id}${at[clock]}`
        const told = value(at as never)
        assert.strictEqual(said.get(key) ?? told, told)
        said.set(key, told)
      }
      assert.isAbove(said.size, 500)
    }
  })

  it("agents do everything that agents do", () => {
    const activity = bodiesOf(events, "users.{id}.activity").map((body) => {
      const presence = (body.presence as Body).presenceDefinition as Body
      return `${presence.systemPresence}/${(body.routingStatus as Body).status}`
    })
    const combinations = new Set(activity)
    for (const expected of [
      "OFFLINE/OFF_QUEUE",
      "AVAILABLE/OFF_QUEUE",
      "ON_QUEUE/IDLE",
      "ON_QUEUE/INTERACTING",
      "ON_QUEUE/NOT_RESPONDING",
      "ON_QUEUE/COMMUNICATING",
      "BREAK/INTERACTING",
      "BREAK/OFF_QUEUE",
      "MEAL/OFF_QUEUE",
      "MEETING/OFF_QUEUE"
    ])
      assert.isTrue(combinations.has(expected), expected)
    const away = bodiesOf(events, ".outofoffice").map((body) => body.active)
    assert.isTrue(away.includes(true) && away.includes(false))
    const audits = new Set(bodiesOf(events, "entityid.{id}").map((body) => `${body.entityType} ${body.action}`))
    assert.deepStrictEqual([...audits].sort(), [
      "Queue MemberAdd",
      "Queue MemberRemove",
      "User Activate",
      "User Deactivate",
      "UserPresence Update"
    ])
  })

  it("queue counts are the sizes of the sets at that instant, at most one event a second", () => {
    type Change = readonly [at: number, apply: (sizes: Map<string, number>) => void]
    const add = (body: Body, metric: string, by: number) => (sizes: Map<string, number>) => {
      const key = `${body.queueId} ${text(body, "mediaType").toLowerCase()} ${metric}`
      sizes.set(key, (sizes.get(key) ?? 0) + by)
    }
    const changes: Array<Change> = []
    const note = (body: Body, clock: string, ...moves: ReadonlyArray<readonly [string, number]>) => {
      for (const [metric, by] of moves) changes.push([number(body, clock), add(body, metric, by)])
    }
    for (const body of bodiesOf(events, ".acd.start")) note(body, "eventTime", ["oWaiting", 1])
    for (const body of bodiesOf(events, ".acd.end")) note(body, "eventTime", ["oWaiting", -1])
    for (const body of bodiesOf(events, ".user.start")) note(body, "eventTime", ["oAlerting", 1])
    const answered = new Set<unknown>()
    for (const body of byKey(bodiesOf(events, "agent.{id}.state"), "sessionId", "currentStateStart").values()) {
      const answer = body.find((state) => state.currentState === "INTERACT")
      if (answer === undefined) continue
      answered.add(answer.sessionId)
      note(answer, "currentStateStart", ["oAlerting", -1], ["oInteracting", 1])
    }
    for (const body of bodiesOf(events, ".user.end"))
      note(body, "eventTime", [answered.has(body.sessionId) ? "oInteracting" : "oAlerting", -1])

    let checked = 0
    const last = new Map<unknown, number>()
    for (const body of bodiesOf(events, ".observations")) {
      const { queueId, mediaType } = body.group as Body
      const [{ interval, metrics }] = body.data as [{ interval: string; metrics: ReadonlyArray<Body> }]
      const [from, to] = interval.split("/").map((time) => Date.parse(time)) as [number, number]
      if (from !== to || mediaType === undefined) continue
      changes.push([
        from + 0.5,
        (sizes) => {
          checked++
          assert.isAtLeast(from - (last.get(queueId) ?? 0), 1_000)
          last.set(queueId, from)
          for (const { metric, stats } of metrics)
            assert.strictEqual(
              (stats as Body).count,
              sizes.get(`${queueId} ${mediaType} ${metric}`) ?? 0,
              String(metric)
            )
        }
      ])
    }
    // `drain` publishes what is outstanding without waiting for its second, so the last instants are left out.
    const until = Math.max(...changes.map(([at]) => at)) - 2_000
    const sizes = new Map<string, number>()
    for (const [at, apply] of changes.sort(([a], [b]) => a - b)) if (at < until) apply(sizes)
    assert.isAbove(checked, 1_000)
  })
})
