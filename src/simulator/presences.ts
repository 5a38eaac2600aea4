import type { SystemPresence } from "./model.ts"

const titled = (presence: SystemPresence): string => `${presence.slice(0, 1)}${presence.slice(1).toLowerCase()}`

/** A presence as users and audits show it: `On Queue`. */
export const display = (presence: SystemPresence): string => (presence === "ON_QUEUE" ? "On Queue" : titled(presence))

/** A presence as the list of definitions spells it: `OnQueue`. */
export const defined = (presence: SystemPresence): string => display(presence).replace(" ", "")

/** Labels of presences beyond the first of their kind, and in a second language. */
const SECOND: { readonly [presence in SystemPresence]?: string } = { BREAK: "Coffee", BUSY: "Back office" }

const GERMAN: { readonly [presence in SystemPresence]: string } = {
  OFFLINE: "Offline",
  AVAILABLE: "Verfügbar",
  ON_QUEUE: "In Warteschlange",
  BREAK: "Pause",
  MEAL: "Mahlzeit",
  MEETING: "Besprechung",
  TRAINING: "Schulung",
  BUSY: "Beschäftigt",
  AWAY: "Abwesend",
  IDLE: "Inaktiv"
}

/** The labels of a definition by language. One that the organisation made has only the language in which it was made. */
export const labelsOf = (presence: SystemPresence, index: number): { readonly [language: string]: string } =>
  index === 0
    ? { en_US: display(presence), de: GERMAN[presence] }
    : { en_US: SECOND[presence] ?? `${display(presence)} ${index + 1}` }
