import type en from "../en/estimate.ts";
import type { Same } from "../types.ts";

const texts: Same<typeof en> = {
  title: "各标签的占比",
  tag: "估计",
  lead: "共 {texts} 条文本；依据 {asked} 个回答（其中 {lots} 个针对随机抽取的文本）以及模型对全部文本的看法。",
  label: "标签",
  share: "占全部文本（90 % 区间）",
  worth: "相当于随机回答",
  alone: "少见：只按抽取的计",
  between: "{low}–{high}",
  more: "显示全部 {n} 个标签",
  fewer: "收起",
  right: "机器独自回答，约能答对 {share} 的文本（{span}）。",
  missing: { other: "{n} 个问题没有回答，在区间两端都按最坏情形计。" },
  why: "仅供规划。这些数字不进入任何证书，抽检的回答也不在其中。",
};

export default texts;
