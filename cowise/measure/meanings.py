"""What each figure says, how each interval is made and why one is missing: a sentence each, English and Chinese."""

from __future__ import annotations

Both = tuple[str, str]

FIGURES: dict[str, tuple[Both, Both]] = {
    "accuracy": (("accuracy", "正确率"), ("Of all items, the share that is right.", "全部条目中答对的占比。")),
    "balanced_accuracy": (
        ("balanced accuracy", "平衡正确率"),
        ("The mean over labels of how often an item with that label is right: rare labels count as much as common ones.", "各标签答对比例的平均：少见的标签与常见的同样重要。"),
    ),
    "mcc": (
        ("Matthews correlation", "马修斯相关系数"),
        ("The correlation of what is said with what is true: 1 is always right, 0 no better than chance, whatever the shares of labels.", "所答与真相的相关：1 为全对，0 与随意猜测无异，不受各标签占比影响。"),
    ),
    "precision": (("precision", "精确率"), ("Of the items said to have the label, the share that has it.", "被判为该标签的条目中，确有该标签的占比。")),
    "recall": (("recall", "召回率"), ("Of the items that have the label, the share said to have it.", "确有该标签的条目中，被判为该标签的占比。")),
    "f1": (("F1", "F1"), ("The harmonic mean of precision and recall: high only where both are.", "精确率与召回率的调和平均：两者都高才高。")),
    "micro_precision": (("micro precision", "微平均精确率"), ("Precision over all items together; with one label for each item it is the accuracy.", "全部条目合计的精确率；每条一个标签时即正确率。")),
    "micro_recall": (("micro recall", "微平均召回率"), ("Recall over all items together; with one label for each item it is the accuracy.", "全部条目合计的召回率；每条一个标签时即正确率。")),
    "micro_f1": (("micro F1", "微平均 F1"), ("F1 over all items together; with one label for each item it is the accuracy.", "全部条目合计的 F1；每条一个标签时即正确率。")),
    "macro_precision": (("macro precision", "宏平均精确率"), ("The mean of the labels' precisions; a label never said counts 0.", "各标签精确率的平均；从未被判出的标签计 0。")),
    "macro_recall": (("macro recall", "宏平均召回率"), ("The mean of the labels' recalls; a label that only was said, and never true, counts 0.", "各标签召回率的平均；只被判出而从不为真的标签计 0。")),
    "macro_f1": (("macro F1", "宏平均 F1"), ("The mean of the labels' F1: a rare label that goes wrong costs as much as a common one.", "各标签 F1 的平均：少见标签出错与常见标签出错代价相同。")),
    "weighted_precision": (("weighted precision", "加权精确率"), ("The mean of the labels' precisions, each weighed by how often it is true.", "各标签精确率按其真实出现次数加权的平均。")),
    "weighted_recall": (("weighted recall", "加权召回率"), ("The mean of the labels' recalls, each weighed by how often it is true: the accuracy.", "各标签召回率按其真实出现次数加权的平均，即正确率。")),
    "weighted_f1": (("weighted F1", "加权 F1"), ("The mean of the labels' F1, each weighed by how often it is true.", "各标签 F1 按其真实出现次数加权的平均。")),
    "top": (("top {k}", "前 {k} 位"), ("The share of items whose true label is among the {k} likeliest; labels as likely as the true one count before it.", "真实标签在可能性最大的 {k} 个之中的条目占比；与真实标签同样可能的标签排在它之前。")),
    "log_loss": (("log loss", "对数损失"), ("The mean of -ln of the probability given to the truth: being sure and wrong costs most; 0 is best. Below 1e-15 counts as 1e-15.", "给真实标签的概率取 -ln 的平均：确信而答错代价最大；0 最好。低于 1e-15 的按 1e-15 计。")),
    "brier": (("Brier score", "布里尔分数"), ("The mean squared distance of the probabilities from the truth, of two labels that of one alone; 0 is best.", "概率与真相之差平方和的平均（两个标签时只取一个）；0 最好。")),
    "ece": (
        ("calibration error, equal width", "校准误差（等宽）"),
        ("How far the stated confidence is from the accuracy on average, in bins of equal width. As it stands: chance alone makes it too high.", "所述把握与正确率的平均差距，按等宽分箱。未作修正：单凭偶然就会偏高。"),
    ),
    "ece_mass": (
        ("calibration error, equal mass", "校准误差（等量）"),
        ("How far the stated confidence is from the accuracy on average, in bins of equally many items. As it stands: chance alone makes it too high.", "所述把握与正确率的平均差距，按条目数相等分箱。未作修正：单凭偶然就会偏高。"),
    ),
    "ece_debiased": (
        ("calibration error, debiased", "校准误差（去偏）"),
        ("The calibration error in bins of equally many items, less an estimate of what chance adds: of a calibrated model about half of that remains.", "按条目数相等分箱的校准误差，减去对偶然部分的估计：模型校准良好时，仍会留下约一半。"),
    ),
    "auroc": (("AUROC", "AUROC"), ("How often an item with the label gets a higher probability of it than one without, ties half; the mean over labels.", "有该标签的条目得到的概率高于没有的条目的比例，相等计一半；取各标签平均。")),
    "auprc": (("AUPRC", "AUPRC"), ("The average precision as the probability asked for falls; the mean over labels, of two labels that of the second.", "所要求的概率由高到低时精确率的平均；取各标签平均，两个标签时取第二个。")),
    "aurc": (("AURC", "AURC"), ("The mean error of the surest items, over every share of them that could be answered alone; 0 is best.", "只答最有把握的一部分时的错误率，对各种占比取平均；0 最好。")),
    "difference_accuracy": (("difference in accuracy", "正确率之差"), ("By how much the first is right more often than the second, on the same items.", "在同样的条目上，前者比后者多答对的占比。")),
    "difference_macro_f1": (("difference in macro F1", "宏平均 F1 之差"), ("By how much the first's macro F1 is above the second's, on the same items.", "在同样的条目上，前者的宏平均 F1 高出后者多少。")),
}  # fmt: skip
"""name: ((title, in Chinese), (sentence, in Chinese)); the number of a top-k stands after its name."""

