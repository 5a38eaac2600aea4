import { useEffect, useState } from "preact/hooks"

export type Theme = "light" | "dark"

const KEY = "theme"
const dark = matchMedia("(prefers-color-scheme: dark)")

const chosen = (): Theme | undefined => {
  const kept = localStorage.getItem(KEY)
  return kept === "light" || kept === "dark" ? kept : undefined
}

/** The theme that was chosen here, or that of the device, and what turns it round. A choice that is that of the device is no choice. */
export const useTheme = (): { readonly theme: Theme; readonly turn: () => void } => {
  const device = (): Theme => (dark.matches ? "dark" : "light")
  const [theme, set] = useState<Theme>(() => chosen() ?? device())
  useEffect(() => {
    document.documentElement.dataset.theme = theme
  }, [theme])
  useEffect(() => {
    const listener = () => set(chosen() ?? device())
    dark.addEventListener("change", listener)
    return () => dark.removeEventListener("change", listener)
  }, [])
  const turn = () => {
    const next = theme === "dark" ? "light" : "dark"
    if (next === device()) localStorage.removeItem(KEY)
    else localStorage.setItem(KEY, next)
    set(next)
  }
  return { theme, turn }
}
