// Plain arithmetic of axes.

/** A straight map from one range to another; a range of no width maps to the middle. */
export function line(from: readonly [number, number], to: readonly [number, number]): (x: number) => number {
  const width = from[1] - from[0];
  return (x) => (width ? to[0] + ((x - from[0]) / width) * (to[1] - to[0]) : (to[0] + to[1]) / 2);
}

/** Round numbers from 0 up to the first that is at least `most`: 0, 500, 1000 for 873. About `n` steps. */
export function ticks(most: number, n = 4): number[] {
  if (!(most > 0)) return [0, 1];
  const rough = most / n;
  const ten = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((m) => m * ten >= rough) ?? 10) * ten;
  const found = [0];
  while ((found.at(-1) ?? 0) < most - step * 1e-9) found.push(Number((found.length * step).toPrecision(12)));
  return found;
}

/** A share as it may be shown for a bound: never rounded down, to a tenth of a percent. */
export function up(share: number): number {
  return Math.ceil(Number((share * 1000).toPrecision(9))) / 1000;
}

/** The path of a line through points; `step` holds each value until the next one. */
export function path(points: readonly (readonly [number, number])[], step = false): string {
  const at = (n: number) => Number(n.toFixed(1));
  return points.map(([x, y], i) => (i ? (step ? `H${at(x)}V${at(y)}` : `L${at(x)} ${at(y)}`) : `M${at(x)} ${at(y)}`)).join("");
}

/** The index of the value nearest to x in a sorted list. */
export function nearest(sorted: readonly number[], x: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < x) low = middle + 1;
    else high = middle;
  }
  return low > 0 && Math.abs((sorted[low - 1] ?? 0) - x) <= Math.abs((sorted[low] ?? 0) - x) ? low - 1 : low;
}

/** At most `n` of many, evenly, the first and the last among them: for a table that can be read. */
export function some<T>(all: readonly T[], n: number): T[] {
  if (all.length <= n) return [...all];
  return Array.from({ length: n }, (_, i) => all[Math.round((i * (all.length - 1)) / (n - 1))] as T);
}
