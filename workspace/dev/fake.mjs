// A stand-in for the server while pages are made: the contract's API in memory, over texts of samples/.
// node dev/fake.mjs [PORT] [--signed-out] [--empty]; never shipped, never tested against: the real server is.
import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const root = join(import.meta.dirname, "../..");
const pages = process.env.PAGES ?? join(root, "cowise/web/static");
const port = Number(process.argv[2] ?? 8765);
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'self'; " +
  "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
const now = () => Date.now() / 1000;

function csv(text) {
  const rows = [];
  let row = [], cell = "", quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quoted) {
      if (c === '"' && text[i + 1] === '"') (cell += '"'), i++;
      else if (c === '"') quoted = false;
      else cell += c;
    } else if (c === '"') quoted = true;
    else if (c === "," || c === "\n") {
      row.push(cell), (cell = "");
      if (c === "\n") rows.push(row), (row = []);
    } else if (c !== "\r") cell += c;
  }
  if (cell || row.length) rows.push([...row, cell]);
  const [head, ...rest] = rows;
  return rest.filter((r) => r.length === head.length).map((r) => Object.fromEntries(head.map((h, i) => [h, r[i]])));
}
const SAMPLES = {
  bank: { title: "Bank customers' questions", language: "en", rows: csv(readFileSync(join(root, "samples/bank/bank.csv"), "utf8")) },
  travel: { title: "旅行咨询", language: "zh", rows: csv(readFileSync(join(root, "samples/travel/travel.csv"), "utf8")) },
};
const random = (seed) => () => ((seed = (seed * 1103515245 + 12345) & 0x7fffffff) / 0x7fffffff);

class Refusal extends Error {
  constructor(status, kind, message) {
    super(message);
    Object.assign(this, { status, kind });
  }
}
const projects = new Map();
const jobs = new Map();
const listeners = new Set();
const files = new Map();
let tokens = [];
let account = { id: "a1", name: "Lin", language: "", owner: true, has_password: false };
let signedIn = !process.argv.includes("--signed-out");

