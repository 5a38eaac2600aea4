import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import type { Json } from "../../src/domain/json.ts"
import { erasureOf } from "../../src/genesys/erasure.ts"
import type { Event } from "../../src/genesys/event.ts"
import { ERASED, namesOf, PERSON_KINDS, type Person, personProblem } from "../../src/genesys/person.ts"
import { mentions, onlyRead, redact } from "../../src/genesys/redact.ts"
import { topics } from "../../src/genesys/topics/index.ts"
import { ARRIVAL, decoded } from "../store/events.ts"

const ID = "6b1f4c2e-8a53-4d97-b0e6-2c7d9f1a3b58"
const OTHER = "7c1f4c2e-8a53-4d97-b0e6-2c7d9f1a3b59"
const agent = namesOf({ kind: "agent", value: ID })
const phone = namesOf({ kind: "address", value: "+49 30 1234567" })
const mail = namesOf({ kind: "address", value: "jo.berg@example.org" })

describe("a person", () => {
  it.each([
    [agent, [ID, ID.toUpperCase(), `sip:${ID}@org`, `v2.users.${ID}.presence`], [OTHER, `${ID}0`, `f${ID}`]],
    [
      phone,
      ["+49301234567", "tel:+49301234567", "+49 (30) 123-4567", "sip:+49301234567@edge", "%2B49301234567"],
      ["+493012345678", "149301234567", "+49301234568"]
    ],
    [
      mail,
      ["jo.berg@example.org", "Jo <JO.BERG@example.org>", "mailto:jo.berg@example.org", "to=jo.berg%40example.org&x"],
      ["xjo.berg@example.org", "a.jo.berg@example.org", "jo.berg@example.org.uk", "jo.berg@example.organic"]
    ]
  ] as const)("is found in every form of the name, and in no name of others (%#)", (names, own, others) => {
    for (const text of own) assert.isTrue(names.in(text), text)
    for (const text of others) assert.isFalse(names.in(text), text)
  })

  it.each([
    [{ kind: "agent", value: "robin" }, "must be an id of Genesys Cloud"],
    [{ kind: "external-contact", value: "" }, "must be an id of Genesys Cloud"],
    [{ kind: "address", value: "110" }, "must have at least 7 digits"],
    [{ kind: "address", value: "a@b.c" }, "must have at least 6 characters"],
    [{ kind: "address", value: " jo@example.org" }, "must be one address"],
    [{ kind: "address", value: "jo@example.org\nbo@example.org" }, "must be one address"]
  ] satisfies ReadonlyArray<readonly [Person, string]>)("of %j names nobody or too many", (person, why) => {
    assert.include(personProblem(person) ?? "", why)
  })
})

describe("who may be named", () => {
  it("is an agent, a conversation or an external contact by an id, or anybody by an address", () => {
    assert.deepStrictEqual(PERSON_KINDS, ["agent", "conversation", "external-contact", "address"])
    for (const kind of ["agent", "conversation", "external-contact"] as const)
      assert.isUndefined(personProblem({ kind, value: ID }), kind)
    for (const value of ["1234567", "+49 30 123456", "a@bc.d", "jo@example.org"])
      assert.isUndefined(personProblem({ kind: "address", value }), value)
    for (const value of ["123456", "12 34 56", "a@b.c"])
      assert.isDefined(personProblem({ kind: "address", value }), value)
  })

  it("is the whole of a text with or without a scheme, whatever the case of the letters, and is cut wherever else it stands", () => {
    for (const text of ["jo.berg@example.org", " MAILTO:JO.BERG@EXAMPLE.ORG ", "sip:jo.berg@example.org"])
      assert.isTrue(mail.is(text), text)
    assert.isTrue(phone.is("tel:+49301234567"))
    assert.isFalse(mail.is("to jo.berg@example.org"))
    assert.strictEqual(mail.cut("JO.BERG@example.org, jo.berg@example.org"), "erased, erased")
    assert.strictEqual(phone.cut("call +49301234567!"), "call erased!")
    assert.strictEqual(phone.cut("to=%2B49301234567"), "to=erased")
    const tagged = namesOf({ kind: "address", value: "jo+x@example.org" })
    for (const text of ["jo+x@example.org", "jo%2Bx%40example.org"]) assert.isTrue(tagged.is(text), text)
    assert.isFalse(tagged.in("jox@example.org"))
    assert.strictEqual(ERASED, "erased")
  })
})

