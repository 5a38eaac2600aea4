const UNITS = new Set(
  `Seconds Microseconds Milliseconds Bytes Kilobytes Megabytes Gigabytes Terabytes Bits Kilobits Megabits Gigabits Terabits Percent
   Count Bytes/Second Kilobytes/Second Megabytes/Second Gigabytes/Second Terabytes/Second Bits/Second Kilobits/Second
   Megabits/Second Gigabits/Second Terabits/Second Count/Second None`.split(/\s+/)
)

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const isText = (value: unknown, max: number): value is string =>
  typeof value === "string" && value.trim() !== "" && value.length <= max && /^[\x20-\x7e]+$/.test(value)

const numbers = (value: unknown): boolean =>
  Array.isArray(value) && value.length > 0 && value.length <= 100 && value.every((one) => Number.isFinite(one))

const isTarget = (value: unknown): boolean =>
  isObject(value)
    ? numbers(value.Values) &&
      numbers(value.Counts) &&
      (value.Values as Array<number>).length === (value.Counts as Array<number>).length
    : Number.isFinite(value) || numbers(value)

/** Every rule of CloudWatch's embedded metric format that a log line breaks, in words; none for a document that it takes. */
export const emfFaults = (line: string, now: number): ReadonlyArray<string> => {
  const document = JSON.parse(line) as Record<string, unknown>
  const faults: Array<string> = []
  const expect = (holds: boolean, rule: string) => {
    if (!holds) faults.push(rule)
  }
  expect(Buffer.byteLength(line) <= 262_144, "a log event has at most 256 KiB")
  expect(!line.includes("\n"), "a document is one line")
  const { _aws: metadata } = document
  if (!isObject(metadata)) return [...faults, "the metadata object _aws is at the root"]
  const { Timestamp, CloudWatchMetrics, ...more } = metadata
  expect(Object.keys(more).length === 0, "_aws has no other members")
  expect(Number.isInteger(Timestamp), "Timestamp is a whole number of milliseconds")
  const age = now - Number(Timestamp)
  expect(age <= 14 * 86_400_000 && age >= -2 * 3_600_000, "Timestamp is at most two weeks old and two hours ahead")
  if (!Array.isArray(CloudWatchMetrics)) return [...faults, "CloudWatchMetrics is an array"]
  for (const directive of CloudWatchMetrics) {
    const { Namespace, Dimensions, Metrics } = directive
    expect(
      isText(Namespace, 1_024) && /^[\w./#:-]+$/.test(Namespace) && !Namespace.startsWith("AWS/"),
      "Namespace is a name of one's own"
    )
    expect(Array.isArray(Dimensions) && Dimensions.length > 0, "Dimensions has a set")
    for (const set of Dimensions as Array<Array<string>>) {
      expect(set.length <= 30, "a set has at most 30 dimensions")
      expect(
        set.every((key) => isText(key, 250) && !key.startsWith(":") && isText(document[key], 1_024)),
        "a dimension is text at the root"
      )
    }
    expect(Metrics.length > 0 && Metrics.length <= 100, "a directive has 1 to 100 metrics")
    for (const { Name, Unit, ...rest } of Metrics) {
      expect(isText(Name, 255), `${Name}: a name has 1 to 255 characters`)
      expect(UNITS.has(Unit), `${Name}: ${Unit} is a unit`)
      expect(
        Object.keys(rest).every((key) => key === "StorageResolution"),
        `${Name}: has no other members`
      )
      expect(isTarget(document[Name]), `${Name}: has a number, or up to 100, at the root`)
    }
    const all = (Metrics as Array<{ Name: string }>).map(({ Name }) => Name)
    expect(new Set(all).size === all.length, "no metric is there twice")
  }
  return faults
}
