import { useRef } from "preact/hooks"
import { deviceNow } from "./clock.ts"
import { inHeldOrder } from "./held-order.ts"

/** For so long after the pointer or a key has moved in a list, ms, its order stays: nothing goes away from who reads it. */
const HOLD_MS = 10_000

/**
 * Keeps the order of a list while somebody reads it. `order` is for the list as it should be; another `way` of sorting takes effect at once.
 * `touch` belongs on the element around it.
 */
export const useHeld = () => {
  const until = useRef(0)
  const kept = useRef(new Map<string, ReadonlyArray<string>>())
  return {
    touch: {
      onPointerMove: () => {
        until.current = deviceNow() + HOLD_MS
      },
      onPointerLeave: () => {
        until.current = 0
      },
      onKeyDown: () => {
        until.current = deviceNow() + HOLD_MS
      }
    },
    order: <A>(way: string, sorted: ReadonlyArray<A>, idOf: (one: A) => string): ReadonlyArray<A> => {
      const held = kept.current.get(way)
      const isHeld = held !== undefined && deviceNow() < until.current
      const list = isHeld ? inHeldOrder(sorted, held, idOf) : sorted
      kept.current.clear()
      kept.current.set(way, list.map(idOf))
      return list
    }
  }
}
