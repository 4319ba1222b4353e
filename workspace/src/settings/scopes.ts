// What a token may be given, in the words of people, and the actions of the server behind each.
import type { Action } from "../lib/access.ts";

export type Scope = "read" | "answer" | "import" | "export" | "run";

export const SCOPES: Record<Scope, Action[]> = {
  read: ["project.see", "items.see", "people.see_own", "models.see"],
  answer: ["review.answer"],
  import: ["project.import"],
  export: ["project.export"],
  run: ["models.run"],
};
