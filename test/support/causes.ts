import type { Billed } from "aws-in-process"

/** Units that one kind of row costs. */
export interface Cause {
  readonly write: number
  readonly read: number
}

/** The kind of a row, as the documentation writes it: `session#`. */
const kindOf = (item: Billed["before"]): string =>
  String((item?.row as { S?: string } | undefined)?.S)
    .replace(/#.*/s, "#")
    .replace(/^[\d:TZ-]+(#|$)/, "<interval>$1")

/**
 * What units of tables are spent on, by table and kind of row: `agents: session#`, with what an index of the table costs by its name.
 * `names`: what each table is called.
 */
export const makeCauses = (names: ReadonlyMap<string, string>) => {
  const causes = new Map<string, Cause>()
  const add = (name: string, { write = 0, read = 0 }: Partial<Cause>) => {
    const held = causes.get(name) ?? { write: 0, read: 0 }
    causes.set(name, { write: held.write + write, read: held.read + read })
  }
  const listen = ({ table, kind, before, after, own, indexes }: Billed): void => {
    const name = names.get(table)
    if (name === undefined) return
    const written = kind === "write" || kind === "refused"
    const row = kind === "page" ? "rows of an entity" : kindOf(after ?? before)
    if (own > 0) add(`${name}: ${row}`, written ? { write: own } : { read: own })
    for (const [index, units] of Object.entries(indexes))
      add(`${name}: index ${index}`, written ? { write: units } : { read: units })
  }
  return { listen, causes: causes as ReadonlyMap<string, Cause> }
}
