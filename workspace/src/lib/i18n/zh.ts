// The same sections and keys as en.ts: `Same` makes a missing one a type error.
import type { Catalogue } from "./index.svelte.ts";
import common from "./zh/common.ts";
import errors from "./zh/errors.ts";
import items from "./zh/items.ts";
import models from "./zh/models.ts";
import people from "./zh/people.ts";
import project from "./zh/project.ts";
import promise from "./zh/promise.ts";
import review from "./zh/review.ts";
import settings from "./zh/settings.ts";
import start from "./zh/start.ts";
import wizard from "./zh/wizard.ts";

const zh: Catalogue = { common, errors, items, models, people, project, promise, review, settings, start, wizard };

export default zh;
