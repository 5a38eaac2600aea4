import { Effect } from "effect"
import { Organisation, type OrganisationName, type ReadPage } from "../../genesys-api/organisation.ts"
import { Directory } from "../../store/directory.ts"
import { noCounts } from "./checkpoint.ts"
import type { Unit } from "./unit.ts"

/** What has a name and no state. */
export type Named = "presences" | "wrapupCodes" | "divisions"

const readers: Readonly<Record<Named, (organisation: Organisation["Service"]) => ReadPage<OrganisationName>>> = {
  presences: ({ presences }) => presences,
  wrapupCodes: ({ wrapUpCodes }) => wrapUpCodes,
  divisions: ({ divisions }) => divisions
}

/** A page of names, into the directory. */
export const namesUnit = Effect.fnUntraced(function* (kind: Named, next: string | undefined) {
  const page = yield* readers[kind](yield* Organisation)(next)
  yield* (yield* Directory).put(
    page.items.map(({ id, name }) => ({ kind, id, at: page.asked, ...(name === undefined ? {} : { name }) }))
  )
  return {
    counts: { ...noCounts, names: page.items.length },
    ...(page.next === undefined ? {} : { next: page.next })
  } satisfies Unit
})
