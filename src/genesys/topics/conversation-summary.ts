import { names, object, raw } from "../body.ts"
import type { Facet, Load } from "../event.ts"
import { invented } from "../example.ts"
import { isObject } from "../tolerant.ts"
import { defineTopic } from "../topic.ts"

type Counts = { readonly active: number; readonly acw: number }

const count = (value: unknown): number | undefined => {
  if (value === undefined || value === null) return 0
  return Number.isInteger(value) && (value as number) >= 0 ? (value as number) : undefined
}

const counts = (side: { readonly [key: string]: unknown }): Counts | undefined => {
  const [active, acw] = [count(side.active), count(side.acw)]
  return active === undefined || acw === undefined ? undefined : { active, acw }
}

/** The load in one medium; undefined for what is no medium, and for one with a count that cannot be. */
const load = (medium: unknown): Load | undefined => {
  if (!isObject(medium)) return undefined
  const { contactCenter, enterprise } = medium
  const reported = { contactCenter: isObject(contactCenter), enterprise: isObject(enterprise) }
  if (!reported.contactCenter && !reported.enterprise) return undefined
  const acd = isObject(contactCenter) ? counts(contactCenter) : undefined
  const other = isObject(enterprise) ? counts(enterprise) : undefined
  if ((reported.contactCenter && acd === undefined) || (reported.enterprise && other === undefined)) return undefined
  return {
    ...acd,
    ...(other && other.active > 0 ? { enterpriseActive: other.active } : {}),
    ...(other && other.acw > 0 ? { enterpriseAcw: other.acw } : {})
  }
}

const counted = object({}, names("active acw"))
const medium = object({}, { contactCenter: counted, enterprise: counted })
const MEDIA = ["call", "callback", "email", "message", "chat", "socialExpression", "video"]

export const conversationSummary = defineTopic({
  template: "v2.users.{id}.conversationsummary",
  meaning:
    "An agent's conversations as absolute counts, one facet for each medium that the event reports. The set of media is open.",
  body: raw(object({}, { ...names("userId"), ...Object.fromEntries(MEDIA.map((media) => [media, medium])) })),
  clocks: { conversations: null },
  facets: ({ subject: agentId, body }) => {
    if (!isObject(body)) return []
    const facets: Array<Facet> = []
    for (const media of Object.keys(body)) {
      const value = load(body[media])
      // No medium has that name, and a column of counts by medium would lose it.
      if (value !== undefined && media !== "__proto__") facets.push({ facet: "conversations", agentId, media, value })
    }
    return facets
  },
  example: {
    ids: [invented.agent],
    published: "2026-05-06T10:00:09.902Z",
    body: {
      userId: invented.agent,
      call: { contactCenter: { active: 1, acw: 0 }, enterprise: { active: 0, acw: 0 } },
      email: { contactCenter: { active: 0, acw: 0 }, enterprise: { active: 2, acw: 0 } },
      message: { contactCenter: { active: 0, acw: 1 }, enterprise: { active: 0, acw: 0 } }
    }
  }
})
