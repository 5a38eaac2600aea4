import type { CapturedResource } from "../../src/local/capture.ts"
import type { Calls } from "./calls/call.ts"
import { functions } from "./calls/functions.ts"
import { http } from "./calls/http.ts"
import { storage } from "./calls/storage.ts"
import { watching } from "./calls/watching.ts"

const callsOf: Calls = { ...functions, ...http, ...storage, ...watching }

/** The calls for a resource, and the inputs that none of them reads. */
export const callsFor = ({ type, inputs, outputs }: CapturedResource) => {
  const read = new Set<string | symbol>()
  const watched = new Proxy(inputs, {
    get: (target, key) => {
      read.add(key)
      return Reflect.get(target, key)
    }
  })
  const make = callsOf[type]
  const name = [outputs.name, outputs.bucket, outputs.id].find((one) => typeof one === "string")
  const calls = make?.(watched, String(name))
  return { calls, unread: Object.keys(inputs).filter((key) => !read.has(key)) }
}
