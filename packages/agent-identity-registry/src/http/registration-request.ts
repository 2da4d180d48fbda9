import type { RegistrationOperation } from '../registration-error.js';

/** A registration to send: a POST of a JSON object, answered by a JSON object with an id. */
export interface RegistrationRequest {
  readonly operation: RegistrationOperation;
  readonly url: string;
  /** Limit of one attempt, including reading the response. */
  readonly timeoutSeconds: number;
  /** **Secret.** The bearer token, if the operation needs one. Errors never contain it. */
  readonly accessToken?: string;
  /** Sent in addition to the headers of every registration. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Creates the body of one attempt. */
  createBody(): object;
  /** Finds the id in the JSON of the response, or says what was expected. */
  parseId(json: unknown): ParsedId;
}

/** The id in a response, or what was expected instead. */
export type ParsedId = { readonly id: string } | { readonly expected: string; readonly cause?: unknown };
