import { beforeEach, expect, test } from "vitest";
import { more, speak } from "../lib/i18n/index.svelte.ts";
import { planned } from "./audits.ts";

beforeEach(async () => {
  await speak("en");
  await more();
});

test("counts stand against the plan, where it has one", async () => {
  expect(planned({ wrong: 1, tolerated: 3 })).toBe("1 wrong, 3 tolerated");
  expect(planned({ wrong: 2, tolerated: null })).toBe("2 wrong");
  await speak("zh");
  expect(planned({ wrong: 1, tolerated: 3 })).toBe("错 1 个，容许 3 个");
});
