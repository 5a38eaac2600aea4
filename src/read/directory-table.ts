import type { DynamoDBClient } from "@aws-sdk/client-dynamodb"
import { Effect } from "effect"
import { BAD_CURSOR, directoryReads } from "../store/aws/directory-reads.ts"
import type { Fault } from "../store/aws/faults.ts"
import { BadOption, NoDirectory, ReaderError } from "./errors.ts"
import type { DirectorySource } from "./source.ts"

/** The table of names of the stack with this prefix. Calls: `BatchGetItem`, `GetItem`, and `Query` on its indexes. */
export const directoryTable = (client: DynamoDBClient, prefix: string): DirectorySource => {
  const table = `${prefix}-directory`
  const reads = directoryReads(client, table)
  const failing = (op: string) => (fault: Fault) =>
    fault.reason === "ResourceNotFoundException"
      ? new NoDirectory({ table, reason: "missing" })
      : new ReaderError({ op, reason: fault.reason, retryable: fault.retryable })
  return {
    table,
    names: (ids) => Effect.mapError(reads.entries(ids), failing("BatchGetItem")),
    list: (kind, filter, page) =>
      Effect.mapError(reads.list(kind, filter, page), (fault) =>
        // All else of the request was checked.
        fault.reason === BAD_CURSOR || (page.cursor !== undefined && fault.reason === "ValidationException")
          ? new BadOption({
              field: "after",
              problem: "belongs to no page of this list; it must be next of the page before"
            })
          : failing("Query")(fault)
      ),
    lastSwept: (kind) => Effect.mapError(reads.lastSwept(kind), failing("GetItem"))
  }
}
