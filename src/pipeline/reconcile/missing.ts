import { Clock, Effect } from "effect"
import { Control } from "../../store/control.ts"
import type { Missing } from "./answers.ts"
import {
  addFacets,
  noCounts,
  Overtaken,
  RECONCILE_KEY,
  type Refused,
  type Sweep,
  type SweepCounts
} from "./checkpoint.ts"
import { facetsOf } from "./counts.ts"
import { emptyKept, NOTHING_KEPT, readKept } from "./kept.ts"
import { sendStatements } from "./send.ts"
import type { Unit } from "./unit.ts"

/** Missing things of a kind that are believed in any case: people can look at so many, and any later sign takes back what is wrong. */
const FEW = 100

/** The share of what the rows know that may be missing. */
const SHARE = 1 / 2

/** For how long (ms) somebody's word holds that what is missing is over. */
const ACCEPTED_MS = 86_400_000

/** Under which key of the control table somebody has said that what the next whole sweep finds missing is over. */
export const ACCEPTED_KEY = `${RECONCILE_KEY}/accepted`

/**
 * Of which kind too much is missing to be believed; undefined where all of it may be so. An OAuth client that may not see a division any more, or a
 * fault of the API, gives answers that look complete, and lack what is there.
 */
export const implausible = ({
  counts: { missing, known },
  kept
}: Pick<Sweep, "counts" | "kept">): Refused | undefined => {
  const kinds = Object.entries(missing).map(([kind, count]) => ({ kind, missing: count, known: known[kind] ?? 0 }))
  const most = kinds.sort((a, b) => b.missing - a.missing)
  return (kept?.over ?? 0) > 0 ? most[0] : most.find((one) => one.missing > FEW && one.missing > one.known * SHARE)
}

/** Says that what the next whole sweep finds missing is over, however much it is. Fails with `Overtaken` where somebody else says so at the same moment. */
export const acceptMissing = Effect.fnUntraced(function* (by: string) {
  const control = yield* Control
  const { version } = yield* control.read(ACCEPTED_KEY)
  const written = yield* control.write(ACCEPTED_KEY, { at: yield* Clock.currentTimeMillis, by }, version)
  if (written === "conflict") return yield* new Overtaken()
})

const readAccepted = Effect.gen(function* () {
  const { value, version } = yield* (yield* Control).read(ACCEPTED_KEY)
  const accepted = value as { readonly at: number } | null | undefined
  return { accepted, version, isNew: (accepted?.at ?? 0) > (yield* Clock.currentTimeMillis) - ACCEPTED_MS }
})

/** Forgets that somebody has accepted something: it holds for one sweep. */
const forgetAccepted = Effect.gen(function* () {
  const { accepted, version } = yield* readAccepted
  if (accepted === undefined || accepted === null) return
  yield* (yield* Control).write(ACCEPTED_KEY, null, version)
})

const saidOf = (missing: ReadonlyArray<Missing>): SweepCounts => {
  const of = (told: Missing["told"]) => facetsOf(missing.flatMap((one) => (one.told === told ? [one.statement] : [])))
  const [corrected, early] = [of("corrected"), of("early")]
  return {
    ...noCounts,
    stated: addFacets(addFacets(corrected, early), of("new")),
    corrected,
    early,
    closed: missing.filter(({ statement: { facet } }) => facet.facet === "sessionSeen").length
  }
}

/**
 * The last phase, after every page of all others has been answered: first it judges what is missing, and then it says of one item after the other
 * that it is over. Each statement is as of the answer that lacked it, so whatever is later contradicts it. An item is emptied
 * once the checkpoint knows that it was said.
 */
export const missingUnit = Effect.fnUntraced(function* (sweep: Sweep) {
  const { began, next, kept = NOTHING_KEPT } = sweep
  const { items, slots } = kept
  if (next === undefined) {
    const refused = implausible(sweep)
    const isAccepted = refused !== undefined && (yield* readAccepted).isNew
    return {
      counts: noCounts,
      ...(refused === undefined || isAccepted ? {} : { refused }),
      ...(slots === 0 ? {} : { next: "0" })
    } satisfies Unit
  }
  const item = Number(next)
  if (item > 0) yield* emptyKept(item - 1)
  const missing = item < items && sweep.refused === undefined ? yield* readKept(began, item) : []
  yield* sendStatements(missing.map(({ statement }) => statement))
  if (item >= slots) yield* forgetAccepted
  return {
    counts: saidOf(missing),
    ...(item < slots ? { next: String(item + 1) } : {})
  } satisfies Unit
})
