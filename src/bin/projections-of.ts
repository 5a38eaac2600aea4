import { existsSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { ownProjections, type ProjectionsModule, projectionsFrom } from "../infra/projections-module.ts"

/** The nearest folder, from `folder` upwards, that has a file of that name; undefined where there is none. */
export const nearest = (file: string, folder: string): string | undefined =>
  existsSync(join(folder, file)) ? folder : dirname(folder) === folder ? undefined : nearest(file, dirname(folder))

/**
 * What the stack of a project folds: the module that the nearest `package.json` names under `projections`, relative to that file, or
 * else the package's own agents and queues. Rejects with a sentence where the module is not there or faulty.
 */
export const projectionsOf = async (folder: string): Promise<ProjectionsModule> => {
  const home = nearest("package.json", folder)
  if (home === undefined) return ownProjections
  const { projections } = JSON.parse(readFileSync(join(home, "package.json"), "utf8")) as { projections?: unknown }
  if (projections === undefined) return ownProjections
  if (typeof projections !== "string")
    throw new Error(`${home}/package.json: projections is ${JSON.stringify(projections)}; set the path of a module.`)
  return projectionsFrom(join(home, projections))
}
