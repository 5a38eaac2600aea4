import type * as pulumi from "@pulumi/pulumi"
import { Bus } from "../bus.ts"
import { capacityOf } from "../capacity.ts"
import { eventSource } from "../config.ts"
import { Copy } from "../copy.ts"
import { CustomerKey } from "../customer-key.ts"
import { Feed } from "../feed.ts"
import { Notices } from "../notices.ts"
import { Stream } from "../stream.ts"
import type { Blueprint } from "./blueprint.ts"

/** What events pass through before a function sees them, and what everything is encrypted with. */
export const ingest = ({ config, load, prefix, named, tags, opts }: Blueprint) => {
  const { protect } = config
  const bus = new Bus(
    named("bus"),
    { partnerSource: config.genesysEventSource, existing: config.existingBusArn, protect, tags },
    opts
  )
  const key = { alias: prefix, bus: bus.arn, alarmPrefix: prefix, protect, tags }
  const encrypted: { readonly kmsKey?: pulumi.Output<string> } = config.customerKey
    ? { kmsKey: new CustomerKey(named("key"), key, opts).arn }
    : {}
  const { shards } = capacityOf(load)
  const stream = new Stream(
    named("stream"),
    { shards, retentionHours: config.streamRetentionHours, ...encrypted, protect, tags },
    opts
  )
  const matched = {
    bus: bus.name,
    source: eventSource(config),
    topics: config.topics,
    retryAttempts: config.busRetryAttempts,
    maxEventAgeSeconds: config.busMaxEventAgeSeconds,
    dlqRetentionDays: config.dlqRetentionDays,
    ...encrypted,
    protect,
    tags
  }
  const feed = new Feed(named("feed"), { ...matched, stream: stream.arn }, opts)
  const region = config.secondRegion
  const copy = region === "" ? undefined : new Copy(named("copy"), { ...matched, region }, opts)
  const notices = new Notices(
    named("notices"),
    { alarmPrefix: prefix, email: config.noticeEmail, ...encrypted, protect, tags },
    opts
  )
  return { bus, encrypted, stream, feed, copy, notices }
}
