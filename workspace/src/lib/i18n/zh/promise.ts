import type en from "../en/promise.ts";
import type { Same } from "../types.ts";

const texts: Same<typeof en> = {
  title: "承诺",
  lead: "结果必须守住的底线，其余的都由它决定。",
  sentence_delivered: "在交付的全部文本中，机器判错而又无人核对的至多占 {error}；这一点要有 {confidence} 的把握。",
  sentence_selective: "在机器单独判断的文本中，判错的至多占 {error}；这一点要有 {confidence} 的把握。",
  max_error: "允许的错误",
  confidence: "要有多大把握",
  strict: "更严",
  loose: "更宽",
  of: "按什么计算",
  each: "对每个标签分别承诺，而不是对一条文本的全部标签一起承诺",
  each_hint: "这样，每个标签都可以在至多这一比例的文本上出错，因而有更多文本可自动完成。对比这一比例更少见的标签，它说明不了什么。",
  of_delivered: "交付的全部文本",
  of_selective: "机器单独判断的部分（更严格）",
  cost_title: "至少要付出",
  cost: { other: "{n} 次人工回答" },
  cost_share: "占文本的 {share}",
  cost_why: "这是精确的下限：随机抽出的文本里，回答再少就无法证明这个承诺，哪怕模型从不出错。供模型学习的回答另算。",
  cost_clean: "前提是这些回答与机器没有一次不一致；每出现一次，就要多回答一些。",
  cost_errors: { other: "全部 {items} 条文本中，错误不超过 {n} 条就算守住承诺。" },
  cost_all: "文本太少，这个承诺无法证明，只能全部由人回答。请放宽承诺，或者添加文本。",
  measured_title: "别处的实际花费",
  measured: "{low} 到 {high} 的文本由人回答",
  measured_why: "在公开的基准数据集上以 {error}、{confidence} 测得，包括供学习和抽检的回答。你的数据会有出入；有了第一批回答后，会给出本项目自己的预测。",
  measured_sets: "所用的基准数据集",
  measured_set: "数据集",
  measured_share: "由人回答",
  unknown: "暂时得不到这个数字。",
};

export default texts;