function tell(project, what, job) {
  for (const r of listeners) r.write(`event: project\ndata: ${JSON.stringify({ project, what, job })}\n\n`);
}
function make(name, labels, rows, { language = "en", promise, instructions = "", answers = 0 } = {}) {
  const r = random(7 + rows.length);
  const items = rows.map((row, i) => ({
    ordinal: i, id: (i * 2654435761 >>> 0).toString(16).padStart(8, "0") + "e1", text: row.text, truth: row.label, weight: 1 + (i % 17 === 0),
    route: "open", label: null, p: null, flags: 0, meta: i % 3 ? {} : { source: "mail", row: i + 2 },
  }));
  const p = {
    name, labels, kind: "classify", language, instructions, encoder: "use-multilingual", task_notes: "", created: now() - 86400 * 3,
    promise: { max_error: 0.05, confidence: 0.95, of: "delivered", per_label: false, ...promise }, items, done: [], cursor: 0,
    error_bound: null, flags: 0, history: [], certs: [], versions: [],
  };
  for (let i = 0; i < answers; i++) items[i * 3 % items.length].route = "reviewed", (items[i * 3 % items.length].label = items[i * 3 % items.length].truth);
  if (answers > 300) {
    for (const it of items) if (it.route === "open" && r() < 0.86) (it.route = "automated"), (it.label = r() < 0.97 ? it.truth : labels[0]), (it.p = 0.9 + 0.1 * r());
    p.error_bound = 0.041;
    for (let i = 0; i < 2; i++) p.versions.push({ id: "v" + (i + 1), state: i ? "released" : "retired", at: now() - 86400 + i * 40000, metrics: { accuracy: 0.88 + i * 0.05, log_loss: 0.4 - i * 0.12 } });
    const base = { method: "lots", window: "batch", max_error: 0.05, confidence: 0.95, of: "delivered", n_items: items.length, version: "v2" };
    p.certs.push(
      { id: "c1", at: now() - 40000, state: "withdrawn", reason: "labels changed", bound: 0.049, n_automated: 1100, n_audited: 60, n_errors: 0, coverage: 0.46, ...base, version: "v1",
        sentence: { en: "Of 2,406 texts at most 4.9 % may be a wrong answer of the machine that nobody checked, with 95 % confidence.", zh: "在 2,406 条文本中，机器单独给出且无人核对的错误答案至多 4.9 %，置信度 95 %。" } },
      { id: "c2", at: now() - 3000, state: "valid", reason: "", bound: 0.041, n_automated: 1830, n_audited: 88, n_errors: 0, coverage: 0.76, ...base,
        sentence: { en: "Of 2,406 texts at most 4.1 % may be a wrong answer of the machine that nobody checked, with 95 % confidence.", zh: "在 2,406 条文本中，机器单独给出且无人核对的错误答案至多 4.1 %，置信度 95 %。" } });
    for (let i = 0; i <= 60; i++) {
      const a = Math.round(answers * i / 60);
      p.history.push({ at: now() - 86400 + i * 1400, answers: a, training: Math.round(a * 0.78), audit: Math.round(a * 0.14), deferred: Math.round(a * 0.08),
        automated: i < 30 ? 0 : i < 55 ? 1100 : 1830, open: items.length - a - (i < 30 ? 0 : i < 55 ? 1100 : 1830) });
    }
  }
  projects.set(name, p);
  return p;
}
if (!process.argv.includes("--empty")) {
  make("bank questions", [...new Set(SAMPLES.bank.rows.map((r) => r.label))].sort(), SAMPLES.bank.rows, { answers: 412,
    instructions: "# What is the customer after?\n\nChoose the **one** intent that an agent would act on *first*.\n\n- A lost card goes before anything else.\n- `card_arrival` is about a new card in the post.\n\nSee [the handbook](https://example.org/handbook)." });
  make("旅行咨询", [...new Set(SAMPLES.travel.rows.map((r) => r.label))].sort(), SAMPLES.travel.rows, { language: "zh", answers: 37 });
}
// Sets for the review page: two labels, few with initials, over a thousand, and texts that pages break on.
const odd = ["the printer is on fire again", "זה טקסט בעברית (with Latin) מימין לשמאל", "x ".repeat(500_000), "<img src=x onerror=alert(1)> <script>alert(1)</script>", "a\tb\n\n  indented\n    more", "ซึ่งเป็นข้อความภาษาไทยที่ไม่มีช่องว่าง 😀👩‍👩‍👧‍👦 e\u0301", "", "long line ".repeat(2000), "第一段。\n第二段。"];
const rowsOf = (labels) => Array.from({ length: 60 }, (_, i) => ({ text: i % 5 ? `message ${i}: please look at this ` + "and think about it ".repeat(i % 7) : odd[(i / 5) % odd.length], label: labels[i % labels.length] }));
if (process.argv.includes("--odd")) {
  for (const [name, labels] of [["two", ["spam", "ham"]], ["few", ["bug", "complaint about an invoice or a payment that somebody never made", "praise", "other <b>thing</b>", "取消订单"]], ["many", Array.from({ length: 1200 }, (_, i) => `category ${i} ${["lost card", "refund", "交通", "weather"][i % 4]}`)]])
    make(name, labels, rowsOf(labels));
  make("nothing", ["a", "b", "c"], []);
}
const counts = (p) => {
  const c = { automated: 0, reviewed: 0, open: 0 };
  for (const it of p.items) c[it.route]++;
  return c;
};
function project(p) {
  const c = counts(p), n = p.items.length || 1;
  const phase = !p.items.length ? "add" : !c.open ? "stop" : c.reviewed > 300 ? "audit" : "train";
  return {
    name: p.name, labels: p.labels, kind: p.kind, items: p.items.length, rows: p.items.length, automated_share: c.automated / n, human_share: c.reviewed / n,
    open: c.open, phase, next: "Answer questions.", role: "owner", created: p.created, error_bound: p.error_bound, promise: p.promise,
  };
}
const detailed = (p) => ({ ...project(p), instructions: p.instructions, language: p.language, encoder: p.encoder, task_notes: p.task_notes });
function of(name) {
  const p = projects.get(name);
  if (!p) throw new Refusal(404, "missing", `project '${name}' does not exist or is not yours`);
  return p;
}
function question(p, it, i) {
  const r = random(it.ordinal + 3), blind = i % 4 === 0;
  const order = [it.truth, ...p.labels.filter((l) => l !== it.truth)];
  return { token: "t" + it.ordinal, item: it.id, text: it.text, meta: it.meta, suggestion: blind ? null : r() < 0.9 ? it.truth : p.labels[0],
    p: blind ? null : 0.4 + 0.58 * r(), order: blind ? null : order, reason: "person", expires: now() + 600 };
}
function job(p, kind, seconds, end) {
  const j = { id: "j" + (jobs.size + 1), project: p.name, kind, state: "running", what: kind, done: 0, total: 100, per_s: 100 / seconds, seconds_left: seconds, result: null, error: null };
  jobs.set(j.id, j);
  const timer = setInterval(() => {
    j.done = Math.min(100, j.done + 10 / seconds * 2);
    j.seconds_left = (100 - j.done) / j.per_s;
    if (j.done >= 100) (j.state = "done"), (j.seconds_left = 0), clearInterval(timer), (j.result = end?.() ?? {}), tell(p.name, "status");
    if (j.state === "cancelled") clearInterval(timer);
    tell(p.name, "job", j);
  }, 200);
  return j;
}
const meOf = () => ({ account, projects: [...projects.keys()].map((name) => ({ name, role: "owner" })) });

