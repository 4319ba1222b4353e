// The only door to the server: typed errors, retries of reads, uploads with progress.
import { chance, later } from "./tools.ts";

export type Kind =
  | "input" | "data" | "task" | "missing" | "conflict" | "guarantee" | "limit" | "storage" | "trust"
  | "unauthenticated" | "forbidden" | "rate" | "fault" | "offline";

const KINDS: Record<number, Kind> = {
  401: "unauthenticated", 403: "forbidden", 404: "missing", 409: "conflict", 410: "missing", 413: "limit",
  422: "input", 429: "rate", 507: "storage",
};

/** What the server refused, or `offline` when it could not be reached. `message` is the server's own sentence. */
export class ApiError extends Error {
  constructor(
    readonly kind: Kind,
    readonly status: number,
    message: string,
    readonly details: Record<string, unknown> = {},
    readonly retryAfter = 0,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

/** The language on the page, in which the server answers too; read from the document, so that no page is drawn anew for it. */
const spoken = (): string => (typeof document === "undefined" ? "" : document.documentElement.lang) || "en";

let signedOut = (): void => {};

/** Called whenever an answer is 401, so that the session can ask for a sign-in. */
export function onSignedOut(what: () => void): void {
  signedOut = what;
}

function errorOf(status: number, text: string, retryAfter: string | null): ApiError {
  let body: { error?: { kind?: Kind; message?: string; details?: Record<string, unknown> } } = {};
  try {
    body = JSON.parse(text);
  } catch {
    // A proxy may answer with its own page: the status says enough.
  }
  const kind = body.error?.kind ?? KINDS[status] ?? "fault";
  return new ApiError(kind, status, body.error?.message ?? "", body.error?.details ?? {}, Number(retryAfter) || 0);
}

export interface Options {
  signal?: AbortSignal;
  /** How often a call is tried again when the server cannot be reached; reads 3, the rest 0. */
  tries?: number;
  /** Let the call finish though the tab closes. */
  keepalive?: boolean;
  /** Do not treat 401 as a lost session (the sign-in page itself). */
  quiet?: boolean;
}

async function once<T>(method: string, path: string, body: unknown, how: Options): Promise<T> {
  let answer: Response;
  try {
    const headers: Record<string, string> = { accept: "application/json", "accept-language": spoken() };
    const init: RequestInit = { method, credentials: "same-origin", headers };
    if (body !== undefined) {
      init.body = JSON.stringify(body);
      headers["content-type"] = "application/json";
    }
    if (how.signal) init.signal = how.signal;
    if (how.keepalive) init.keepalive = true;
    answer = await fetch("/api" + path, init);
  } catch (fault) {
    if (fault instanceof DOMException && fault.name === "AbortError") throw fault;
    throw new ApiError("offline", 0, "");
  }
  if (answer.ok) return (answer.status === 204 ? undefined : await answer.json()) as T;
  const error = errorOf(answer.status, await answer.text().catch(() => ""), answer.headers.get("retry-after"));
  if (error.kind === "unauthenticated" && !how.quiet) signedOut();
  throw error;
}

/** Whether the same call may succeed a little later. */
export function passing(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  return error.kind === "offline" || error.kind === "rate" || [502, 503, 504].includes(error.status);
}

async function call<T>(method: string, path: string, body: unknown, how: Options): Promise<T> {
  let left = how.tries ?? (method === "GET" ? 3 : 0);
  for (let wait = 0.3; ; wait *= 2) {
    try {
      return await once<T>(method, path, body, how);
    } catch (error) {
      if (left-- <= 0 || !passing(error)) throw error;
      await later(Math.max(wait * (0.5 + chance()), (error as ApiError).retryAfter), how.signal);
    }
  }
}

export type Query = Record<string, string | number | boolean | null | undefined>;

/** `?a=1&b=x`, leaving out what is empty. */
export function query(values: Query): string {
  const pairs = Object.entries(values).filter(([, v]) => v !== undefined && v !== null && v !== "");
  return pairs.length ? "?" + new URLSearchParams(pairs.map(([k, v]) => [k, String(v)])) : "";
}

/** `/projects/NAME` and what follows, every part escaped. */
export function at(project: string, ...rest: string[]): string {
  return ["/projects", project, ...rest].map((part, i) => (i ? encodeURIComponent(part) : part)).join("/");
}

export const api = {
  get: <T>(path: string, how: Options = {}) => call<T>("GET", path, undefined, how),
  post: <T>(path: string, body: unknown = {}, how: Options = {}) => call<T>("POST", path, body, how),
  patch: <T>(path: string, body: unknown, how: Options = {}) => call<T>("PATCH", path, body, how),
  delete: <T = void>(path: string, body?: unknown, how: Options = {}) => call<T>("DELETE", path, body, how),

  /** Streams a file up; `told` hears the share sent. Fetch cannot tell progress, so this is the one old request. */
  upload<T>(path: string, file: Blob, told: (share: number) => void, signal?: AbortSignal): Promise<T> {
    return new Promise((done, failed) => {
      const request = new XMLHttpRequest();
      request.open("POST", "/api" + path);
      request.setRequestHeader("content-type", "application/octet-stream");
      request.setRequestHeader("accept-language", spoken());
      request.upload.onprogress = (e) => e.lengthComputable && told(e.loaded / e.total);
      request.onerror = () => failed(new ApiError("offline", 0, ""));
      request.onabort = () => failed(new DOMException("", "AbortError"));
      request.onload = () => {
        if (request.status < 300) return done(JSON.parse(request.responseText) as T);
        const error = errorOf(request.status, request.responseText, request.getResponseHeader("retry-after"));
        if (error.kind === "unauthenticated") signedOut();
        failed(error);
      };
      signal?.addEventListener("abort", () => request.abort());
      request.send(file);
    });
  },
};
