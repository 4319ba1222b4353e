// What all pages but review say.
import audits from "./en/audits.ts";
import estimate from "./en/estimate.ts";
import forecast from "./en/forecast.ts";
import items from "./en/items.ts";
import models from "./en/models.ts";
import people from "./en/people.ts";
import project from "./en/project.ts";
import promise from "./en/promise.ts";
import settings from "./en/settings.ts";
import start from "./en/start.ts";
import wizard from "./en/wizard.ts";

export default { audits, estimate, forecast, items, models, people, project, promise, settings, start, wizard };
