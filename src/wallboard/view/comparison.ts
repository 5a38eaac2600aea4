/** A figure of a queue in a time, epoch ms, of one medium: as Genesys reports it, and as it is counted here. */
export interface Comparison {
  readonly figure: "Offered" | "Answered" | "Abandoned" | "Service level"
  /** `voice`, `chat` and others; `all` of all of them. */
  readonly media: string
  readonly from: number
  /** The end of the time, or up to when Genesys has counted where it goes on. */
  readonly until: number
  readonly theirs: number
  /** Absent where the time began before what is known here. */
  readonly ours?: number
  /** From when on events were heard here, epoch ms, where the time began before: ours is not all of it. */
  readonly heardFrom?: number
}
