// One sentence for each kind of refusal; the server's own sentence stands beside it as the detail.
export default {
  input: "Something in what was sent is not right.",
  data: "The data cannot be read as they are.",
  task: "This does not fit the task of the project.",
  missing: "This does not exist, or no longer.",
  conflict: "This cannot be done as things stand.",
  guarantee: "The promise does not allow this yet.",
  limit: "This is larger than the server takes.",
  storage: "The server could not store this: its disk may be full.",
  trust: "A check of integrity failed. Tell the owner of this workspace.",
  unauthenticated: "You are signed out. Sign in again; nothing you answered is lost.",
  forbidden: "Your role does not allow this.",
  rate: "Too many attempts in a short time. Wait a moment.",
  fault: "The server made a mistake. It has been written down; try again.",
  offline: "The server cannot be reached. Check the connection; the page keeps trying.",
  page: "This page made a mistake and was stopped.",
} as const;
