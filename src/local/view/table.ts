import { clip, clipLine, type Line, type Span, span } from "./text.ts"

/**
 * A column of a table. `width` is fixed, so that nothing jumps from frame to frame; where the columns do not fit, those with the
 * greatest `drop` go first, and those without it never.
 */
export interface Column<A> {
  readonly title: string
  readonly width: number
  readonly align: "left" | "right"
  readonly drop?: number
  readonly cell: (row: A) => Span
}

/** Between columns. */
export const GAP = 2

/** How wide the columns are together. */
export const tableWidth = <A>(columns: ReadonlyArray<Column<A>>): number =>
  columns.reduce((sum, { width }) => sum + width + GAP, -GAP)

/** The columns that stay however narrow it gets. */
export const lasting = <A>(columns: ReadonlyArray<Column<A>>): ReadonlyArray<Column<A>> =>
  columns.filter(({ drop }) => drop === undefined)

/** The columns that fit. */
export const fitting = <A>(columns: ReadonlyArray<Column<A>>, width: number): ReadonlyArray<Column<A>> => {
  let kept = columns
  while (tableWidth(kept) > width) {
    const first = Math.max(...kept.map(({ drop }) => drop ?? 0))
    if (first === 0) break
    kept = kept.filter(({ drop }) => drop !== first)
  }
  return kept
}

const place = ({ text, tone }: Span, width: number, align: "left" | "right"): Span => {
  const clipped = clip(text, width)
  return span(align === "left" ? clipped.padEnd(width) : clipped.padStart(width), tone)
}

/**
 * `height` lines at most: the titles and then the rows, of which the last gives way to `+n more` where they do not all fit.
 */
export const table = <A>(
  columns: ReadonlyArray<Column<A>>,
  rows: ReadonlyArray<A>,
  width: number,
  height: number
): ReadonlyArray<Line> => {
  const shown = fitting(columns, width)
  const line = (cells: ReadonlyArray<Span>): Line =>
    clipLine(
      cells.flatMap((cell, i) => {
        const { width: cellWidth, align } = shown[i]!
        const placed = place(cell, cellWidth, align)
        return i === 0 ? [placed] : [span(" ".repeat(GAP)), placed]
      }),
      width
    )
  const room = height - 1
  const visible = rows.length <= room ? rows.length : Math.max(0, room - 1)
  const lines = [line(shown.map(({ title }) => span(title, "dim")))]
  for (const row of rows.slice(0, visible)) lines.push(line(shown.map(({ cell }) => cell(row))))
  if (visible < rows.length) lines.push([span(`+${rows.length - visible} more`, "dim")])
  return lines.slice(0, height)
}