const routes = [
  ["GET", "/health", () => ({ ok: true, version: "0.1.0" })],
  ["POST", "/session/link", ({ body }) => {
    if (body.token !== "good") throw new Refusal(410, "missing", "this link was used already or is older than 10 minutes");
    signedIn = true;
    return meOf();
  }],
  ["POST", "/session", ({ body }) => {
    if (body.password !== "secret-pass") throw new Refusal(401, "unauthenticated", "name and password do not belong together");
    signedIn = true;
    return meOf();
  }],
  ["DELETE", "/session", () => void (signedIn = false)],
  ["GET", "/me", meOf],
  ["PATCH", "/me", ({ body }) => {
    account = { ...account, ...("language" in body && { language: body.language }), ...(body.name && { name: body.name }), has_password: account.has_password || !!body.password };
    return meOf();
  }],
  ["GET", "/invitations/:t", () => ({ project: "bank questions", role: "reviewer", by: "Lin" })],
  ["POST", "/invitations/:t", ({ body }) => ((account = { ...account, name: body.name ?? account.name }), (signedIn = true), meOf())],
  ["GET", "/projects", () => ({ projects: [...projects.values()].map(project) })],
  ["POST", "/projects", ({ body }) => {
    if (projects.has(body.name)) throw new Refusal(409, "conflict", `a project named '${body.name}' exists already; choose another name`);
    return [201, project(make(body.name, body.labels, [], body))];
  }],
  ["GET", "/projects/:p", ({ p }) => detailed(p)],
  ["PATCH", "/projects/:p", ({ p, body }) => {
    if ((body.promise || body.labels) && p.certs.some((c) => c.state === "valid") && !body.confirm)
      throw new Refusal(409, "conflict", "this withdraws certificate c2: 1,830 texts that the machine decided go back to people until a new certificate exists");
    if (body.rename_labels) p.labels = p.labels.map((l) => body.rename_labels[l] ?? l);
    for (const k of ["labels", "instructions", "language"]) if (body[k]) p[k] = body[k];
    if (body.promise) p.promise = { ...p.promise, ...body.promise };
    if (body.name && body.name !== p.name) projects.delete(p.name), (p.name = body.name), projects.set(p.name, p);
    return detailed(p);
  }],
  ["DELETE", "/projects/:p", ({ p, body }) => {
    if (body.confirm !== p.name) throw new Refusal(422, "input", "the name does not match");
    projects.delete(p.name);
  }],
  ["GET", "/promise", ({ q }) => {
    const a = Number(q.get("max_error")), d = 1 - Number(q.get("confidence")), n = Number(q.get("items"));
    const minimum = Math.ceil(Math.log(d) / Math.log(1 - a) * (1 - Math.exp(-n / 400)));
    return { minimum, errors_tolerated: 0, possible: minimum < n, measured: { low: 0.158, high: 0.412, max_error: 0.05, confidence: 0.95,
      sets: [{ name: "crosswoz_zh", human_share: 0.193 }, { name: "banking77", human_share: 0.412 }, { name: "ag_news", human_share: 0.262 }] } };
  }],
  ["POST", "/files", ({ q, raw }) => {
    const text = raw.toString("utf8"), name = q.get("name") ?? "file";
    let rows = /\.txt$/i.test(name) ? text.split("\n").filter(Boolean).map((l) => ({ text: l })) : csv(text);
    if (!rows.length) throw new Refusal(422, "data", "the file holds no rows");
    const columns = Object.keys(rows[0]).map((c) => {
      const values = rows.map((r) => r[c]), distinct = new Set(values).size;
      return { name: c, kind: values.every((v) => v !== "" && !isNaN(v)) ? "number" : distinct < rows.length / 4 ? "label" : "text", distinct, sample: values.slice(0, 3) };
    });
    const tally = (c) => [...rows.reduce((m, r) => m.set(r[c], (m.get(r[c]) ?? 0) + 1), new Map())].map(([value, count]) => ({ value, count })).sort((a, b) => b.count - a.count);
    const file = "f" + (files.size + 1);
    files.set(file, rows);
    const texts = columns.filter((c) => c.kind === "text"), labels = columns.filter((c) => c.kind === "label");
    return { file, name, format: extname(name).slice(1) || "csv", encoding: "utf-8", rows_seen: rows.length, columns,
      guess: { text: (texts[0] ?? columns[0]).name, label: labels[0]?.name ?? null },
      labels: Object.fromEntries(labels.map((c) => [c.name, tally(c.name).slice(0, 200)])), sample: rows.slice(0, 5) };
  }],
  ["GET", "/samples", () => ({ samples: Object.entries(SAMPLES).map(([id, s]) => ({ id, title: s.title, language: s.language, items: s.rows.length, labels: new Set(s.rows.map((r) => r.label)).size })) })],
  ["POST", "/samples/:t", ({ t }) => {
    const s = SAMPLES[t], name = "sample " + t;
    if (!projects.has(name)) make(name, [...new Set(s.rows.map((r) => r.label))].sort(), s.rows, { language: s.language });
    return [201, { project: name }];
  }],
  ["POST", "/projects/:p/imports", ({ p, body }) => [202, job(p, "import", 4, () => {
    const rows = files.get(body.file) ?? [];
    p.items.push(...rows.map((row, i) => ({ ordinal: i, id: "x" + i, text: row[body.text], truth: row[body.label] ?? p.labels[0], weight: 1, route: "open", label: null, p: null, flags: 0, meta: {} })));
    return { items: rows.length };
  })]],
  ["GET", "/projects/:p/status", ({ p }) => {
    const s = project(p), c = counts(p);
    return { ...s, labelled: 0, automated: c.automated, reviewed: c.reviewed, confidence: p.promise.confidence, certificate: p.certs.at(-1)?.id ?? "", stream_certificate: "",
      version: p.versions.at(-1)?.id ?? "", human: { training: Math.round(c.reviewed * 0.78), audit: Math.round(c.reviewed * 0.14), deferred: Math.round(c.reviewed * 0.08), items: p.items.length },
      needed: Math.min(c.open, 140), queued: Math.min(20, c.open), flags: p.flags, command: `cowise review '${p.name}'`, minutes_left: c.open ? 12.5 : null };
  }],
  ["GET", "/projects/:p/history", ({ p }) => ({ points: p.history, certificates: p.certs, versions: p.versions })],
  ["GET", "/projects/:p/models", ({ p }) => ({ versions: p.versions, certificates: p.certs, candidate: { answers: counts(p).reviewed, log_loss: 0.31 } })],
  ["POST", "/projects/:p/learn", ({ p }) => [202, job(p, "learn", 5)]],
  ["POST", "/projects/:p/certify", ({ p }) => [202, job(p, "certify", 5)]],
  ["POST", "/projects/:p/withdraw", ({ p }) => [202, job(p, "withdraw", 1)]],
  ["GET", "/jobs/:t", ({ t }) => jobs.get(t)],
  ["DELETE", "/jobs/:t", ({ t }) => void (jobs.get(t).state = "cancelled")],
  ["GET", "/projects/:p/jobs", ({ p }) => ({ jobs: [...jobs.values()].filter((j) => j.project === p.name) })],
  ["POST", "/projects/:p/questions", ({ p, body }) => {
    const open = p.items.filter((it) => it.route === "open").slice(0, body.n ?? 3);
    return { questions: open.map((it) => question(p, it, it.ordinal)), advice: { kind: open.length ? "answer" : p.items.length ? "stop" : "add", queued: 20, needed: 140, reason: "" }, working: false };
  }],
  ["POST", "/projects/:p/answers", ({ p, body }) => {
    const it = p.items.find((x) => x.id === body.item);
    if (it.route === "open") (it.route = "reviewed"), (it.label = body.answer.value), p.done.push({ item: it, answer: body.answer, at: now(), seconds: body.seconds });
    tell(p.name, "queue");
    return { stored: true, repeated: false, left: counts(p).open };
  }],
  ["POST", "/projects/:p/skips", ({ p, body }) => {
    const it = p.items.find((x) => "t" + x.ordinal === body.token);
    p.items.push(...p.items.splice(p.items.indexOf(it), 1));
    return {};
  }],
  ["POST", "/projects/:p/flags", ({ p }) => (p.flags++, {})],
  ["POST", "/projects/:p/renewals", ({ body }) => ({ expires: Object.fromEntries(body.tokens.map((t) => [t, now() + 600])) })],
  ["POST", "/projects/:p/releases", () => ({})],
  ["POST", "/projects/:p/undo", ({ p }) => {
    const last = p.done.pop();
    if (!last) return { question: null, item: "", was: null, why: "nothing" };
    last.item.route = "open";
    return { question: question(p, last.item, last.item.ordinal), item: last.item.id, was: last.answer, why: null };
  }],
  ["POST", "/projects/:p/corrections", () => ({ reopened: true })],
  ["GET", "/projects/:p/mine", ({ p }) => ({ answers: p.done.slice(-50).reverse().map((d) => ({ item: d.item.id, text: d.item.text, answer: d.answer, at: d.at, seconds: d.seconds, state: "train" })) })],
  ["GET", "/projects/:p/progress", ({ p }) => {
    const c = counts(p);
    return { done_today: p.done.length, done: c.reviewed, left: Math.min(140, c.open), automated: c.automated, deferred: 4, open: c.open, pace_per_h: 620, seconds_left: 810, agreement: 0.91, agreement_n: 120 };
  }],
  ["GET", "/projects/:p/sweep", ({ p, q }) => ({ locked: false, reason: "", items: p.items.filter((it) => it.route === "open" && (!q.get("label") || it.truth === q.get("label"))).slice(0, Number(q.get("limit") ?? 24)).map((it) => ({ item: it.id, text: it.text, label: it.truth, p: 0.97 })) })],
  ["POST", "/projects/:p/sweep", ({ p, body }) => {
    for (const a of body.answers) { const it = p.items.find((x) => x.id === a.item); (it.route = "reviewed"), (it.label = a.answer.value); }
    return { stored: body.answers.length, skipped: [] };
  }],
  ["GET", "/projects/:p/items", ({ p, q }) => {
    const after = Number(q.get("after") ?? -1), limit = Number(q.get("limit") ?? 50), find = q.get("q")?.toLowerCase();
    const all = p.items.filter((it) => (!find || it.text.toLowerCase().includes(find)) && (!q.get("route") || it.route === q.get("route")) && (!q.get("label") || it.label === q.get("label")));
    const page = all.filter((it) => it.ordinal > after).slice(0, limit);
    return { items: page, next: page.length === limit ? page.at(-1).ordinal : null, total: all.length };
  }],
  ["GET", "/projects/:p/items/:t", ({ p, t }) => {
    const it = p.items.find((x) => x.id === t);
    if (!it) throw new Refusal(404, "missing", "there is no such item");
    return { item: it, text: it.text, raw: false, meta: it.meta, opinions: [], decision: it.label && { answer: it.label, route: it.route, p: it.p },
      story: [{ at: p.created, what: "added", by: "", answer: null, details: { rows: it.weight } }, ...(it.label ? [{ at: now() - 3000, what: "decided: " + it.route, by: it.route === "automated" ? "v2" : "Lin", answer: it.label, details: { p: it.p, certificate: "c2" } }] : [])] };
  }],
  ["GET", "/projects/:p/people", () => {
    const person = (id, name, role, present, answers) => ({ id, name, role, present, last_seen: now() - (present ? 5 : 9000), answers, today: answers >> 2, seconds_median: 3.4, agreement: 0.92, skips: 2, flags: 1 });
    return { people: [person("a1", account.name, "owner", true, 212), person("a2", "Chen", "reviewer", true, 130), person("a3", "Amélie", "reviewer", false, 70)],
      invitations: [{ id: "i1", role: "reviewer", by: "Lin", expires: now() + 86400 * 6 }], own: person("a1", account.name, "owner", true, 212) };
  }],
  ["POST", "/projects/:p/invitations", () => [201, { link: "/#/join/abc", expires: now() + 7 * 86400 }]],
  ["DELETE", "/projects/:p/invitations/:t", () => undefined],
  ["PATCH", "/projects/:p/people/:t", () => ({})],
  ["DELETE", "/projects/:p/people/:t", () => undefined],
  ["GET", "/tokens", () => ({ tokens })],
  ["POST", "/tokens", ({ body }) => {
    const token = { id: "k" + (tokens.length + 1), name: body.name, project: body.project ?? null, scopes: body.scopes, created: now(), expires: now() + body.days * 86400, last_used: null };
    tokens.push(token);
    return [201, { ...token, secret: "cw_" + "x".repeat(43) }];
  }],
  ["DELETE", "/tokens/:t", ({ t }) => void (tokens = tokens.filter((x) => x.id !== t))],
  ["GET", "/workspace", () => ({ home: "/home/lin/cowise", size: 48_300_000, encrypted: false, projects: projects.size, version: "0.1.0", db: "sqlite" })],
  ["POST", "/workspace/backup", () => [202, job({ name: "" }, "backup", 2, () => ({ file: "cowise-2026-11-25.zip" }))]],
  ["POST", "/workspace/verify", () => ({ entries: 1204, checkpoints: 12, ok: true, fault: "" })],
  ["GET", "/projects/:p/ledger", ({ p }) => ({ entries: [{ seq: 1, at: p.created, kind: "project.created", by: "Lin" }], next: null })],
];
const compiled = routes.map(([method, path, run]) => [method, new RegExp("^/api" + path.replace(/:(\w)/g, "(?<$1>[^/]+)") + "$"), run]);

