// Light and dark: by the system unless chosen here.
import { kept } from "./tools.ts";

export type Theme = "auto" | "light" | "dark";

class Look {
  theme = $state<Theme>((kept.get("theme") as Theme | null) ?? "auto");
}
export const look = new Look();

export function paint(theme: Theme): void {
  look.theme = theme;
  kept.set("theme", theme === "auto" ? null : theme);
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