describe("a value without a person", () => {
  it("keeps numbers and fields beside it that tell of nobody", () => {
    const digits = namesOf({ kind: "address", value: "49301234567" })
    assert.deepStrictEqual(redact(digits, { ani: 49301234567, n: 7, all: [49301234567, 8] }), { n: 7, all: [8] })
    assert.isTrue(mentions(digits, [{ a: 49301234567 }]))
    assert.isFalse(mentions(digits, [{ a: 4930123456 }]))
    const kept = { userColour: "red", other: "x", name: "y" }
    assert.deepStrictEqual(redact(agent, { userId: ID, userName: "Robin", userEmail: "r", ...kept }), kept)
    // What is no id of anything takes nothing with it.
    assert.deepStrictEqual(redact(agent, { user: ID, userName: "Robin", usName: "x" }), {
      userName: "Robin",
      usName: "x"
    })
  })

  it.each([
    [{ userId: ID, userName: "Robin", queueId: OTHER }, { queueId: OTHER }],
    [
      {
        users: [
          { id: ID, joined: true },
          { id: OTHER, joined: true }
        ]
      },
      { users: [{ id: OTHER, joined: true }] }
    ],
    [{ user: { id: ID, name: "Robin" }, action: "x" }, { action: "x" }],
    [{ changes: [{ newValues: [ID, OTHER] }] }, { changes: [{ newValues: [OTHER] }] }],
    [{ [ID]: 1, uri: `/users/${ID}/x` }, { uri: `/users/${ERASED}/x` }],
    [
      { deep: [[{ note: `by ${ID}.` }]], n: null, b: true },
      { deep: [[{ note: `by ${ERASED}.` }]], n: null, b: true }
    ]
  ] satisfies ReadonlyArray<readonly [Json, Json]>)("keeps all else (%#)", (value, left) => {
    assert.deepStrictEqual(redact(agent, value), left)
  })
})

describe("what the contract reads of a body", () => {
  const leaf = { kind: "leaf", type: "text", schema: Schema.String } as const
  const group = { kind: "object", read: { a: leaf }, fields: new Map([["a", leaf]]) } as const

  it.each([
    [{ a: "x", b: "Jo" }, { a: "x" }],
    [[{ a: "x" }], [{ a: "x" }]],
    ["x", "x"],
    [null, null],
    [{ a: "x", constructor: "Jo", toString: "Jo" }, { a: "x" }]
  ] satisfies ReadonlyArray<readonly [Json, Json]>)(
    "[P1] is no field that only an object of JavaScript has (%#)",
    (value, left) => {
      assert.deepStrictEqual(onlyRead(group, value), left)
    }
  )

  it("[P1] is of a list the same of each entry, and what is no list stays", () => {
    const list = { kind: "list", items: group } as const
    assert.deepStrictEqual(onlyRead(list, [{ a: "x", b: "Jo" }, { b: "Jo" }]), [{ a: "x" }, {}])
    assert.strictEqual(onlyRead(list, "x"), "x")
  })
})

const examples = [...topics.values()].map(({ template, example }) => [template, example] as const)

/** All ids in an event, but its own. */
const idsIn = (envelope: Event["envelope"]): ReadonlyArray<string> => {
  const { id: _, ...rest } = envelope
  return [...new Set(JSON.stringify(rest).match(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g) ?? [])]
}

