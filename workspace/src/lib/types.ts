// What the server says, by hand from the contract until the generated types (npm run types) replace it.
// Times are seconds since 1970, shares are 0..1.

export type Language = "en" | "zh";
export type Role = "owner" | "lead" | "reviewer" | "inspector";

export interface Me {
  account: { id: string; name: string; language: Language | ""; owner: boolean; has_password: boolean };
  projects: { name: string; role: Role }[];
}

export interface Invitation {
  project: string;
  role: Role;
  by: string;
}

export interface Promise_ {
  max_error: number;
  confidence: number;
  of: "delivered" | "selective";
  per_label: boolean;
}

export type Phase = "add" | "train" | "audit" | "decide" | "stop";

export interface Project {
  name: string;
  labels: string[];
  kind: string;
  items: number;
  rows: number;
  automated_share: number;
  human_share: number;
  open: number;
  phase: Phase;
  next: string;
  role: Role;
  created: number;
  error_bound: number | null;
  promise: Promise_;
}

export interface ProjectDetails extends Project {
  instructions: string;
  language: string;
  encoder: string;
  task_notes: string;
}

export interface PromiseCost {
  minimum: number;
  errors_tolerated: number;
  possible: boolean;
  measured: {
    low: number;
    high: number;
    sets: { name: string; human_share: number }[];
    max_error: number;
    confidence: number;
  };
}

export interface Column {
  name: string;
  kind: "text" | "label" | "number" | "other";
  distinct: number;
  sample: string[];
}

export interface Upload {
  file: string;
  name: string;
  format: string;
  encoding: string;
  rows_seen: number;
  /** All rows were seen, not the first ones only. */
  whole?: boolean;
  columns: Column[];
  guess: { text: string; label: string | null };
  labels: Record<string, { value: string; count: number }[]>;
  sample: Record<string, string>[];
  notes?: string[];
}

export interface Sample {
  id: string;
  title: string;
  language: string;
  items: number;
  labels: number;
}

export type JobState = "ready" | "running" | "done" | "failed" | "cancelled";

export interface Job {
  id: string;
  project: string;
  kind: string;
  state: JobState;
  what: string;
  done: number;
  total: number | null;
  per_s: number | null;
  seconds_left: number | null;
  result: unknown;
  error: string | { kind: string; message: string } | null;
}

export interface HumanShare {
  training: number;
  audit: number;
  deferred: number;
  items: number;
  share?: number;
}

export interface Status {
  name: string;
  items: number;
  rows: number;
  labelled: number;
  automated: number;
  reviewed: number;
  open: number;
  automated_share: number;
  promise: Promise_;
  error_bound: number | null;
  confidence: number;
  certificate: string;
  stream_certificate: string;
  version: string;
  human: HumanShare;
  needed: number;
  queued: number;
  flags: number;
  phase: Phase;
  next: string;
  command: string;
  minutes_left: number | null;
}

export interface Cert {
  id: string;
  at: number;
  state: "valid" | "withdrawn";
  reason: string;
  method: string;
  window: "batch" | "stream";
  max_error: number;
  confidence: number;
  of: "delivered" | "selective";
  bound: number;
  n_items: number;
  n_automated: number;
  n_audited: number;
  n_errors: number;
  coverage: number;
  version: string;
  sentence: { en: string; zh: string };
}

export interface Version {
  id: string;
  state: string;
  at: number;
  metrics: Record<string, number>;
}

export interface HistoryPoint {
  at: number;
  answers: number;
  training: number;
  audit: number;
  deferred: number;
  automated: number;
  open: number;
}

export interface History {
  points: HistoryPoint[];
  certificates: Cert[];
  versions: Version[];
}

export interface Models {
  versions: Version[];
  certificates: Cert[];
  candidate: { answers: number; log_loss: number } | null;
}

export interface Question {
  token: string;
  item: string;
  text: string;
  meta: Record<string, unknown>;
  suggestion: string | null;
  p: number | null;
  order: string[] | null;
  reason: string;
  expires: number;
}

export interface Questions {
  questions: Question[];
  advice: { kind: "answer" | "stop" | "add"; queued: number; needed: number; reason: string };
  working: boolean;
}

export interface Answer {
  kind: "label" | "none" | "unsure";
  value: string | null;
}

export interface Stored {
  stored: true;
  repeated: boolean;
  left: number;
}

export interface Undone {
  question: Question | null;
  item: string;
  was: Answer | null;
  why: null | "nothing" | "restored" | "taken";
}

export interface Mine {
  answers: { item: string; text: string; answer: Answer | null; at: number; seconds: number; state: string }[];
}

export interface Headway {
  done_today: number;
  done: number;
  left: number;
  automated: number;
  deferred: number;
  open: number;
  pace_per_h: number | null;
  seconds_left: number | null;
  agreement: number | null;
  agreement_n: number;
}

export interface Sweep {
  items: { item: string; text: string; label: string; p: number }[];
  locked: boolean;
  reason: string;
}

export interface ItemRow {
  ordinal: number;
  id: string;
  text: string;
  weight: number;
  route: string;
  label: string | null;
  p: number | null;
  flags: number;
  meta: Record<string, unknown>;
}

export interface ItemPage {
  items: ItemRow[];
  next: number | null;
  total: number | null;
}

export interface ItemStory {
  item: ItemRow;
  text: string;
  raw: boolean;
  meta: Record<string, unknown>;
  story: { at: number; what: string; by: string; answer: unknown; details: Record<string, unknown> }[];
  opinions: unknown[];
  decision: unknown;
}

export interface Person {
  id: string;
  name: string;
  role: Role;
  present: boolean;
  last_seen: number | null;
  answers: number;
  today: number;
  seconds_median: number | null;
  agreement: number | null;
  skips: number;
  flags: number;
}

export interface People {
  people: Person[];
  invitations: { id: string; role: Role; by: string; expires: number }[];
  own: Person | null;
}

export interface Token {
  id: string;
  name: string;
  project: string | null;
  scopes: string[];
  created: number;
  expires: number;
  last_used: number | null;
}

export interface WorkspaceInfo {
  home: string;
  size: number;
  encrypted: boolean;
  projects: number;
  version: string;
  db: string;
}

export interface ProjectEvent {
  project: string;
  what: "status" | "queue" | "job" | "people";
  job?: Job;
}
