import { makeIds } from "./random.ts"

/** Something of the organisation that people know by its name. */
export interface Named {
  readonly id: string
  readonly name: string
}

export type Division = Named

const TREES = ["Alder", "Birch", "Cedar", "Hazel", "Juniper", "Larch", "Maple", "Rowan", "Spruce", "Willow"] as const

const digits = (number: number): string => String(number + 1).padStart(3, "0")

/** The name and the address of an agent: nobody is called so. */
export const nameOf = (number: number): { readonly name: string; readonly email: string } => ({
  name: `Agent ${digits(number)} ${TREES[(7 * number) % TREES.length]}`,
  email: `agent.${digits(number)}@example.com`
})

const namedBy = (purpose: string, names: ReadonlyArray<string>, seed: number): ReadonlyArray<Named> => {
  const id = makeIds(`${seed}:${purpose}`)
  return names.map((name) => ({ id: id(), name }))
}

export const makeDivisions = (seed: number): ReadonlyArray<Division> =>
  namedBy("divisions", ["Home", "North", "South"], seed)

export const makeTeams = (seed: number): ReadonlyArray<Named> => namedBy("teams", ["Early", "Late"], seed)

export const wrapupCodeNames = ["Resolved", "Call back", "Escalated", "Wrong number", "Sold", "Complaint"] as const
