import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import type * as pulumi from "@pulumi/pulumi"

/** The one file of a function's code, as the engine or a program has it: named by its path from `folder`. */
export const codeOf = (assets: Readonly<Record<string, unknown>>, folder = "."): string => {
  const names = Object.keys(assets)
  if (names.length !== 1 || names[0] !== "index.mjs") throw new Error(`the function has the files ${names}`)
  return readFileSync(resolve(folder, (assets["index.mjs"] as { readonly path: string }).path), "utf8")
}

/** The code in an archive that `functionCode` made. */
export const textOf = async (archive: pulumi.asset.Archive): Promise<string> => {
  const assets = await (archive as pulumi.asset.AssetArchive).assets
  const paths = await Promise.all(
    Object.entries(assets).map(async ([name, asset]) => [name, { path: await (asset as pulumi.asset.FileAsset).path }])
  )
  return codeOf(Object.fromEntries(paths))
}
