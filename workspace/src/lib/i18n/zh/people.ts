import type en from "../en/people.ts";
import type { Same } from "../types.ts";

const texts: Same<typeof en> = {
  title: "成员",
};

export default texts;
