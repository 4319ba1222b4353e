// The counts of a look against its plan, in words.
import { t } from "../lib/i18n/index.svelte.ts";
import type { AuditLook } from "../lib/types.ts";

/** "1 wrong, 3 tolerated"; a stream's plan tolerates no fixed count. */
export function planned(look: Pick<AuditLook, "wrong" | "tolerated">): string {
  return look.tolerated === null ? t("audits.wrong_n", { n: look.wrong }) : t("audits.wrong_of", { n: look.wrong, tolerated: look.tolerated });
}
