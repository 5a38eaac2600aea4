import { prices } from "../../src/infra/dashboard/prices.ts"
import { HELD } from "../../src/pipeline/archive/segment.ts"

const MONTH_SECONDS = 730 * 3_600
const GIB = 2 ** 30

/** Bytes that DynamoDB stores of an item beside its own. */
const ITEM_OVERHEAD = 100

/** Bytes of the column of a week. */
const COLUMN = 11

/** Bytes of an event in the archive, in an object of 2,400 events of a simulated centre; and events of an object. */
const ARCHIVED_BYTES = 163
const OBJECT_EVENTS = 2_400

/** Microseconds of one vCPU for an event of a pass: restored, packed, read back and tallied. */
const PASS_US = 100

/**
 * What a pass saves of each part: that it writes it, and then that it has; and of each list that it reads back. `units`: write units of such a
 * save, of a state of two weeks while the table is read, and with what was found in the archive after that.
 */
export const SAVES = { part: 2, list: 1, units: { table: 25, objects: 37 } } as const

/** How often a pass that compares a week reads each list of it: to read back what it names, and to count the week. */
export const LIST_READS = 2

/** Days for which an event is in the table: those of the setting, a week until its week is over, and the days that DynamoDB takes. */
const hotDays = (retentionDays: number) => retentionDays + 10

/** US dollars in us-east-1: GB-months of table, recovery and `STANDARD_IA`, and a request of each kind. */
const rates = {
  table: 0.25,
  recovery: 0.2,
  archive: 0.0125,
  put: 0.00001,
  get: 0.000001,
  list: 0.000005,
  getStandard: 0.0000004,
  retrieved: 0.01,
  gbSecond: 0.0000133334,
  transfer: 0.02,
  metric: 0.3,
  alarm: 0.1
}

/** Metrics that S3 sends of a rule of replication, each billed like one of your own. */
const COPY_METRICS = 4

/** GB of the function, and how often in a month it reads the table. */
const FUNCTION_GB = 3_008 / 1_024
const PASSES = 730 / (7 * 24)

/** Parts that passes write in a month, each with a list of its objects. */
const partsOf = (events: number) => events / HELD

/** Control table, and lists, of the passes of a month. */
const bookkeeping = (events: number) => {
  const saves = SAVES.part * SAVES.units.table + SAVES.list * SAVES.units.objects
  return partsOf(events) * (saves * prices.writeUnit + rates.list + LIST_READS * rates.getStandard)
}

/** Read units of a scan of the table. */
const scanUnits = (perSecond: number, bytes: number, retentionDays: number) =>
  perSecond * 86_400 * hotDays(retentionDays) * ((bytes + COLUMN) / 8_192)

/** What consistent reads would add to the passes of a month, in dollars: each unit once more. */
export const consistentPasses = (perSecond: number, bytes: number, retentionDays: number) =>
  PASSES * scanUnits(perSecond, bytes, retentionDays) * prices.readUnit

/**
 * What one erasure reads after so many years, in dollars. `objects`: each object once. `keys`: pages of 1,000 keys of objects, of what they were
 * before and of lists; and each list twice, to find what no week names and to search what it does.
 */
export const eraseAfter = (perSecond: number, bytes: number, years: number, retentionDays: number) => {
  const events = perSecond * MONTH_SECONDS * 12 * years
  const [objects, lists] = [events / OBJECT_EVENTS, partsOf(events)]
  const table = scanUnits(perSecond, bytes, retentionDays) * prices.readUnit
  const read = objects * rates.get + ((events * ARCHIVED_BYTES) / GIB) * rates.retrieved
  const keys = ((2 * objects + lists) / 1_000) * rates.list + 2 * lists * rates.getStandard
  return { table, objects: read, keys, all: table + read + keys }
}