describe("an event without a person", () => {
  it.each(examples)("[P1] of %s is gone where it is about the person, and else says all but that", (_, example) => {
    const envelope = example as Event["envelope"]
    const before = decoded(envelope)
    const topicName = String((envelope.detail as { readonly topicName: string }).topicName)
    for (const value of idsIn(envelope)) {
      const names = namesOf({ kind: "agent", value })
      const erasure = erasureOf(names, envelope, ARRIVAL)
      assert.isDefined(erasure)
      const left = erasure?.left
      if (topicName.includes(value)) assert.isUndefined(left)
      if (left === undefined) continue
      assert.isFalse(mentions(names, left.envelope as Json))
      assert.deepStrictEqual(
        [left.id, left.topic, left.published, left.received, left.subject],
        [before.id, before.topic, before.published, before.received, before.subject]
      )
      // No facet is of the person, and none is there that was not.
      const known = new Set(before.facets.map(({ facet }) => facet))
      for (const facet of left.facets) {
        assert.isTrue(known.has(facet.facet))
        assert.isFalse(mentions(names, facet as unknown as Json))
      }
    }
    assert.isUndefined(erasureOf(namesOf({ kind: "agent", value: OTHER }), envelope, ARRIVAL))
  })

  it.each(examples.filter(([template]) => template.startsWith("v2.detail.events.conversation.")))(
    "[P1] of %s keeps of a customer what the contract reads, and no more",
    (_, example) => {
      const detail = example.detail as { readonly eventBody: object }
      const body = {
        ...detail.eventBody,
        ani: "tel:+49301234567",
        callbackUserName: "Jo Berg",
        subject: "the broken heater",
        conversationExternalContactIds: [OTHER],
        anything: "Jo again"
      }
      const envelope = { ...example, detail: { ...detail, eventBody: body } } as unknown as Event["envelope"]
      for (const names of [phone, namesOf({ kind: "external-contact", value: OTHER })]) {
        const left = erasureOf(names, envelope, ARRIVAL)?.left
        assert.deepStrictEqual(left?.facets, decoded(envelope).facets)
        for (const word of ["Jo", "heater", OTHER, "4930"]) assert.notInclude(JSON.stringify(left?.envelope), word)
      }
    }
  )

  it("[P1] is nothing where no event is left, and where it could not be decoded before", () => {
    const envelope = { id: "e", "detail-type": ID, detail: { topicName: "other", eventBody: {} } }
    assert.deepStrictEqual(erasureOf(agent, envelope, ARRIVAL), { was: decoded(envelope) })
    assert.deepStrictEqual(erasureOf(agent, { id: "e", detail: { topicName: ID } }, ARRIVAL), {})
  })

  it("[P1] of a topic that the contract does not know keeps all but the person", () => {
    const envelope = (eventBody: Json) => ({
      id: "e",
      "detail-type": "v2.other",
      detail: { topicName: "o", eventBody }
    })
    const left = (person: Person, body: Json) => erasureOf(namesOf(person), envelope(body), ARRIVAL)?.left?.envelope
    for (const kind of ["agent", "external-contact"] as const)
      assert.deepStrictEqual(left({ kind, value: ID }, { contactId: ID, note: "x" }), envelope({ note: "x" }), kind)
  })

  it.each(examples.filter(([template]) => template.startsWith("v2.detail.events.conversation.")))(
    "[P1] of %s keeps of others, where it names an agent, also what the contract does not read",
    (_, example) => {
      const detail = example.detail as { readonly eventBody: object }
      const envelope = (more: object) =>
        ({
          ...example,
          detail: { ...detail, eventBody: { ...detail.eventBody, note: "x", ...more } }
        }) as Event["envelope"]
      const left = erasureOf(namesOf({ kind: "agent", value: OTHER }), envelope({ by: OTHER }), ARRIVAL)?.left
      assert.deepStrictEqual(left?.envelope, envelope({}))
    }
  )

  /** Where Genesys is known to name an external contact, and where nobody has seen one yet. */
  const places: Readonly<Record<string, (id: string) => object>> = {
    "in a list": (id) => ({ conversationExternalContactIds: [id] }),
    "in a field": (id) => ({ externalContactId: id }),
    "of a participant": (id) => ({ participants: [{ purpose: "customer", externalContact: { id, name: "Jo Berg" } }] }),
    "in a link": (id) => ({ selfUri: `/api/v2/externalcontacts/contacts/${id}` }),
    "as a key": (id) => ({ contacts: { [id]: { name: "Jo Berg" } } })
  }

  it.each(
    examples.flatMap(([template, example]) => Object.keys(places).map((place) => [template, place, example] as const))
  )("[P1] of %s is without an external contact that it names %s", (_, place, example) => {
    const detail = example.detail as { readonly eventBody: object }
    const eventBody = { ...detail.eventBody, ...places[place]?.(OTHER.toUpperCase()) }
    const envelope = { ...example, detail: { ...detail, eventBody } } as unknown as Event["envelope"]
    const names = namesOf({ kind: "external-contact", value: OTHER })
    const erasure = erasureOf(names, envelope, ARRIVAL)
    assert.isDefined(erasure)
    // No topic is about a contact, so that what it is about stays.
    assert.deepStrictEqual(erasure?.left?.facets, decoded(envelope).facets)
    for (const word of ["Jo Berg", OTHER])
      assert.notInclude(JSON.stringify(erasure?.left?.envelope).toLowerCase(), word.toLowerCase())
    assert.isUndefined(erasureOf(names, example as Event["envelope"], ARRIVAL))
  })
})
