import type en from "../en/models.ts";
import type { Same } from "../types.ts";

const texts: Same<typeof en> = {
  title: "模型",
};

export default texts;
