import { searchOf, type View, viewOf } from "./address.ts"
import { makeBell } from "./bell.ts"

const { ring, useRing } = makeBell()
let view = viewOf(location.search)

addEventListener("popstate", () => {
  view = viewOf(location.search)
  ring()
})

/** Shows another view, and says so in the address. What is opened or shut can be gone back from; typing is not. */
export const show = (change: Partial<View>): void => {
  const next = { ...view, ...change }
  const address = `${location.pathname}${searchOf(next)}${location.hash}`
  const isStep = next.wall !== view.wall || next.queue !== view.queue || next.state !== view.state
  view = next
  if (isStep) history.pushState(undefined, "", address)
  else history.replaceState(undefined, "", address)
  ring()
}

export const useView = (): View => {
  useRing()
  return view
}
