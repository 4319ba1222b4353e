// Sets of labels: as the server writes them in one cell, and as one puts them together.
import { t } from "../lib/i18n/index.svelte.ts";
import type { Answer } from "../lib/types.ts";

/** The set of no label, in a cell. */
export const EMPTY = "[]";

/** The labels in a cell of the server's. */
export function labelsIn(cell: string | null): string[] {
  return !cell || cell === EMPTY ? [] : cell.split("; ");
}

/** A cell as people read it. */
export function called(cell: string): string {
  return cell === EMPTY ? t("review.none") : cell;
}

/** A label put in, or taken out if it is there; in the order of the task. */
export function toggled(chosen: readonly string[], label: string, labels: readonly string[]): string[] {
  const next = new Set(chosen);
  if (!next.delete(label)) next.add(label);
  return labels.filter((one) => next.has(one));
}

/** The labels that an answer gave; those of a task for one label, too. */
export function given(answer: Answer | null): string[] {
  if (answer?.kind === "label" && typeof answer.value === "string") return [answer.value];
  return answer?.kind === "labels" && Array.isArray(answer.value) ? answer.value : [];
}

/** What stands chosen when a question comes: what this person said of it before, else what is suggested. */
export function atFirst(was: Answer | null, suggestion: string | null, labels: readonly string[]): string[] {
  const from = new Set(was ? given(was) : labelsIn(suggestion));
  return labels.filter((one) => from.has(one));
}

/** Whether the cells of a column seem to name several labels each: parts between signs come again in others. */
export function several(cells: readonly string[]): boolean {
  const lists = cells.filter((cell) => /^\[.*\]$/s.test(cell) || /[;|；]/.test(cell));
  return lists.length > 1 && apart(cells).length < cells.length;
}

/** Labels or numbers that people write in a column, one after another: the distinct ones in their order. */
export function apart(cells: readonly string[]): string[] {
  const found = cells.flatMap((cell) => {
    if (/^\[.*\]$/s.test(cell)) {
      try {
        const list: unknown = JSON.parse(cell);
        if (Array.isArray(list)) return list.map(String);
      } catch {
        // no list: labels in brackets
      }
    }
    const parts = cell.split(/[;|；]/);
    return parts.length > 1 ? parts : cell.split(/[,，、]/);
  });
  return [...new Set(found.map((one) => one.trim()).filter(Boolean))];
}
