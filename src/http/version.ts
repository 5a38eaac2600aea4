import { createHash } from "node:crypto"
import { canonical, type Json } from "../domain/json.ts"

/** Fields that change while nothing happens: they say how fresh an answer is, and are no part of its version. */
const fresh = new Set(["readAt", "settledThrough", "inWindow"])

/**
 * The version of an answer: 22 letters, digits, `-` and `_`. Equal answers have equal versions, whenever and by whichever generation of
 * functions they are read.
 */
export const versionOf = (answer: object): string => {
  const lasting = Object.fromEntries(Object.entries(answer).filter(([name]) => !fresh.has(name)))
  return createHash("sha256")
    .update(canonical(lasting as Json))
    .digest("base64url")
    .slice(0, 22)
}

/** A weak entity tag, because how fresh the answer is may differ. */
export const etagOf = (answer: object): string => `W/"${versionOf(answer)}"`

/** Whether `If-None-Match` names an entity tag, by weak comparison. */
export const matches = (ifNoneMatch: string | null, etag: string): boolean =>
  ifNoneMatch !== null &&
  (ifNoneMatch.trim() === "*" ||
    ifNoneMatch.split(",").some((one) => one.trim().replace(/^W\//, "") === etag.replace(/^W\//, "")))