/** What storage costs in a month, after so many years, in dollars. `bytes`: of an event as it is stored. */
export const storageAfter = (perSecond: number, bytes: number, years: number, retentionDays: number) => {
  const events = perSecond * MONTH_SECONDS
  const stored = (events * (bytes + ITEM_OVERHEAD)) / GIB
  const hot = rates.table + rates.recovery
  const without = stored * 12 * years * hot
  const inTable = perSecond * 86_400 * hotDays(retentionDays)
  const table = ((inTable * (bytes + ITEM_OVERHEAD + COLUMN)) / GIB) * hot
  const archived = events * 12 * years
  const archive = ((archived * ARCHIVED_BYTES) / GIB) * rates.archive
  const objects = events / OBJECT_EVENTS
  const passes =
    PASSES * scanUnits(perSecond, bytes, retentionDays) * prices.readUnit +
    bookkeeping(events) +
    objects * (rates.put + rates.get) +
    ((events * ARCHIVED_BYTES) / GIB) * rates.retrieved +
    ((events * PASS_US) / 1e6) * FUNCTION_GB * rates.gbSecond
  return { without, table, archive, passes, with: table + archive + passes }
}

/**
 * What a copy of the archive in another account costs in a month, after so many years, in dollars. `elsewhere`: in another region.
 */
export const copyAfter = (perSecond: number, years: number, elsewhere: boolean) => {
  const events = perSecond * MONTH_SECONDS
  const month = (events * ARCHIVED_BYTES) / GIB
  const kept = month * 12 * years * rates.archive
  const objects = events / OBJECT_EVENTS
  // S3 reads the archive in its storage class, and writes there in the same.
  const copying = objects * (rates.put + rates.get) + month * rates.retrieved
  const way = elsewhere ? month * rates.transfer : 0
  const watching = COPY_METRICS * rates.metric + 2 * rates.alarm
  return { kept, copying, way, watching, all: kept + copying + way + watching }
}

const dollars = (amount: number) => Math.round(amount).toLocaleString("en")

/** The table of `docs/costs.md`, at 1,000 events a second. */
export const archiveTable = (bytes: number): string => {
  const all = [1, 5].map((years) => storageAfter(1_000, bytes, years, 30))
  const line = (name: string, of: (one: (typeof all)[number]) => number) =>
    `| ${name} | ${all.map((one) => dollars(of(one))).join(" | ")} |`
  return [
    "| dollars a month at 1,000 events/s | after one year | after five |",
    "| --- | ---: | ---: |",
    line("**without `eventRetentionDays`**: the table, and its recovery", (one) => one.without),
    line("with 30 days: the table, and its recovery", (one) => one.table),
    line("the archive in `STANDARD_IA`", (one) => one.archive),
    line("passes: reads of the table, objects, the function, the control table", (one) => one.passes),
    line("**with 30 days**", (one) => one.with)
  ].join("\n")
}

/** The table of an erasure, at 1,000 events a second. */
export const erasureTable = (bytes: number): string => {
  const all = [1, 5].map((years) => eraseAfter(1_000, bytes, years, 30))
  const line = (name: string, of: (one: (typeof all)[number]) => number) =>
    `| ${name} | ${all.map((one) => of(one).toFixed(2)).join(" | ")} |`
  return [
    "| dollars an erasure at 1,000 events/s | after one year | after five |",
    "| --- | ---: | ---: |",
    line("the event table", (one) => one.table),
    line("objects of the archive in `STANDARD_IA`", (one) => one.objects),
    line("keys and lists of the archive", (one) => one.keys),
    line("**an erasure**, without what it finds", (one) => one.all)
  ].join("\n")
}

/** The table of a copy in another account, at 1,000 events a second. */
export const copyTable = (): string => {
  const all = [1, 5].map((years) => copyAfter(1_000, years, true))
  const line = (name: string, of: (one: (typeof all)[number]) => number) =>
    `| ${name} | ${all.map((one) => dollars(of(one))).join(" | ")} |`
  return [
    "| dollars a month at 1,000 events/s | after one year | after five |",
    "| --- | ---: | ---: |",
    line("the copy in `STANDARD_IA`, on the bill of the other account", (one) => one.kept),
    line("copying: requests, and reads of the archive", (one) => one.copying),
    line("the way into another region; nothing within one", (one) => one.way),
    line("metrics and alarms", (one) => one.watching),
    line("**a copy in another account**", (one) => one.all)
  ].join("\n")
}
