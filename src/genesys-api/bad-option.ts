import { Data } from "effect"

/** No call can be made with this option or argument. `field` names it, and the message says what it should be. */
export class BadOption extends Data.TaggedError("BadOption")<{
  readonly field: string
  readonly problem: string
}> {
  override get message() {
    return `${this.field} ${this.problem}`
  }
}
