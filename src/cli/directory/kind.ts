import { Option } from "effect"
import { Argument } from "effect/cli"
import { DIRECTORY_KINDS } from "../../domain/directory.ts"

/** What the directory lists, by its name or by that of one of them: `agents` or `agent`, as `explain` takes both. */
export const kind = Argument.String("kind").pipe(
  Argument.filterMap(
    (text) => Option.fromUndefinedOr(DIRECTORY_KINDS.find((one) => one === text || one === `${text}s`)),
    () => `one of ${DIRECTORY_KINDS.join(", ")}`
  ),
  Argument.withDescription(`One of ${DIRECTORY_KINDS.join(", ")}`)
)
