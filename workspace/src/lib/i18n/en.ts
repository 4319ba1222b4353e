// One file per page, so that several people can write at once.
import common from "./en/common.ts";
import errors from "./en/errors.ts";
import items from "./en/items.ts";
import models from "./en/models.ts";
import people from "./en/people.ts";
import project from "./en/project.ts";
import promise from "./en/promise.ts";
import review from "./en/review.ts";
import settings from "./en/settings.ts";
import start from "./en/start.ts";
import wizard from "./en/wizard.ts";

export default { common, errors, items, models, people, project, promise, review, settings, start, wizard };
