// What is built and committed: small, plain, and nothing in it that the policy of the server forbids.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";

const folder = join(import.meta.dirname, "../../cowise/web/static");
const files = readdirSync(folder);
const read = (name: string) => readFileSync(join(folder, name), "utf8");
const packed = (name: string) => gzipSync(readFileSync(join(folder, name)), { level: 9 }).length;

/** The files that a file loads at once, itself included. */
function loaded(start: string[], all = new Set<string>()): Set<string> {
  for (const name of start) {
    if (all.has(name) || !existsSync(join(folder, name))) continue;
    all.add(name);
    if (!name.endsWith(".js")) continue;
    loaded([name.replace(/\.js$/, ".css")], all);
    const found = [...read(name).matchAll(/(?:^|[;}\s])(?:import|export)\b[^"'`();]*["'`]\.\/([\w.-]+\.js)["'`]/g)];
    loaded(found.map((m) => m[1] ?? ""), all);
  }
  return all;
}

describe("the bundle", () => {
  const SHELL = ["index.html", "first.js", "app.js", "index.css", "icon.svg"];

  test.each(["en.js", "zh.js"])("its shell, the review page and the texts of %s weigh less than 80 kB gzipped", (texts) => {
    const first = [...loaded([...SHELL, "Review.js", texts])].map((name) => [name, packed(name)] as const);
    const total = first.reduce((sum, [, size]) => sum + size, 0);
    expect(first.length).toBeGreaterThan(6);
    expect(total, JSON.stringify(first)).toBeLessThan(80_000);
  });

  test("every other page loads at most 40 kB beside the shell", () => {
    const shell = loaded(SHELL);
    for (const page of files.filter((name) => /^[A-Z]/.test(name))) {
      const own = [...loaded([page])].filter((name) => !shell.has(name));
      expect(own.reduce((sum, name) => sum + packed(name), 0), page).toBeLessThanOrEqual(40_000);
    }
  });

  test("has no hashes in its names and no source maps", () => {
    for (const name of files) {
      expect(name).not.toMatch(/[-.][A-Za-z0-9_-]{8}\.(js|css)$/);
      expect(name).not.toMatch(/\.map$/);
      expect(read(name)).not.toContain("sourceMappingURL");
    }
  });

  test("loads nothing from elsewhere and has nothing inline", () => {
    const html = read("index.html");
    expect(html).not.toMatch(/<script(?![^>]*\ssrc=)/);
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=/);
    for (const name of files.filter((x) => /\.(css|html|js)$/.test(x))) {
      const away = [...read(name).matchAll(/(?:src|href)=["']?(?:https?:)?\/\/[^"'\s>]+|@import[^;]+|url\(["']?(?!data:|#)[^)]+\)/g)];
      expect(away.map((m) => m[0]), name).toEqual([]);
    }
  });

  test("writes no markup and evaluates no text", () => {
    for (const name of files.filter((x) => x.endsWith(".js")))
      expect(read(name), name).not.toMatch(/\.(inner|outer)HTML\s*=|insertAdjacentHTML|\bdocument\.write\b|\beval\(|new Function\(/);
  });
});

describe("the sources", () => {
  const sources = readdirSync(join(import.meta.dirname, "../src"), { recursive: true, encoding: "utf8" }).filter((x) => x.endsWith(".svelte"));
  const source = (name: string) => readFileSync(join(import.meta.dirname, "../src", name), "utf8");

  test.each(sources)("%s keeps to the policy", (name) => {
    const text = source(name);
    expect(text).not.toContain("{@html");
    expect(text.replace(/<style>[\s\S]*<\/style>/, "")).not.toMatch(/\sstyle=["{]/);
  });

  test("colours stand in app.css alone", () => {
    const own = sources.filter((name) => /#[0-9a-f]{3,8}\b(?=[;\s])/i.test(/<style>[\s\S]*<\/style>/.exec(source(name))?.[0] ?? ""));
    expect(own).toEqual([]);
  });
});
