import { expect, test } from "vitest";
import { changed } from "./whatif.ts";

test("labels are compared with those of the text before, by name", () => {
  const now = [{ label: "bug", p: 0.7 }, { label: "praise", p: 0.3 }];
  expect(changed(now, null).map((one) => one.change)).toEqual([null, null]);
  const found = changed(now, [{ label: "praise", p: 0.5 }]);
  expect(found.map((one) => one.label)).toEqual(["bug", "praise"]);
  expect(found[0]?.change).toBeNull();
  expect(found[1]?.change).toBeCloseTo(-0.2);
});
