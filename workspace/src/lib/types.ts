// What the server says: names for the shapes that `npm run types` makes from its OpenAPI document (schema.d.ts).
// Times are seconds since 1970, shares are 0..1. Only what no route returns is written by hand.
import type { components } from "./schema.d.ts";

type Shapes = components["schemas"];

export type Language = "en" | "zh";
export type Me = Shapes["Me"];
export type Role = Shapes["Seat"]["role"];
export type Invitation = Shapes["InvitationShape"];
export type Promise_ = Shapes["PromiseShape"];
export type PromiseCost = Shapes["PromiseCost"];
export type Project = Shapes["Project"];
export type ProjectDetails = Shapes["ProjectDetails"];
export type Phase = Project["phase"];
export type Upload = Shapes["File"];
export type Column = Shapes["Column"];
export type Sample = Shapes["Sample"];
export type Job = Shapes["Job"];
export type JobState = Job["state"];
export type Status = Shapes["Status"];
export type HumanShare = Shapes["Human"];
export type Cert = Shapes["Cert"];
export type Version = Shapes["Version"];
export type History = Shapes["History"];
export type HistoryPoint = Shapes["Point"];
export type Models = Shapes["Models"];
export type Question = Shapes["QuestionShape"];
export type Reasons = Shapes["ReasonsShape"];
export type WhatIf = Shapes["WhatIfShape"];
export type Questions = Shapes["QuestionsShape"];
export type Answer = Shapes["AnswerShape"];
export type Stored = Shapes["StoredShape"];
export type Undone = Shapes["UndoneShape"];
export type Mine = Shapes["MyAnswers"];
export type Headway = Shapes["HeadwayShape"];
export type Sweep = Shapes["SweepShape"];
export type ItemRow = Shapes["Item"];
export type ItemPage = Shapes["Items"];
export type ItemStory = Shapes["Story"];
export type Account = Shapes["ItemAccount"];
export type Voice = Account["voices"][number];
export type Person = Shapes["Person"];
export type People = Shapes["People"];
export type Range = Shapes["Range"];
export type Capacities = Shapes["Capacities"];
export type LanguageModel = Shapes["LanguageModel"];
export type Languages = Shapes["Languages"];
export type Roster = Shapes["Roster"];
export type RosterRow = Shapes["RosterRow"];
export type Audits = Shapes["Audits"];
export type AuditLook = Shapes["LookShape"];
export type Estimates = Shapes["Estimates"];
export type LabelShare = Shapes["LabelShare"];
export type Forecast = Shapes["Forecast"];
export type ForecastPoint = Shapes["ForecastPoint"];
export type Span = Shapes["Span"];
export type Promises = Shapes["Promises"];
export type Token = Shapes["TokenShape"];
export type TokenMade = Shapes["TokenMade"];
export type WorkspaceInfo = Shapes["WorkspaceInfo"];
export type LedgerReport = Shapes["LedgerReport"];

/** Data of the event `project`. */
export interface ProjectEvent {
  project: string;
  what: "status" | "queue" | "job" | "people";
  job?: Job;
}
