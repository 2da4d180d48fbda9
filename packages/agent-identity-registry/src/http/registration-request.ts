import type { RegistrationOperation } from '../registration-error.js';

/** A registration, as it is sent: a JSON object by POST, and an id out of a JSON answer. */
export interface RegistrationRequest {
  readonly operation: RegistrationOperation;
  readonly url: string;
  /** For one attempt, the reading of its answer included. */
  readonly timeLimitSeconds: number;
  /** **Secret**: the bearer token, where the operation takes one. No error holds it. */
  readonly accessToken?: string;
  /** Besides those of every JSON request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Made afresh for each attempt. */
  body(): object;
  /** Finds the id in the answer, or says what is wrong with it. */
  readAnswer(answer: unknown): AnsweredId;
}

/** The id of an answer, or what was expected instead of what came. */
export type AnsweredId = { readonly id: string } | { readonly expected: string; readonly cause?: unknown };
