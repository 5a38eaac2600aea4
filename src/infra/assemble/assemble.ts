import { capacityOf } from "../capacity.ts"
import { Eraser } from "../eraser.ts"
import { Watch } from "../watch.ts"
import type { Blueprint } from "./blueprint.ts"
import { compute } from "./compute.ts"
import { ingest } from "./ingest.ts"
import { store } from "./store.ts"

/** Makes everything that a stack consists of, below the component that `opts` names as parent. */
export const assemble = (blueprint: Blueprint) => {
  const { config, load, prefix, named, tags, opts } = blueprint
  const ingested = ingest(blueprint)
  const stored = store(blueprint, ingested)
  const computed = compute(blueprint, ingested, stored)
  const { bus, feed, stream, copy, notices } = ingested
  const { settle, append, project, redrive, replay, reconcile, archiver, audit } = computed
  const { events, entities, control, directory, tables } = stored
  const { shards, appendSeconds, projectSeconds } = capacityOf(load)
  const watch = new Watch(
    named("watch"),
    {
      prefix,
      named,
      config,
      capacity: { shards, memoryMb: config.functionMemoryMb, appendSeconds, projectSeconds },
      bus,
      feed,
      stream,
      settle,
      ...(copy && { copy }),
      ...(stored.archiveCopy && { archiveCopy: stored.archiveCopy }),
      functions: {
        append,
        project,
        redrive,
        replay,
        ...(reconcile && { reconcile }),
        ...(archiver && { archive: archiver }),
        ...(audit && { audit })
      },
      tables: { events, ...(entities && { entities }), control, directory, ...tables },
      notices,
      tags
    },
    opts
  )
  const { overflow, quarantine, failures, exports, needs } = stored
  const eraser =
    config.erasers.length === 0
      ? undefined
      : new Eraser(
          named("eraser"),
          {
            erasers: config.erasers,
            events,
            ...(entities && { entities }),
            directory,
            tables,
            needs,
            overflow,
            quarantine,
            failures,
            exports,
            ...(stored.archive && { archive: stored.archive }),
            control,
            feed,
            settle,
            stream,
            ...ingested.encrypted,
            tags
          },
          opts
        )
  return { ...ingested, ...stored, ...computed, watch, eraser }
}

export type Parts = ReturnType<typeof assemble>
