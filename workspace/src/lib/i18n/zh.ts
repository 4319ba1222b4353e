// The same sections and keys as en.ts: the type makes a missing one an error.
import type { First } from "./index.svelte.ts";
import common from "./zh/common.ts";
import errors from "./zh/errors.ts";
import review from "./zh/review.ts";

const zh: First = { common, errors, review };

export default zh;
