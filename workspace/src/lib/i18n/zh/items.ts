import type en from "../en/items.ts";
import type { Same } from "../types.ts";

const texts: Same<typeof en> = {
  title: "条目",
};

export default texts;
