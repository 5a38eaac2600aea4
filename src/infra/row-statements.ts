import * as pulumi from "@pulumi/pulumi"
import { OPEN_INDEX, type StorageNeeds } from "../domain/projection.ts"
import { allow, type Statement } from "./policy.ts"

/** What writing rows of projections needs: of each table what its fold asks for, and nothing else. */
export const rowStatements = (
  tables: Readonly<Record<string, { readonly arn: pulumi.Input<string> }>>,
  { summarised, indexed, sources }: StorageNeeds
): ReadonlyArray<Statement> => {
  const arns = (generations: ReadonlyArray<string>) => generations.flatMap((name) => tables[name]?.arn ?? [])
  const some = (actions: readonly [string, ...Array<string>], resources: ReadonlyArray<pulumi.Input<string>>) =>
    resources.length === 0 ? [] : [allow([...actions], ...resources)]
  return [
    ...some(
      ["dynamodb:BatchGetItem", "dynamodb:PartiQLInsert", "dynamodb:PartiQLUpdate"],
      Object.values(tables).map(({ arn }) => arn)
    ),
    ...some(["dynamodb:UpdateItem"], arns(summarised)),
    ...some(
      ["dynamodb:Query"],
      [...arns(indexed).map((arn) => pulumi.interpolate`${arn}/index/${OPEN_INDEX.name}`), ...arns(sources)]
    )
  ]
}
