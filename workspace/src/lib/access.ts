// The page's copy of the role table: it only hides what the server would refuse anyway.
import type { Role } from "./types.ts";

const LEAD = [
  "project.see", "project.change", "project.import", "project.export", "review.answer", "review.sweep",
  "review.again", "items.see", "people.see", "people.names", "people.see_own", "people.invite", "people.change", "models.see", "models.run",
  "settings.see", "ledger.see", "tokens.make",
] as const;
const OWNER = [...LEAD, "project.create", "project.delete", "workspace.backup", "workspace.keys"] as const;

export type Action = (typeof OWNER)[number];

const MAY: Record<Role, readonly Action[]> = {
  owner: OWNER,
  lead: LEAD,
  reviewer: ["project.see", "review.answer", "review.sweep", "items.see", "people.see_own", "models.see"],
  inspector: [
    "project.see", "items.see", "people.see", "models.see", "settings.see", "ledger.see", "project.export",
  ],
};

/** Whether a role may do an action; no role may do nothing. */
export function may(role: Role | null | undefined, action: Action): boolean {
  return role != null && MAY[role].includes(action);
}
