import { type Asked, invalid, ok, type Reply } from "./route.ts"

const whole = (query: URLSearchParams, name: string, otherwise: number): number => {
  const text = query.get(name)
  if (text === null) return otherwise
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : Number.NaN
}

const DEFAULT_SIZE = 25

/** The page that is asked for; `undefined` where its size or number is none. */
const pageOf = (query: URLSearchParams, most: number) => {
  const [size, number] = [whole(query, "pageSize", DEFAULT_SIZE), whole(query, "pageNumber", 1)]
  return size <= most && number > 0 ? { size, number } : undefined
}

const uriOf = ({ path, query }: Asked, number: number): string => {
  const other = new URLSearchParams(query)
  other.set("pageNumber", String(number))
  return `${path}?${other}`
}

const wrong = (most: number): Reply =>
  invalid(`pageSize must be a whole number from 1 to ${most}, and pageNumber from 1`)

/** A page of a list with totals and links. */
export const paged = <A>(asked: Asked, most: number, items: ReadonlyArray<A>, entity: (item: A) => unknown): Reply => {
  const page = pageOf(asked.query, most)
  if (page === undefined) return wrong(most)
  const { size, number } = page
  const pageCount = Math.max(1, Math.ceil(items.length / size))
  return ok({
    entities: items.slice((number - 1) * size, number * size).map(entity),
    pageSize: size,
    pageNumber: number,
    total: items.length,
    firstUri: uriOf(asked, 1),
    lastUri: uriOf(asked, pageCount),
    ...(number < pageCount ? { nextUri: uriOf(asked, number + 1) } : {}),
    ...(number > 1 ? { previousUri: uriOf(asked, number - 1) } : {}),
    selfUri: uriOf(asked, number),
    pageCount
  })
}

/** A page of a list whose length nobody says: there is a next one as long as a page is full, and the last may be empty. */
export const followed = <A>(
  asked: Asked,
  most: number,
  items: ReadonlyArray<A>,
  entity: (item: A) => unknown
): Reply => {
  const page = pageOf(asked.query, most)
  if (page === undefined) return wrong(most)
  const { size, number } = page
  const here = items.slice((number - 1) * size, number * size)
  return ok({
    entities: here.map(entity),
    pageSize: size,
    pageNumber: number,
    ...(here.length === size ? { nextUri: uriOf(asked, number + 1) } : {}),
    ...(number > 1 ? { previousUri: uriOf(asked, number - 1) } : {}),
    selfUri: uriOf(asked, number)
  })
}
