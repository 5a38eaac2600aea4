import { canonical, type Json } from "../domain/json.ts"
import type { Columns } from "../domain/projection.ts"
import type { Event } from "../genesys/event.ts"

/** What two ways of telling a projection the same history do not agree on, as text: one line for each column. */
export interface Difference {
  readonly expected: string
  readonly actual: string
}

const MOST = 200

const cut = (text: string): string => (text.length > MOST ? `${text.slice(0, MOST)}…` : text)

const lineOf = ({ published, topicName, envelope }: Event, i: number): string => {
  const { eventBody = null } = envelope.detail as { readonly eventBody?: Json }
  return `  ${i + 1}. ${new Date(published).toISOString()} ${topicName} ${cut(JSON.stringify(eventBody))}`
}

/** Events as lines, in the order in which they arrive. */
export const historyText = (events: ReadonlyArray<Event>): string => events.map(lineOf).join("\n")

/** Columns as sorted lines, so that a difference of two shows which column it is. */
export const columnsText = (columns: Columns | undefined, indent = ""): string =>
  columns === undefined
    ? `${indent}(no row)`
    : Object.keys(columns)
        .sort()
        .map((name) => `${indent}${name}: ${canonical(columns[name] as Json)}`)
        .join("\n")

/** An expectation that was not met, as test runners know it: `expected` and `actual` are texts that they show side by side. */
export class ProjectionAssertionError extends Error {
  override readonly name: string = "AssertionError"
  readonly expected: string
  readonly actual: string
  readonly showDiff = true

  constructor(message: string, { expected, actual }: Difference) {
    super(`${message}\n\nexpected\n${expected}\n\nactual\n${actual}`)
    this.expected = expected
    this.actual = actual
  }
}

/** A law that a projection breaks. `history` is the shortest that was found, in the order of arrival. */
export class LawBroken extends ProjectionAssertionError {
  readonly law: string
  readonly history: ReadonlyArray<Event>

  constructor(projection: string, law: string, says: string, history: ReadonlyArray<Event>, difference: Difference) {
    super(
      `${projection} breaks the law of ${law}: ${says}\n\nThe shortest history that shows it:\n${historyText(history)}`,
      difference
    )
    this.law = law
    this.history = history
  }
}
