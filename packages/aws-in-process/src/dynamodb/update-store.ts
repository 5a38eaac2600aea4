import { ServiceError } from "../core/types.ts"
import { promised, type Store, type TableDescription } from "./dynalite.ts"
import { writtenProblem } from "./limits.ts"

/** dynalite writes the indexes before the item: here they wait until the item is known to be one that can be stored. */
export const checkingUpdates = (store: Store, table: TableDescription): Store => {
  const waiting: Array<() => Promise<unknown>> = []
  return {
    ...store,
    getIndexDb: (kind, name, index) => {
      const entries = store.getIndexDb(kind, name, index)
      return {
        ...entries,
        put: (key, item, done) => {
          waiting.push(() => promised((next) => entries.put(key, item, next)))
          done(null, undefined)
        },
        del: (key, done) => {
          waiting.push(() => promised((next) => entries.del(key, next)))
          done(null, undefined)
        }
      }
    },
    getItemDb: (name) => {
      const items = store.getItemDb(name)
      return {
        ...items,
        put: (key, item, done) => {
          const problem = writtenProblem(item, table)
          if (problem !== undefined) return done(new ServiceError("ValidationException", problem), undefined)
          Promise.all(waiting.map((write) => write())).then(
            () => items.put(key, item, done),
            (error: unknown) => done(error, undefined)
          )
        }
      }
    }
  }
}
