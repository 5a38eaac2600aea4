import { generation, storageNeeds } from "../../domain/projection.ts"
import { firstGenerations } from "../../domain/readers.ts"
import { ArchiveCopy } from "../archive-copy.ts"
import { Bucket } from "../bucket.ts"
import { capacityOf } from "../capacity.ts"
import { ChangesPolicy } from "../changes-policy.ts"
import { ControlTable } from "../control-table.ts"
import { DirectoryTable } from "../directory-table.ts"
import { EntityTable } from "../entity-table.ts"
import { EventTable } from "../event-table.ts"
import { ProjectionTable } from "../projection-table.ts"
import { ReadPolicy } from "../read-policy.ts"
import type { Blueprint } from "./blueprint.ts"
import type { ingest } from "./ingest.ts"

/** Days after which an export is deleted. It is a copy of the event store, and a replay of it is over by then. */
const EXPORT_DAYS = 90

/** What is kept, and who may read it. */
export const store = (
  { config, load, projections, prefix, named, tags, opts }: Blueprint,
  { encrypted }: Pick<ReturnType<typeof ingest>, "encrypted">
) => {
  const { protect } = config
  const derived = capacityOf(load)
  const entities = derived.entityTable
    ? new EntityTable(
        named("entities"),
        { tableName: `${prefix}-entities`, ...encrypted, warm: derived.entityTable, tags },
        opts
      )
    : undefined
  const events = new EventTable(
    named("events"),
    {
      tableName: `${prefix}-events`,
      ...encrypted,
      warm: derived.eventTable,
      protect,
      windows: config.eventRetentionDays > 0,
      ...(config.eventTableName === "" ? {} : { use: config.eventTableName }),
      tags,
      ...(entities && { after: entities.table })
    },
    opts
  )
  const control = new ControlTable(
    named("control"),
    { tableName: `${prefix}-control`, readers: firstGenerations(projections), protect, tags },
    opts
  )
  const directory = new DirectoryTable(
    named("directory"),
    { tableName: `${prefix}-directory`, ...encrypted, tags },
    opts
  )
  const expiring = { expireDays: config.quarantineRetentionDays, ...encrypted, protect, tags }
  const overflow = new Bucket(named("overflow"), { versioned: true, ...encrypted, protect, tags }, opts)
  const quarantine = new Bucket(named("quarantine"), expiring, opts)
  const failures = new Bucket(named("failures"), expiring, opts)
  const exports = new Bucket(named("exports"), { ...expiring, expireDays: EXPORT_DAYS }, opts)
  const archive =
    config.eventRetentionDays === 0
      ? undefined
      : new Bucket(named("archive"), { versioned: true, ...encrypted, protect, tags }, opts)
  const archiveCopy =
    archive === undefined || config.archiveCopyBucketArn === ""
      ? undefined
      : new ArchiveCopy(
          named("archive-copy"),
          {
            archive,
            bucketArn: config.archiveCopyBucketArn,
            account: config.archiveCopyAccount,
            ...(encrypted.kmsKey && { keys: { own: encrypted.kmsKey, there: config.archiveCopyKeyArn } }),
            tags
          },
          opts
        )
  const tables = Object.fromEntries(
    projections.map((projection) => {
      const name = generation(projection)
      const table = {
        tableName: `${prefix}-${name}`,
        projection,
        retain: protect,
        adopt: config.adoptedTables.includes(name),
        stream: config.projectionStreams,
        tags
      }
      const args = { ...table, ...encrypted, warm: derived.projectionTable }
      return [name, new ProjectionTable(named(name), args, opts)]
    })
  )
  const needs = storageNeeds(projections)
  const readers = new ReadPolicy(
    named("readers"),
    { tables, summarised: needs.summarised, control, directory, ...encrypted, tags },
    opts
  )
  const changes = config.projectionStreams
    ? new ChangesPolicy(named("changes"), { tables: Object.values(tables), control, ...encrypted, tags }, opts)
    : undefined
  return {
    entities,
    events,
    control,
    directory,
    overflow,
    quarantine,
    failures,
    exports,
    archive,
    archiveCopy,
    tables,
    needs,
    readers,
    changes
  }
}
