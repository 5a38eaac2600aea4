/** The list in the order that was held, what is new behind it. */
export const inHeldOrder = <A>(
  list: ReadonlyArray<A>,
  held: ReadonlyArray<string>,
  idOf: (one: A) => string
): ReadonlyArray<A> => {
  const byId = new Map(list.map((one) => [idOf(one), one]))
  const before = held.flatMap((id) => {
    const one = byId.get(id)
    byId.delete(id)
    return one === undefined ? [] : [one]
  })
  return [...before, ...byId.values()]
}
