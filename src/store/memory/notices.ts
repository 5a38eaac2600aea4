import { Effect, Layer } from "effect"
import { type Notice, Notices } from "../notices.ts"

/** Notices in memory. `sent` looks inside. */
export const memoryNotices = () => {
  const sent: Array<Notice> = []
  const layer = Layer.succeed(Notices, {
    publish: (notice) =>
      Effect.sync(() => {
        sent.push(notice)
      })
  })
  return { layer, sent: (): ReadonlyArray<Notice> => sent }
}
