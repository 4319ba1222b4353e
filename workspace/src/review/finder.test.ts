import { describe, expect, test } from "vitest";
import { find, finder, words } from "./finder.ts";

const bank = finder(["card_arrival", "lost_or_stolen_card", "cardPaymentFee", "Refund not showing up", "ATM support", "top up failed"]);
const zh = finder(["退款未到账", "银行卡丢失", "更改密码", "卡未到 (card)"]);

describe("finding", () => {
  test("nothing typed: the likeliest first, then the project's order", () => {
    expect(find(bank, "", ["ATM support", "gone", "card_arrival"], 4)).toEqual({
      labels: ["ATM support", "card_arrival", "lost_or_stolen_card", "cardPaymentFee"], total: 6,
    });
    expect(find(bank, "  ", null, 2).labels).toEqual(["card_arrival", "lost_or_stolen_card"]);
  });

  test("beginnings before insides, equals by likelihood", () => {
    expect(find(bank, "card", null, 9).labels).toEqual(["card_arrival", "cardPaymentFee", "lost_or_stolen_card"]);
    expect(find(bank, "card", ["cardPaymentFee"], 9).labels[0]).toBe("cardPaymentFee");
  });

  test("first letters of words, and several beginnings", () => {
    expect(find(bank, "tuf", null, 9).labels).toEqual(["top up failed"]);
    expect(find(bank, "lo ca", null, 9).labels).toEqual(["lost_or_stolen_card"]);
    expect(find(bank, "cpf", null, 9).labels).toEqual(["cardPaymentFee"]);
    expect(find(bank, "card lost", null, 9).labels).toEqual(["lost_or_stolen_card"]);
  });

  test("Chinese by any part, case, accents and width do not matter", () => {
    expect(find(zh, "到账", null, 9).labels).toEqual(["退款未到账"]);
    expect(find(zh, "卡", null, 9).labels).toEqual(["卡未到 (card)", "银行卡丢失"]);
    expect(find(finder(["Café crème"]), "cafe c", null, 9).total).toBe(1);
    expect(find(bank, "ＡＴＭ", null, 9).labels).toEqual(["ATM support"]);
  });

  test("nothing fits, and strange things typed", () => {
    expect(find(bank, "zzz", null, 9)).toEqual({ labels: [], total: 0 });
    for (const typed of ["(", "\\", "[a-", "😀", "___", "\u0000"]) expect(find(bank, typed, null, 9).total).toBeLessThan(7);
    expect(find(bank, "___", null, 9).total).toBe(0);
  });

  test("words", () => {
    expect(words("cardPaymentFee2 not-now")).toEqual(["card", "payment", "fee", "2", "not", "now"]);
  });

  test("two thousand labels take less than a frame", () => {
    const big = finder(Array.from({ length: 2000 }, (_, i) => `category ${i % 97} of ${i} ${"abcdefgh"[i % 8]}_thing 类别${i}`));
    find(big, "warm", null, 60);
    const times = ["warm", "c", "ca", "cat 1", "1999", "类别12", "zzzz", "thing"].map((typed) => {
      const t = performance.now();
      find(big, typed, null, 60);
      return performance.now() - t;
    });
    expect(find(big, "1999", null, 60).total).toBe(1);
    expect(times.sort((a, b) => a - b)[3]).toBeLessThan(16);
  });
});
