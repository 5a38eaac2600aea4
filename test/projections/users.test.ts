import { assert, describe, it } from "@effect/vitest"
import { agents } from "../../projections/agents.ts"
import { conversations } from "../../projections/conversations.ts"
import type { Event } from "../../src/genesys/event.ts"
import { given } from "../../src/testing/index.ts"
import { AGENT, event, iso } from "./support.ts"

const state = (...events: ReadonlyArray<Event>) =>
  given([agents, conversations], ...events)
    .row(AGENT)
    .columns()

const presence = (systemPresence: string, at: number) =>
  event(
    "v2.users.{id}.presence",
    AGENT,
    { presenceDefinition: { id: "p", systemPresence }, primary: true, modifiedDate: iso(at) },
    at
  )
const routing = (status: string, at: number) =>
  event("v2.users.{id}.routingStatus", AGENT, { id: AGENT, routingStatus: { status, startTime: iso(at) } }, at)
const audit = (action: string, at: number, propertyChanges: ReadonlyArray<object> = []) =>
  event(
    "v2.audits.entitytype.{id}.entityid.{id}",
    ["User", AGENT],
    { entityType: "User", action, eventTime: iso(at), propertyChanges },
    at + 400
  )
const working = [presence("ON_QUEUE", 0), routing("IDLE", 1_000)]

describe("a user who is no agent any more", () => {
  it("[P4] is deleted or inactive by an audit, whatever was reported before it", () => {
    assert.include(state(...working, audit("Delete", 60_000)), {
      state: "Deleted",
      since: iso(60_000),
      userState: "deleted",
      userStateSince: iso(60_000),
      presence: "ON_QUEUE"
    })
    const deactivated = audit("Update", 60_000, [{ property: "state", oldValues: ["active"], newValues: ["inactive"] }])
    assert.include(state(...working, deactivated), { state: "Inactive", userState: "inactive" })
    assert.include(state(audit("Deactivate", 0), presence("OFFLINE", 5_000)), { state: "Inactive" })
  })

  it("[P4] is back by the audit that says so, by the time of its entry", () => {
    assert.include(state(...working, audit("Deactivate", 60_000), audit("Activate", 120_000)), {
      state: "On Queue",
      userState: "active",
      userStateSince: iso(120_000)
    })
    assert.include(state(...working, audit("Activate", 60_000), audit("Deactivate", 120_000)), { state: "Inactive" })
  })

  it("[P4] is back by what they declare later, though the audit of that was lost", () => {
    assert.include(state(...working, audit("Deactivate", 60_000), presence("AVAILABLE", 90_000)), {
      state: "Available",
      userState: "active",
      userStateSince: iso(90_000)
    })
    for (const at of [50_000, 60_000])
      assert.include(state(...working, audit("Deactivate", 60_000), presence("BREAK", at)), { state: "Inactive" })
  })

  it("is not told from a user of whom no audit spoke", () => {
    assert.notProperty(state(...working), "userState")
  })
})

describe("the line of an agent's phone, and the source of their presence", () => {
  it("[P4] stand as the last event says", () => {
    const line = (persistentState: string, at: number) =>
      event(
        "v2.users.{id}.persistentconnection",
        AGENT,
        { userId: AGENT, stationId: "st", persistentState, eventTime: iso(at) },
        at
      )
    assert.deepStrictEqual(state(line("FAILED", 2_000), line("ACTIVE_CALL", 1_000))?.persistentConnection, {
      state: "FAILED",
      since: iso(2_000),
      stationId: "st"
    })
    const source = (currentDisplaySourceId: string, at: number) =>
      event(
        "v2.users.{id}.integrationpresence",
        AGENT,
        { userId: AGENT, eventType: "UserPrimaryPresenceSourceChanged", currentDisplaySourceId, modifiedDate: iso(at) },
        at
      )
    assert.include(state(source("teams", 2_000), source("genesys", 1_000)), { presenceSource: "teams" })
  })

  it("a presence in another product is not the agent's", () => {
    const teams = event("v2.users.{id}.integrationpresence", AGENT, {
      userId: AGENT,
      eventType: "UserPresenceStatusChanged",
      source: "MICROSOFTTEAMS",
      presenceDefinition: { id: "t", systemPresence: "BUSY" },
      modifiedDate: iso(0)
    })
    assert.deepStrictEqual(given([agents, conversations], teams).rows(), [])
  })
})
