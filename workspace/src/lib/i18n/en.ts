// What the shell and the review page say. The other pages' texts are in en.pages.ts, which they load with them.
// One file per page, so that several people can write at once.
import common from "./en/common.ts";
import errors from "./en/errors.ts";
import review from "./en/review.ts";

export default { common, errors, review };
