import { Effect, Option } from "effect"
import { Command } from "effect/cli"
import { readAudit, type Seen } from "../../pipeline/audit/checkpoint.ts"
import { type Finding, type Mended, mend, needsEvents } from "../../pipeline/audit/mend.ts"
import { AuditLimits, keptMs } from "../../pipeline/audit/settings.ts"
import { scansOf } from "../../pipeline/fold-entity.ts"
import { Projections } from "../../pipeline/folding.ts"
import { costOf, costText, scanUnits, sizeOfEvents } from "../cost.ts"
import { readingOf } from "../explain/past.ts"
import { type Consent, consent, root, toggle } from "../flags.ts"
import { change, checkConsent, present } from "../report.ts"
import { CliExit, EXIT, number, partly, Screen, usageError } from "../screen.ts"
import { onTables, type StackTarget } from "../stack/stack.ts"
import { filtersOf, recorded, whoText } from "../uses.ts"
import { auditLines, foundTable, meanings } from "./text.ts"

/** Parts of the event store that are read side by side where no index tells which events are about an entity. */
const SEGMENTS = 4

/** Units that looking at a discrepancy twice and mending it takes at most, where no scan is needed. Counted by the test of the command. */
const READS_EACH = 60
const WRITES_EACH = 20

type Flags = Consent & { readonly repair: boolean }

/** What is known to be wrong, in a stack that was audited. */
const knownOf = Effect.fnUntraced(function* ({ outputs }: StackTarget) {
  const { checkpoint } = yield* readAudit
  const { local } = yield* root
  if (checkpoint === undefined && outputs.auditFunctionName === "")
    return yield* usageError(
      `the stack does not audit itself: set auditReadUnitsPerSecond${Option.match(local, {
        onNone: () => ", and deploy it",
        onSome: (folder) => ` in Pulumi.dev.yaml, and let npm start -- --data ${folder} go on for ten minutes`
      })}; projections verify compares a whole generation now`
    )
  return checkpoint
})

/** How the events of an entity are found that a discrepancy needs: by the index where it knows all of them. */
const findingOf = Effect.fnUntraced(function* (stack: StackTarget, generation: string) {
  // The index names events that have left the table, which the scan reads in the archive.
  const reading = yield* readingOf(stack, { generation, scan: stack.outputs.eventRetentionDays > 0 })
  return reading._tag === "index" && reading.from === undefined
    ? ({ index: reading.index, segments: SEGMENTS } satisfies Finding as Finding)
    : ({ segments: SEGMENTS } satisfies Finding as Finding)
})

/** The price of mending all of it. */
const priceOf = Effect.fnUntraced(function* (stack: StackTarget, found: ReadonlyArray<Seen>) {
  const [size, projections] = [yield* sizeOfEvents(stack), yield* Projections]
  let scans = 0
  for (const one of found.filter(needsEvents)) {
    const finding = yield* findingOf(stack, one.generation)
    const of = projections.find(({ name, version }) => `${name}-v${version}` === one.generation)
    if (finding.index === undefined) scans += of === undefined ? 1 : scansOf(of, projections)
  }
  const reads = scans * scanUnits(size) + found.length * READS_EACH
  return { scans, cost: costOf(scans * size.items + found.length, reads, found.length * WRITES_EACH) }
})

const planOf = Effect.fnUntraced(function* (stack: StackTarget) {
  const checkpoint = yield* knownOf(stack)
  const found = checkpoint?.found ?? []
  return { checkpoint, found, ...(yield* priceOf(stack, found)) }
})

const repairLines = (found: ReadonlyArray<Seen>): ReadonlyArray<string> =>
  [...Map.groupBy(found, ({ kind }) => kind)].map(
    ([kind, some]) => `${number(some.length)} of kind ${kind}: ${meanings[kind].mend}`
  )

const repairAll = Effect.fnUntraced(function* (
  stack: StackTarget,
  found: ReadonlyArray<Seen>,
  done: Map<Seen, Mended>
) {
  const bounds = { ...(yield* AuditLimits), eventsKeptMs: keptMs(stack.outputs.eventRetentionDays) }
  for (const one of found) {
    const finding =
      needsEvents(one) || one.kind === "update" ? yield* findingOf(stack, one.generation) : { segments: SEGMENTS }
    done.set(one, yield* Effect.provideService(mend(one, whoText(stack.who), finding), AuditLimits, bounds))
  }
})

const countsOf = (done: ReadonlyMap<Seen, Mended>) => {
  const counts = { mended: 0, healed: 0, left: 0 }
  for (const mended of done.values()) counts[mended]++
  return counts
}

const repair = Effect.fnUntraced(function* (
  stack: StackTarget,
  found: ReadonlyArray<Seen>,
  why: Option.Option<string>
) {
  const done = new Map<Seen, Mended>()
  const use = { stack, command: "audit", filters: filtersOf({ repair: true }), why }
  yield* recorded(use, repairAll(stack, found, done), () => ({ outcome: "repaired", counts: countsOf(done) }))
  const { outputIsTerminal } = yield* Screen
  const counts = countsOf(done)
  const left = found.filter((one) => done.get(one) === "left")
  return {
    document: { ...counts, found: found.map((one) => ({ ...one, became: done.get(one) })) },
    lines: [
      `${number(counts.mended)} mended, ${number(counts.healed)} healed already, ${number(counts.left)} left`,
      ...(left.length === 0 ? [] : [foundTable(left, outputIsTerminal)])
    ],
    end: left.length === 0 ? undefined : partly("no merge mends what is left: docs/audit.md says what does")
  }
})

const list = Effect.fnUntraced(function* (stack: StackTarget) {
  const { outputIsTerminal } = yield* Screen
  const checkpoint = yield* knownOf(stack)
  const found = checkpoint?.found ?? []
  yield* present({
    document: { audited: checkpoint ?? null },
    lines: [...auditLines(checkpoint), ...(found.length === 0 ? [] : [foundTable(found, outputIsTerminal)])],
    end:
      found.length === 0
        ? undefined
        : new CliExit({ code: EXIT.differs, message: "projections audit --repair says what would mend it" })
  })
})

export const audit = Command.make(
  "audit",
  {
    repair: toggle("repair", "Mend what audits have found; a dry run without --yes"),
    ...consent
  },
  Effect.fnUntraced(function* (flags: Flags) {
    if (flags.yes && !flags.repair) return yield* usageError("--yes does nothing without --repair")
    if (!flags.repair) return yield* onTables(list)
    yield* checkConsent(flags, "Writing rows")
    yield* onTables((stack) =>
      change({
        flags,
        plan: planOf(stack),
        preview: ({ checkpoint, found, scans, cost }) =>
          Effect.succeed({
            document: { dryRun: true, audited: checkpoint ?? null, scans, cost },
            lines: [
              ...auditLines(checkpoint),
              ...repairLines(found),
              ...(found.length === 0 ? [] : [`it would take at most ${costText(cost)}${scanText(scans)}`])
            ]
          }),
        apply: ({ found }) => repair(stack, found, flags.why)
      })
    )
  })
).pipe(Command.withDescription("What audits have found that is not what the events say, and --repair, which mends it"))

const scanText = (scans: number): string =>
  scans === 0 ? "" : `, for it reads the event store ${scans === 1 ? "once" : `${number(scans)} times`}`
