import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Schema } from "effect"
import { parseTime } from "../../src/genesys/time.ts"

const utc = Date.UTC

const valid: ReadonlyArray<readonly [value: unknown, ms: number]> = [
  ["2026-05-06T09:58:31.207Z", utc(2026, 4, 6, 9, 58, 31, 207)],
  ["2026-05-06T09:58:31Z", utc(2026, 4, 6, 9, 58, 31)],
  ["2026-05-06T09:58:31", utc(2026, 4, 6, 9, 58, 31)],
  ["2026-05-06T09:58:31.5", utc(2026, 4, 6, 9, 58, 31, 500)],
  ["2026-05-06T11:28:31.207+01:30", utc(2026, 4, 6, 9, 58, 31, 207)],
  ["2026-05-06T10:58:31.207+0100", utc(2026, 4, 6, 9, 58, 31, 207)],
  ["2026-05-06T04:58:31-05", utc(2026, 4, 6, 9, 58, 31)],
  ["2026-05-06T09:58:31-00:00", utc(2026, 4, 6, 9, 58, 31)],
  ["2026-05-06T09:58:31.207999Z", utc(2026, 4, 6, 9, 58, 31, 207)],
  ["2026-05-06T09:58:31.207999999Z", utc(2026, 4, 6, 9, 58, 31, 207)],
  ["2026-05-06T10:58:31.207999999+01:00", utc(2026, 4, 6, 9, 58, 31, 207)],
  ["2016-12-31T23:59:60Z", utc(2017, 0, 1)],
  ["2016-12-31T23:59:60.250Z", utc(2017, 0, 1, 0, 0, 0, 250)],
  ["2024-02-29T00:00:00Z", utc(2024, 1, 29)],
  ["2000-02-29T00:00:00Z", utc(2000, 1, 29)],
  ["1990-01-01T00:00:00.000Z", utc(1990, 0, 1)],
  ["1989-12-31T23:00:00-01:00", utc(1990, 0, 1)],
  ["2199-12-31T23:59:59.999Z", utc(2199, 11, 31, 23, 59, 59, 999)],
  [1778061600090, 1778061600090],
  [1778061600090.9, 1778061600090],
  [1778061600, 1778061600000],
  [1778061600.09, 1778061600090],
  [1778061600.5678, 1778061600567],
  [631152000, utc(1990, 0, 1)]
]

const invalid: ReadonlyArray<unknown> = [
  "2026-02-30T00:00:00Z",
  "2026-04-31T00:00:00Z",
  "2100-02-29T00:00:00Z",
  "2026-00-06T00:00:00Z",
  "2026-13-06T00:00:00Z",
  "2026-05-00T00:00:00Z",
  "2026-05-06T24:00:00Z",
  "2026-05-06T09:60:00Z",
  "2026-05-06T09:58:61Z",
  "2026-05-06T09:58:31.Z",
  "2026-05-06T09:58:31.1234567890Z",
  "2026-05-06T09:58:31+24:00",
  "2026-05-06T09:58:31+01:60",
  "2026-05-06T09:58:31+1",
  "2026-05-06T09:58:31x01:00",
  "2026-05-06T09:58:3:Z",
  "2026/05-06T09:58:31Z",
  "2026-05/06T09:58:31Z",
  "2026-05-06T09.58:31Z",
  "2026-05-06T09:58.31Z",
  "2026-05-06T09:58:31.207999999+01:000",
  "2026-05-06T09:58:31+01:0",
  "2026-05-06T09:58:31+01:000",
  "2026-05-06T09:58:31ZZ",
  "2026-05-06T09:58:31 Z",
  " 2026-05-06T09:58:31Z",
  "2026-05-06",
  "2026-05-06 09:58:31",
  "20260506T095831Z",
  "2O26-05-06T09:58:31Z",
  "2026-05-06T09:5x:31Z",
  "1989-12-31T23:59:59.999Z",
  "2200-01-01T00:00:00Z",
  "0000-01-01T00:00:00Z",
  "0099-05-06T09:58:31Z",
  "+002026-05-06T09:58:31Z",
  "1778061600090",
  "",
  "now",
  0,
  -1,
  -1778061600090,
  631151999,
  7258118400,
  1e11 - 1,
  1e11,
  1778061600090000,
  1e300,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  null,
  undefined,
  true,
  {},
  [],
  ["2026-05-06T09:58:31Z"],
  new Date(1778061600090)
]

const instant = Arbitrary.schema(
  Schema.Int.check(Schema.isBetween({ minimum: utc(1990, 0, 2), maximum: utc(2199, 11, 30) }))
)
const offset = Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: -1_439, maximum: 1_439 })))
const pad = (value: number) => String(value).padStart(2, "0")

describe("parseTime", () => {
  it.each(valid)("reads %s", (value, ms) => assert.strictEqual(parseTime(value), ms))

  it.each(invalid.map((value) => [value]))("refuses %s", (value) => assert.isUndefined(parseTime(value)))

  it("knows how long every month is", () => {
    for (const year of [1999, 2000, 2023, 2024, 2100])
      for (let month = 0; month < 12; month++) {
        const days = new Date(utc(year, month + 1, 0)).getUTCDate()
        const day = (of: number) => `${year}-${pad(month + 1)}-${pad(of)}T00:00:00Z`
        assert.strictEqual(parseTime(day(days)), utc(year, month, days), day(days))
        assert.isUndefined(parseTime(day(days + 1)), day(days + 1))
      }
  })

  it.prop("agrees with Date on every instant and offset", [instant, offset], ([ms, minutes]) => {
    const local = new Date(ms + minutes * 60_000).toISOString().slice(0, -1)
    const away = Math.abs(minutes)
    const zone = `${minutes < 0 ? "-" : "+"}${pad(Math.floor(away / 60))}:${pad(away % 60)}`
    assert.strictEqual(parseTime(new Date(ms).toISOString()), ms)
    assert.strictEqual(parseTime(local + zone), ms)
    assert.strictEqual(parseTime(local + zone.replace(":", "")), ms)
    assert.strictEqual(parseTime(ms), ms)
  })

  it("[P4] reads the same whatever the time zone of the machine, also in hours that a clock change repeats or skips", () => {
    const before = process.env.TZ
    const zoneless = ["2026-03-08T02:30:00", "2026-11-01T01:30:00", "2026-03-29T02:30:00", "2026-10-25T02:30:00.5"]
    const read = () => [...zoneless, ...valid.map(([value]) => value)].map(parseTime)
    try {
      process.env.TZ = "UTC"
      const expected = read()
      assert.notInclude(expected, undefined)
      for (const zone of ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu"]) {
        process.env.TZ = zone
        assert.notStrictEqual(new Date(2026, 6, 1).getTime(), Date.UTC(2026, 6, 1), `${zone} is not in use`)
        assert.deepStrictEqual(read(), expected, zone)
      }
    } finally {
      if (before === undefined) delete process.env.TZ
      else process.env.TZ = before
    }
  })

  it.prop(
    "never throws and never leaves the range",
    [Schema.Union([Schema.String, Schema.Finite, Schema.Json])],
    ([value]) => {
      const ms = parseTime(value)
      assert.isTrue(ms === undefined || (Number.isInteger(ms) && ms >= utc(1990, 0, 1) && ms < utc(2200, 0, 1)))
    }
  )
})
