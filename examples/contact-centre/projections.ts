import {
  agents,
  type Columns,
  conversations,
  type Event,
  foldFacets,
  iso,
  type Projection,
  STATE_ROW
} from "genesys-cloud-projections/projection"

/** Who is on a break, and since when: one partition per agent (`agentId`) with a single row `state`. Back from it, a tombstone for an hour. */
const breaks: Projection<Event> = {
  name: "breaks",
  version: 1,
  key: "agentId",
  topics: ["v2.users.{id}.activity", "v2.users.{id}.presence"],
  deltas: foldFacets({
    presence: ({ agentId, value }) => ({
      entity: agentId,
      row: STATE_ROW,
      register: "break",
      value: ["BREAK", "MEAL"].includes(value.systemPresence)
    })
  }),
  view: (_, registers): Columns => {
    const found = registers.get("break")
    return found === undefined ? {} : { onBreak: found.value, since: iso(found.stamp.clock) }
  },
  closed: (_, registers) => registers.get("break")?.value === false,
  tombstoneSeconds: 3_600
}

/** Everything that the stack folds: the agents of the package, the conversations that tell when they are served, and the breaks of this repository. */
export const projections = [agents, conversations, breaks]
