import * as pulumi from "@pulumi/pulumi"
import { OPEN_INDEX } from "../domain/projection.ts"
import { Table, type Tags } from "./aws.ts"
import { RAISED_BY_TRAFFIC, type TableOptions, tableOptions } from "./table-options.ts"

export interface ProjectionTableArgs extends TableOptions {
  /** Names the generation, so that a raised version is a new table beside the old one. */
  readonly tableName: string
  /** The partition key column, such as `agentId`. The sort key is `row`. */
  readonly key: string
  /**
   * The columns that the summary of an entity reads, where the projection has one. They are what the index `open` holds, of rows that
   * are open.
   */
  readonly summaryColumns?: ReadonlyArray<string>
  /**
   * Leave the table in AWS when it leaves the program: its readers may still be on it when the version is raised. It is not
   * protected otherwise, because a rebuild brings back every row.
   */
  readonly retain: boolean
  /** Whether what changes in it can be read from a stream, with old and new images. */
  readonly stream: boolean
  readonly tags: Tags
}

/** One generation of one projection. */
export class ProjectionTable extends pulumi.ComponentResource {
  readonly name: pulumi.Output<string>
  readonly arn: pulumi.Output<string>
  /** Empty without a stream. */
  readonly streamArn: pulumi.Output<string>

  constructor(name: string, args: ProjectionTableArgs, opts?: pulumi.ComponentResourceOptions) {
    super("genesys-cloud-projections:store:ProjectionTable", name, {}, opts)
    const table = new Table(
      name,
      {
        name: args.tableName,
        billingMode: "PAY_PER_REQUEST",
        hashKey: args.key,
        rangeKey: "row",
        attributes: [
          { name: args.key, type: "S" },
          { name: "row", type: "S" },
          ...(args.summaryColumns === undefined ? [] : [{ name: OPEN_INDEX.key, type: "S" }])
        ],
        ...openIndex(args.summaryColumns),
        ...(args.stream ? { streamEnabled: true, streamViewType: "NEW_AND_OLD_IMAGES" } : {}),
        ttl: { enabled: true, attributeName: "expiresAt" },
        ...tableOptions(args),
        tags: args.tags
      },
      { parent: this, retainOnDelete: args.retain, ignoreChanges: RAISED_BY_TRAFFIC }
    )
    this.name = table.name
    this.arn = table.arn
    this.streamArn = args.stream ? table.streamArn : pulumi.output("")
    this.registerOutputs({ name: this.name, arn: this.arn, streamArn: this.streamArn })
  }
}

/**
 * A local index, because only that can be read consistently, which the tickets of summaries rely on. It holds the columns and not
 * the registers, so that what every summary reads is about half as large. A local index can only be made with its table, and keeps
 * all that a partition holds in one place: 10 GB, and 1,000 write units a second, are the most for one entity.
 */
const openIndex = (columns: ReadonlyArray<string> | undefined) =>
  columns === undefined
    ? {}
    : {
        localSecondaryIndexes: [
          { name: OPEN_INDEX.name, rangeKey: OPEN_INDEX.key, projectionType: "INCLUDE", nonKeyAttributes: [...columns] }
        ]
      }