createServer((request, response) => {
  const url = new URL(request.url, "http://x");
  const chunks = [];
  request.on("data", (c) => chunks.push(c));
  request.on("end", () => {
    const send = (status, body) => {
      response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
      response.end(status === 204 ? "" : JSON.stringify(body));
    };
    if (!url.pathname.startsWith("/api/")) {
      let file = normalize(join(pages, url.pathname));
      if (!file.startsWith(pages) || !existsSync(file) || statSync(file).isDirectory()) file = join(pages, "index.html");
      const types = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
      response.writeHead(200, { "content-type": (types[extname(file)] ?? "application/octet-stream") + "; charset=utf-8", "content-security-policy": CSP, "cache-control": "no-cache" });
      return response.end(existsSync(file) ? readFileSync(file) : ""); // a build may be under way
    }
    if (!signedIn && !/^\/api\/(session|invitations|health)/.test(url.pathname))
      return send(401, { error: { kind: "unauthenticated", message: "sign in first" } });
    if (url.pathname === "/api/events") {
      response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
      response.write("event: ping\ndata: {}\n\n");
      listeners.add(response);
      return void request.on("close", () => listeners.delete(response));
    }
    const exported = /^\/api\/projects\/([^/]+)\/export$/.exec(url.pathname);
    if (exported) {
      response.writeHead(200, { "content-type": "text/csv", "content-disposition": "attachment; filename=decided.csv" });
      return response.end("text,label\n");
    }
    try {
      for (const [method, pattern, run] of compiled) {
        const m = method === request.method && pattern.exec(url.pathname);
        if (!m) continue;
        const raw = Buffer.concat(chunks);
        const body = url.pathname === "/api/files" || !raw.length ? {} : JSON.parse(raw.toString("utf8"));
        const g = m.groups ?? {};
        const found = run({ body, raw, q: url.searchParams, p: g.p && of(decodeURIComponent(g.p)), t: g.t && decodeURIComponent(g.t) });
        return Array.isArray(found) ? send(...found) : send(found === undefined ? 204 : 200, found);
      }
      send(404, { error: { kind: "missing", message: "no such address" } });
    } catch (e) {
      if (e instanceof Refusal) return send(e.status, { error: { kind: e.kind, message: e.message } });
      console.error(e);
      send(500, { error: { kind: "fault", message: "reference 0" } });
    }
  });
}).listen(port, "127.0.0.1", () => console.log(`http://127.0.0.1:${port}/`));
