import { duration } from "../view/numbers.ts"
import { deviceNow, useNow } from "./clock.ts"
import type { Link } from "./stream.ts"

interface Badge {
  readonly tone: string
  readonly text: string
}

/** What is said of the connection. */
export const BADGES: Readonly<Record<Link, Badge>> = {
  connecting: { tone: "warn", text: "Connecting" },
  live: { tone: "good", text: "Live" },
  lost: { tone: "bad", text: "Reconnecting" },
  ended: { tone: "bad", text: "Ended" }
}

const ageText = (heardAt: number): string => {
  const age = deviceNow() - heardAt
  return age < 2_000 ? "now" : `data ${duration(age)} old`
}

export const LinkBadge = ({ link, heardAt }: { readonly link: Link; readonly heardAt: number }) => {
  useNow()
  const { tone, text } = BADGES[link]
  return (
    <div class={`badge tone-${tone}`} data-link={link}>
      <span class="dot" aria-hidden="true" />
      <strong>{text}</strong>
      {heardAt > 0 && <span class="age">{ageText(heardAt)}</span>}
    </div>
  )
}
