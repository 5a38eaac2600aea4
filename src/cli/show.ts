import { createHash } from "node:crypto"
import { Effect, Option } from "effect"
import { iso } from "../domain/time.ts"
import { type OpenedEvent, type Place, RejectedEvents } from "../store/rejected-events.ts"
import { audited, requireWhy } from "./audit.ts"
import { CliExit, EXIT, usageError } from "./exit.ts"
import { given, type SelectionOptions, type SiteOptions } from "./flags.ts"
import { onSite } from "./open.ts"
import { redact } from "./redact.ts"
import { events as eventsText, printable, Screen } from "./screen.ts"
import { insistOnSome, select } from "./select.ts"
import { judge } from "./verdict.ts"

export interface ShowOptions extends SiteOptions, SelectionOptions {
  readonly keys: ReadonlyArray<string>
  readonly raw: boolean
  readonly json: boolean
  readonly why: Option.Option<string>
}

const verdictText = (key: string, event: OpenedEvent): string => {
  const verdict = judge(key, event)
  return verdict._tag === "accepted" ? "would take it" : `${verdict._tag}: ${verdict.why}`
}

/** An event as it may be shown: what was noted beside it, what the present door says, and its redacted body. */
const document = (key: string, event: OpenedEvent) => ({
  key,
  reason: event.reason,
  detail: event.detail,
  received: iso(event.received),
  ...(event.attempts === undefined ? {} : { attempts: event.attempts }),
  size: event.raw.length,
  sha256: createHash("sha256").update(event.raw).digest("hex"),
  door: verdictText(key, event),
  event: redact(event.raw)
})

const text = (key: string, opened: OpenedEvent): string => {
  const { event, ...notes } = document(key, opened)
  const lines = Object.entries(notes).map(([name, value]) => `${name.padEnd(9)} ${printable(String(value))}`)
  return [...lines, "", JSON.stringify(event, undefined, 2), ""].join("\n")
}

/** Bytes for a terminal: text with what could act on the terminal written out. */
const forTerminal = (raw: Uint8Array): string => Buffer.from(raw).toString("utf8").split("\n").map(printable).join("\n")

type Opened = ReadonlyArray<readonly [key: string, event: OpenedEvent]>

const present = Effect.fnUntraced(function* (opened: Opened, { raw, json }: ShowOptions) {
  const screen = yield* Screen
  if (json) {
    const documents = opened.map(([key, event]) => {
      const shown = document(key, event)
      return raw ? { ...shown, raw: Buffer.from(event.raw).toString("base64") } : shown
    })
    screen.print(JSON.stringify({ events: documents }, undefined, 2))
  } else if (raw)
    for (const [, event] of opened)
      if (screen.outputIsTerminal) screen.print(forTerminal(event.raw))
      else screen.write(event.raw)
  else for (const [key, event] of opened) screen.print(text(key, event))
})

/** `projections quarantine show` and `projections parked show`. */
export const show = (place: Place) =>
  Effect.fnUntraced(function* (options: ShowOptions) {
    const { keys, raw, json, limit, reason, since, until } = options
    const why = Option.some(yield* requireWhy(options.why))
    if (raw && !json && keys.length !== 1)
      return yield* usageError("--raw shows the bytes of one event as they are: give one key, or --json for several")
    yield* onSite(options, (site) =>
      Effect.gen(function* () {
        const held = yield* RejectedEvents
        const range = keys.length > 0 ? { keys } : { reason, since, until, limit }
        const use = { site, command: `${place} show`, filters: given({ ...range, raw }), why }
        const work = Effect.gen(function* () {
          const selected = yield* select(place, keys, options)
          const opened: Array<Opened[number]> = []
          const gone: Array<string> = []
          for (const { key } of selected.events) {
            const event = yield* held.open(key)
            if (event === undefined) gone.push(key)
            else opened.push([key, event])
          }
          return { opened, gone, more: selected.more }
        })
        const { opened, gone, more } = yield* audited(use, work, (done) => ({
          outcome: raw ? "shown raw" : "shown redacted",
          counts: { events: Option.match(done, { onNone: () => 0, onSome: ({ opened }) => opened.length }) }
        }))
        if (opened.length > 0 || json) yield* present(opened, options)
        if (more) (yield* Screen).note(`the oldest ${eventsText(opened.length)}; for more, raise --limit`)
        yield* insistOnSome(place, { events: opened })
        if (gone.length > 0)
          return yield* new CliExit({ code: EXIT.partly, message: `${gone.join(", ")}: not in ${place} any more` })
      })
    )
  })
