import type en from "../en/project.ts";
import type { Same } from "../types.ts";

const texts: Same<typeof en> = {
  title: "概览",
};

export default texts;
