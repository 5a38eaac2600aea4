import { prices } from "../../src/infra/dashboard/prices.ts"
import type { Cause } from "../support/causes.ts"
import { type Counted, isStored, type Line, millionsOf, storedGb } from "./cost-model.ts"

const RATES = [10, 1_000, 50_000] as const
export type Rate = (typeof RATES)[number]
export const rates: ReadonlyArray<Rate> = RATES

const dollars = (value: number): string =>
  value === 0 ? "0" : value < 0.01 ? "< 0.01" : value < 100 ? value.toFixed(2) : Math.round(value).toLocaleString("en")

const row = (...cells: ReadonlyArray<string>) => `| ${cells.join(" | ")} |`

const tableOf = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  [row(...head), row(...head.map((_, i) => (i === 0 ? "---" : "---:"))), ...rows.map((cells) => row(...cells))].join(
    "\n"
  )

const sum = (lines: ReadonlyArray<Line>, of: (line: Line) => number): number =>
  lines.reduce((total, line) => total + of(line), 0)

/** Names of counted units, in the order of their table, and in what they are counted. */
const UNITS: Readonly<Record<keyof Counted, string>> = {
  storeWrites: "write units of the event store, an event",
  tableWrites: "write units of the projection tables, an event",
  tableReads: "read units of the projection tables, an event",
  deltas: "updates of rows, an event",
  itemBytes: "bytes of an event as it is stored",
  messages: "settle messages, a batch of append",
  appendLineBytes: "bytes of the log line of a batch",
  projectLineBytes: "bytes of the log line of an invocation of project",
  controlWrites: "write units of the control table, an invocation of project",
  controlReads: "read units of the control table, an invocation of project"
}

export const countedTable = (counted: ReadonlyMap<string, Counted>): string =>
  tableOf(
    ["counted", ...counted.keys()],
    Object.entries(UNITS).map(([unit, name]) => [
      name,
      ...[...counted.values()].map((units) => String(units[unit as keyof Counted]))
    ])
  )

/** The counted units that such a table states, by the title of their column; nothing where there is no such table. */
export const readCounted = (table: string): ReadonlyMap<string, Counted> => {
  const [head = [], , ...rows] = table.split("\n").map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim())
  )
  const names = Object.entries(UNITS)
  return new Map(
    head
      .slice(1)
      .map((title, i) => [
        title,
        Object.fromEntries(
          names.map(([unit, name]) => [unit, Number(rows.find(([first]) => first === name)?.[i + 1])])
        ) as unknown as Counted
      ])
  )
}

/** Dollars of units. */
export const priceOf = ({ write, read }: Cause): number => write * prices.writeUnit + read * prices.readUnit

/** What units are spent on, the dearest first. Less than a hundredth of a unit is not worth a line. */
export const causesTable = (causes: ReadonlyMap<string, Cause>): string =>
  tableOf(
    ["of an event", "write units", "read units"],
    [...causes]
      .filter(([, { write, read }]) => Math.max(write, read) >= 0.01)
      .sort(([, a], [, b]) => priceOf(b) - priceOf(a))
      .map(([cause, { write, read }]) => [`\`${cause}\``, write.toFixed(2), read.toFixed(2)])
  )

/** The inverse, as far as the table tells. */
export const readCauses = (table: string): ReadonlyMap<string, Cause> =>
  new Map(
    [...table.matchAll(/^\| `(.*)` \| ([\d.]+) \| ([\d.]+) \|$/gm)].map(([, cause = "", write, read]) => [
      cause,
      { write: Number(write), read: Number(read) }
    ])
  )

export const billTable = (bills: ReadonlyMap<Rate, ReadonlyArray<Line>>): string => {
  const all = [...bills]
  const names = (all[0]?.[1] ?? []).map(({ name }) => name)
  const running = (lines: ReadonlyArray<Line>) => sum(lines, (line) => (isStored(line) ? 0 : line.dollars))
  return tableOf(
    ["dollars a month", ...all.map(([rate]) => `${rate.toLocaleString("en")} events/s`)],
    [
      ...names.map((name) => [
        name,
        ...all.map(([, lines]) => dollars(lines.find((line) => line.name === name)?.dollars ?? 0))
      ]),
      ["**without storage**", ...all.map(([, lines]) => `**${dollars(running(lines))}**`)],
      ["**with it**", ...all.map(([, lines]) => `**${dollars(sum(lines, (line) => line.dollars))}**`)],
      [
        "**per million events, without storage**",
        ...all.map(([rate, lines]) => `**${dollars(running(lines) / millionsOf(rate))}**`)
      ]
    ]
  )
}

export const quietTable = (stacks: ReadonlyMap<string, ReadonlyArray<Line>>): string => {
  const all = [...stacks.values()]
  const names = (all[0] ?? []).map(({ name }) => name)
  const fixed = (lines: ReadonlyArray<Line>, name: string) => lines.find((line) => line.name === name)?.standing ?? 0
  return tableOf(
    ["dollars a month", ...stacks.keys()],
    [
      ...names
        .filter((name) => all.some((lines) => fixed(lines, name) > 0))
        .map((name) => [name, ...all.map((lines) => dollars(fixed(lines, name)))]),
      ["**in all**", ...all.map((lines) => `**${dollars(sum(lines, ({ standing }) => standing))}**`)]
    ]
  )
}

/** How the event store grows. */
export const storageTable = (counted: (rate: Rate) => Counted): string =>
  tableOf(
    ["events/s", "GB a month", "in the table, a month", "after a year, a month"],
    rates.map((rate) => {
      const gb = storedGb(rate, counted(rate))
      return [
        rate.toLocaleString("en"),
        Math.round(gb).toLocaleString("en"),
        `+ $${dollars(gb * 0.25)}`,
        `$${dollars(gb * 0.25 * 12)}`
      ]
    })
  )

export const optionsTable = (options: ReadonlyArray<readonly [option: string, dollars: number]>): string =>
  tableOf(
    ["option", "dollars a month"],
    options.map(([option, amount]) => [option, `${amount < 0 ? "-" : "+"} ${dollars(Math.abs(amount))}`])
  )
