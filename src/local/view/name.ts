/** Takes two columns of a terminal: East Asian scripts and pictures. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f000}-\u{1faff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u

/** Takes no column, and so stands in for the second one of a wide character, which has the length of one. */
const NO_WIDTH = "\u200b"

/** What is no letter, sign or space that stands in one place: marks, controls, what turns the direction, and halves of characters. */
const UNFIT = /[\p{M}\p{C}]/gu

/**
 * A name for a terminal, in at most `width` columns, with an ellipsis where something is missing. It cannot move the cursor, hide or turn
 * text; its length is the number of its columns. Undefined where nothing of it can be shown.
 */
export const nameText = (name: string, width: number): string | undefined => {
  const text = name.normalize("NFC").replace(/\s+/gu, " ").replace(UNFIT, "").trim()
  if (text === "") return undefined
  let shown = ""
  // Only where the text ends may it take the last column.
  const characters = [...text]
  for (const [i, character] of characters.entries()) {
    const isWide = WIDE.test(character)
    const fitted = isWide
      ? character.length === 1
        ? character + NO_WIDTH
        : character
      : character.length === 1
        ? character
        : "?"
    const isLast = i === characters.length - 1
    if (shown.length + fitted.length > (isLast ? width : width - 1)) return `${shown.trimEnd()}…`
    shown += fitted
  }
  return shown
}