INTERVALS: dict[str, Both] = {
    "exact": ("Clopper & Pearson: exact, holds at least as often as it says.", "Clopper 与 Pearson 的精确区间：包含真值的机会不低于所述。"),
    "union": ("From exact intervals of its parts, held all at once: wider than need be, since too few were wrong, or right, to tell the spread.", "由各部分同时成立的精确区间得出：对或错的太少，看不出离散程度，因此偏宽。"),
    "bootstrap": ("Percentiles of resamples of the table of true and said labels, corrected for their bias: approximate, weaker where labels are rare.", "对真实与所答标签的列表重抽样，取修正偏差后的分位数：近似，标签少见时较弱。"),
    "moments": ("By mean, spread and skewness (Hall 1992): approximate.", "由平均、离散与偏度得出（Hall 1992）：近似。"),
    "log-odds": ("By the items' influence, on the log-odds: approximate, weaker with few items of a label.", "由各条目的影响在对数几率上得出：近似，某标签条目少时较弱。"),
    "bound": ("By the most that chance can add, and take away: holds whether or not the model is calibrated, at a low end that is often too low.", "按偶然至多能增加与减少的量得出：无论模型是否校准都成立，但下端往往偏低。"),
}  # fmt: skip

NOTES: dict[str, Both] = {
    "never-said": ("never said", "从未被判出"),
    "never-true": ("never true", "从不为真"),
    "one-label": ("only one label is true, or only one is said", "真实标签只有一种，或所答只有一种"),
    "one-true": ("only one label is true", "真实标签只有一种"),
    "few": ("too few wrong or right for an interval", "对或错的太少，给不出区间"),
    "no-spread": ("no spread in what was seen, so no interval", "所见没有离散，给不出区间"),
    "alike": ("both say the same of every item", "两者对每个条目所答相同"),
    "left-out": ("labels that are never true, or always, are left out", "从不为真或总为真的标签未计入"),
}

WORDS: dict[str, Both] = {
    "figure": ("figure", "指标"),
    "figures": ("Figures", "指标"),
    "value": ("value", "数值"),
    "interval": ("{sure} interval", "{sure} 区间"),
    "kind": ("kind", "种类"),
    "label": ("label", "标签"),
    "labels": ("By label", "按标签"),
    "true": ("true", "真实"),
    "said": ("said", "所答"),
    "slice": ("slice", "分片"),
    "slices": ("By slice", "按分片"),
    "items": ("items", "条目"),
    "more": ("… {n} more", "……另有 {n} 行"),
    "exact": ("exact", "精确"),
    "union": ("union", "合并"),
    "bootstrap": ("bootstrap", "重抽样"),
    "moments": ("moments", "矩"),
    "log-odds": ("log-odds", "对数几率"),
    "bound": ("bound", "界"),
    "only": ("right: {name} alone", "仅 {name} 对"),
    "p": ("p, exact", "p（精确）"),
    "holm": ("p, Holm", "p（Holm）"),
    "wins": ("wins", "胜者"),
    "nobody": ("–", "–"),
    "whole": (
        "Of {n} items {a} alone is right on {first}, {b} alone on {second}: exact McNemar p: {p}. They say different things of {differ}.",
        "{n} 个条目中，仅 {a} 答对 {first} 个，仅 {b} 答对 {second} 个：McNemar 精确检验 p：{p}。两者所答不同的有 {differ} 个。",
    ),
    "size": ("{n} items, {k} labels, {how}", "{n} 个条目，{k} 个标签，{how}"),
    "with": ("with probabilities", "附概率"),
    "without": ("without probabilities", "无概率"),
}  # fmt: skip
"""Words and lines of the sheets."""
