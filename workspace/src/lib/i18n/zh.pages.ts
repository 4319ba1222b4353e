// The same sections and keys as en.pages.ts.
import type { More } from "./index.svelte.ts";
import audits from "./zh/audits.ts";
import estimate from "./zh/estimate.ts";
import forecast from "./zh/forecast.ts";
import items from "./zh/items.ts";
import models from "./zh/models.ts";
import people from "./zh/people.ts";
import project from "./zh/project.ts";
import promise from "./zh/promise.ts";
import settings from "./zh/settings.ts";
import start from "./zh/start.ts";
import wizard from "./zh/wizard.ts";

const zh: More = { audits, estimate, forecast, items, models, people, project, promise, settings, start, wizard };

export default zh;
