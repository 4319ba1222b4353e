import type en from "../en/wizard.ts";
import type { Same } from "../types.ts";

const texts: Same<typeof en> = {
  title: "x",
};

export default texts;
