import { assert, describe, it } from "@effect/vitest"
import { CallFailed, type CallFailure, problemIn } from "../../src/genesys-api/call-failed.ts"
import { detailOf, isRefusal, NoAnswer, type NoAnswerReason } from "../../src/genesys-api/error.ts"
import { configurationIn, entitiesIn, integrationIn, topicsIn } from "../../src/genesys-api/integration-fields.ts"
import { OBSERVATIONS_A_CALL, STATUSES_A_CALL } from "../../src/genesys-api/organisation.ts"
import { labelKeys, observationsOf, statusOf, userOf } from "../../src/genesys-api/organisation-fields.ts"
import { isAbout } from "../../src/genesys-api/snapshot.ts"

describe("a call that failed", () => {
  it("says why, and what to do about it", () => {
    const ends: Readonly<Record<CallFailure, RegExp>> = {
      refused:
        /check its id and secret, its grant \(Client Credentials\), and that its organisation is in this region$/,
      forbidden: /lacks a permission; give its role in Genesys Cloud what the call needs$/,
      notFound: /: the organisation has no such thing$/,
      conflict: /: somebody else changed it in the meantime; read it again and repeat the command$/,
      invalid: /: Genesys does not accept the request$/,
      rateLimited: /: the rate limit of the OAuth client is reached; wait, or use fewer requests a minute$/,
      unavailable: /: the API could not be reached, or failed$/,
      timedOut: /: the API did not respond in time$/,
      unreadable: /: the response does not follow the API documentation$/,
      endless: /always a next page, .*; report it to Genesys Cloud, with the call and the time$/,
      noCredentials: /the secret must hold the JSON object \{ clientId, clientSecret \} and be readable by this role$/
    }
    for (const [reason, end] of Object.entries(ends))
      assert.match(new CallFailed({ reason: reason as CallFailure, call: "GET /x" }).message, end)
    const message = (more: Partial<CallFailed>) =>
      new CallFailed({ reason: "notFound", call: "GET /x", ...more }).message
    assert.strictEqual(message({ status: 404 }), "GET /x: the organisation has no such thing (status 404)")
    assert.strictEqual(
      message({ status: 403, code: "a.b", permissions: ["a:b:c", "d:e:f"], detail: "ECONNRESET", retryAfterMs: 1_500 }),
      "GET /x: the organisation has no such thing (status 403, a.b, needs a:b:c or d:e:f, ECONNRESET, wait 2 s)"
    )
    assert.match(message({ retryAfterMs: 1_001 }), /\(wait 2 s\)$/)
  })

  it("tells the code of a problem, and nothing that is none", () => {
    assert.deepStrictEqual(problemIn({}), {})
    assert.deepStrictEqual(problemIn({ code: "kanarie was here", message: "kanarie" }), {})
    assert.deepStrictEqual(problemIn({ code: "bad.request" }), { code: "bad.request" })
  })
})

describe("no answer", () => {
  it("says why, and what to do about it", () => {
    const ends: Readonly<Record<NoAnswerReason, RegExp>> = {
      rateLimited: /: the rate limit is reached; wait retryAfterMs, and see genesys.requestsPerMinute$/,
      timedOut: /: no response within genesys.timeout$/,
      unavailable: /: the API could not be reached, or failed$/,
      unreadable: /: the response does not follow the API documentation$/,
      refused: /an OAuth client with the grant Client Credentials in the region genesys.domain$/,
      unknownAgent: /: the API knows no active user with this id$/,
      noCredentials: /the secret must hold the JSON object \{ clientId, clientSecret \} and be readable by this role$/
    }
    for (const [reason, end] of Object.entries(ends))
      assert.match(new NoAnswer({ reason: reason as NoAnswerReason }).message, end)
    const message = (more: Partial<NoAnswer>) => new NoAnswer({ reason: "timedOut", ...more }).message
    assert.strictEqual(message({ status: 408 }), "timedOut: no response within genesys.timeout (status 408)")
    assert.strictEqual(
      message({ status: 408, detail: "ECONNRESET", retryAfterMs: 1_500 }),
      "timedOut: no response within genesys.timeout (status 408, ECONNRESET, retryAfterMs 1500)"
    )
  })

  it("is a refusal of the credentials only where Genesys said so just now", () => {
    const refused = { reason: "refused", status: 401 } as const
    assert.isTrue(isRefusal(new NoAnswer(refused)))
    for (const other of [
      { ...refused, status: 403 },
      { ...refused, reason: "unavailable" as const },
      { ...refused, retryAfterMs: 1 }
    ])
      assert.isFalse(isRefusal(new NoAnswer(other)))
  })

  it("tells nothing of a cause that has no name", () => {
    assert.deepStrictEqual(detailOf("kanarie"), {})
    assert.deepStrictEqual(detailOf({ code: "ECONNRESET" }), { detail: "ECONNRESET" })
  })
})

