// The result as a file.
import { at } from "../lib/api.ts";
import { t } from "../lib/i18n/index.svelte.ts";

const FORMS = [["csv", "csv"], ["jsonl", "jsonl"], ["parquet", "parquet"], ["label-studio", "label_studio"]] as const;

/** A menu of the forms in which a project's result can be taken. */
export function forms(project: string): { label: string; icon: "download"; do: () => void }[] {
  return FORMS.map(([form, key]) => ({ label: t(`models.as_${key}`), icon: "download" as const, do: () => take(project, form) }));
}

/** Starts the download; the server streams it, so it never lies in the page. */
function take(project: string, form: string): void {
  const link = document.createElement("a");
  link.href = `/api${at(project, "export")}?format=${form}`;
  link.download = "";
  link.click();
}
