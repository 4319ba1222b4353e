import type en from "../en/review.ts";
import type { Same } from "../types.ts";

const texts: Same<typeof en> = {
  title: "审阅",
};

export default texts;
