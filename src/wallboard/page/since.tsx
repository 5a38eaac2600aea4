import { duration } from "../view/numbers.ts"
import { useNow } from "./clock.ts"

/** How long something has been so, ticking. Nothing is known of what has no beginning. */
export const Since = ({ at }: { readonly at: number | undefined }) => {
  const now = useNow()
  return <span class="since">{at === undefined ? "–" : duration(now - at)}</span>
}
