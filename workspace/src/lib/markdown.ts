// A small safe subset of Markdown, parsed into plain values that Markdown.svelte draws as nodes:
// headings, lists, quotes, code, rules, bold, italics, code words, links to http(s) only.

export type Inline =
  | { kind: "text"; text: string }
  | { kind: "code"; text: string }
  | { kind: "bold"; inside: Inline[] }
  | { kind: "italic"; inside: Inline[] }
  | { kind: "link"; href: string; inside: Inline[] }
  | { kind: "break" };

export type Block =
  | { kind: "heading"; level: 1 | 2 | 3; inside: Inline[] }
  | { kind: "paragraph"; inside: Inline[] }
  | { kind: "list"; ordered: boolean; items: Inline[][] }
  | { kind: "quote"; inside: Block[] }
  | { kind: "code"; text: string }
  | { kind: "rule" };

const LINK = /^\[([^\]\n]{1,500})\]\((https?:\/\/[^\s()<>"]{1,2000})\)/;
const DEEP = 6;

/** The words of one line or paragraph. Anything unknown stays text. */
export function inline(text: string, depth = 0): Inline[] {
  const out: Inline[] = [];
  let plain = "";
  const flush = () => {
    if (plain) out.push({ kind: "text", text: plain });
    plain = "";
  };
  for (let i = 0; i < text.length; ) {
    const rest = text.slice(i, i + 4000);
    const found = depth < DEEP ? (word(rest, depth) ?? null) : null;
    if (found) {
      flush();
      out.push(found.node);
      i += found.length;
    } else plain += text[i++];
  }
  flush();
  return out;
}

function word(rest: string, depth: number): { node: Inline; length: number } | null {
  const first = rest[0];
  if (first === "\\" && /^\\[\\`*_[\]()#>-]/.test(rest)) return { node: { kind: "text", text: rest[1] ?? "" }, length: 2 };
  if (first === "\n") return { node: { kind: "break" }, length: 1 };
  if (first === "`") {
    const m = /^`([^`\n]+)`/.exec(rest);
    return m ? { node: { kind: "code", text: m[1] ?? "" }, length: m[0].length } : null;
  }
  if (first === "[") {
    const m = LINK.exec(rest);
    return m ? { node: { kind: "link", href: m[2] ?? "", inside: inline(m[1] ?? "", DEEP) }, length: m[0].length } : null;
  }
  if (first !== "*" && first !== "_") return null;
  const bold = /^(\*\*|__)(?=\S)([\s\S]*?\S)\1(?![*_])/.exec(rest);
  if (bold) return { node: { kind: "bold", inside: inline(bold[2] ?? "", depth + 1) }, length: bold[0].length };
  const italic = /^([*_])(?=\S)([^*_\n]*?\S)\1(?![\p{L}\p{N}])/u.exec(rest);
  return italic ? { node: { kind: "italic", inside: inline(italic[2] ?? "", depth + 1) }, length: italic[0].length } : null;
}

const BULLET = /^\s{0,3}[-*+]\s+/;
const NUMBER = /^\s{0,3}\d{1,3}[.)、]\s*/;
const RULE = /^\s{0,3}([-*_])(\s*\1){2,}\s*$/;
const special = (line: string) => /^(#{1,6}\s|>|```)/.test(line) || RULE.test(line) || BULLET.test(line) || NUMBER.test(line);

/** The blocks of a text; never throws, whatever the text. */
export function markdown(text: string, depth = 0): Block[] {
  const lines = text.replace(/\r\n?/g, "\n").split("\n");
  const out: Block[] = [];
  for (let i = 0; i < lines.length; ) {
    const take = (ok: (line: string) => boolean): string[] => {
      const got: string[] = [];
      while (i < lines.length && ok(lines[i] ?? "")) got.push(lines[i++] ?? "");
      return got;
    };
    const line = lines[i] ?? "";
    const heading = /^(#{1,6})\s+(.*?)\s*#*$/.exec(line);
    if (!line.trim()) i++;
    else if (heading) {
      i++;
      const level = Math.min(3, (heading[1] ?? "").length) as 1 | 2 | 3;
      out.push({ kind: "heading", level, inside: inline(heading[2] ?? "") });
    } else if (line.startsWith("```")) {
      i++;
      const body = take((l) => !l.startsWith("```"));
      i++;
      out.push({ kind: "code", text: body.join("\n") });
    } else if (RULE.test(line)) {
      i++;
      out.push({ kind: "rule" });
    } else if (line.startsWith(">") && depth < DEEP) {
      const body = take((l) => l.startsWith(">")).map((l) => l.replace(/^>\s?/, ""));
      out.push({ kind: "quote", inside: markdown(body.join("\n"), depth + 1) });
    } else if (BULLET.test(line) || NUMBER.test(line)) {
      const mark = BULLET.test(line) ? BULLET : NUMBER;
      const items = take((l) => mark.test(l) && !RULE.test(l)).map((l) => inline(l.replace(mark, "")));
      out.push({ kind: "list", ordered: mark === NUMBER, items });
    } else {
      const first = lines[i++] ?? "";
      const body = [first, ...take((l) => !!l.trim() && !special(l))];
      out.push({ kind: "paragraph", inside: inline(body.join("\n")) });
    }
  }
  return out;
}