describe("what the API says of integrations", () => {
  it("is read as far as it is what the documentation says", () => {
    assert.deepStrictEqual(entitiesIn("many"), [])
    assert.deepStrictEqual(integrationIn({ id: "i", intendedState: "ENABLED" }), {
      id: "i",
      name: "",
      enabled: true,
      state: "unknown",
      detail: ""
    })
    assert.deepStrictEqual(
      topicsIn({ entities: [{ id: "v2.a", transports: ["All", 7] }, { id: 7 }, { id: "v2.b" }] }),
      [
        { topic: "v2.a", transports: ["All"] },
        { topic: "v2.b", transports: [] }
      ]
    )
  })

  it("has no properties where one of them is missing", () => {
    const whole = { awsAccountId: "444455556666", awsAccountRegion: "eu-central-1", eventSourceSuffix: "mine" }
    const read = (properties: object) => configurationIn({ version: 1, properties })
    assert.deepStrictEqual(read({ ...whole, eventFilter: "all" }), {
      version: 1,
      name: "",
      notes: "",
      properties: { ...whole, eventFilter: [] },
      advanced: {},
      credentials: {}
    })
    for (const name of Object.keys(whole)) assert.isUndefined(read({ ...whole, [name]: undefined })?.properties, name)
  })
})

describe("what the API says of an organisation", () => {
  it("states nothing by what is of another kind", () => {
    for (const odd of [null, [], "soon", undefined]) {
      const said = { conversationSummary: odd, station: odd, outOfOffice: { active: "yes" }, state: "gone" }
      assert.deepStrictEqual(userOf({ id: "u", ...said }), { id: "u", conversations: [] })
    }
    for (const state of ["active", "inactive", "deleted"] as const)
      assert.deepStrictEqual(userOf({ id: "u", state }), { id: "u", state, conversations: [] })
  })

  it("shows a label in the language of the organisation, and then in English", () => {
    assert.deepStrictEqual(labelKeys("PT-br"), ["pt_BR", "pt", "en_US", "en"])
    assert.deepStrictEqual(labelKeys(undefined), ["", "en_US", "en"])
  })

  it("says that an agent has no session by the count alone", () => {
    assert.deepStrictEqual(statusOf({ userId: "u", sessionCount: 0 }), { userId: "u", complete: true, sessions: [] })
  })

  it("lists what waits by media, and only counts it over all of them", () => {
    const data = [{ metric: "oWaiting", stats: { count: 1 }, observations: [{ conversationId: "c" }] }]
    const results = [{ mediaType: "voice" }, {}].map((group) => ({ group: { queueId: "q", ...group }, data }))
    assert.deepStrictEqual(observationsOf({ results }), [
      { queueId: "q", complete: true, waiting: [{ conversationId: "c", mediaType: "VOICE" }], alerting: [] }
    ])
  })

  it("is asked for no more than the API returns at once", () => {
    assert.deepStrictEqual([STATUSES_A_CALL, OBSERVATIONS_A_CALL], [50, 50])
  })

  it("is about a user however the id is spelt", () => {
    assert.isTrue(isAbout("ABCD", { id: "abcd" }))
    assert.isTrue(isAbout("abcd", { id: "ABCD" }))
    assert.isFalse(isAbout("abcd", { id: "abce" }))
    assert.isFalse(isAbout("abcd", {}))
  })
})
