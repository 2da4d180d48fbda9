import type { RegistrationErrorCode, RegistrationOperation } from '../registration-error.js';

/** A registration to send: a POST of a JSON object, answered by a JSON object. */
export interface RegistrationRequest<T> {
  readonly operation: RegistrationOperation;
  readonly url: string;
  /** Limit of one attempt, including reading the response. */
  readonly timeoutSeconds: number;
  /** **Secret.** The credentials in headers and body. Errors never contain them. */
  readonly secrets?: readonly string[] | undefined;
  /** Sent in addition to the headers of every JSON request. */
  readonly headers: Readonly<Record<string, string>>;
  /** Creates the body of one attempt. A rejection ends the registration as it is: nothing was sent then. */
  createBody(): object | Promise<object>;
  /** The only status of a success. Default: any 2xx. */
  readonly successStatus?: number | undefined;
  /** Reads the JSON of the response, or says what was expected. */
  parseResponse(json: unknown): ParsedResponse<T>;
}

/** The result in a response, or what was expected instead. */
export type ParsedResponse<T> =
  | { readonly result: T }
  | {
      readonly expected: string;
      readonly cause?: unknown;
      /** Default: `malformed_registration_response`. */
      readonly code?: RegistrationErrorCode | undefined;
    };
