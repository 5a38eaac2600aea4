import { Config, Effect, Layer, Option } from "effect"
import { coldSource } from "../cold-source.ts"
import { archive } from "./archive.ts"
import { type EventTable, eventTableConfig } from "./event-item.ts"
import { eventSource } from "./event-source.ts"

/** All stored events: of the table, and of the archive in `bucket` where a stack has one. Calls: those of both. */
export const wholeSource = (settings: EventTable, bucket: string | undefined) =>
  bucket === undefined || bucket === ""
    ? eventSource(settings)
    : coldSource(eventSource(settings)).pipe(Layer.provide(archive({ bucket, storageClass: "STANDARD" })))

/** The same, from `EVENT_TABLE`, `OVERFLOW_BUCKET` and, where it is set, `ARCHIVE_BUCKET`. */
export const wholeSourceFromConfig = Layer.unwrap(
  Effect.gen(function* () {
    const bucket = yield* Config.option(Config.NonEmptyString("ARCHIVE_BUCKET"))
    return wholeSource(yield* eventTableConfig, Option.getOrUndefined(bucket))
  })
)
