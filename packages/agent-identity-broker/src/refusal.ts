/**
 * Why the broker answered a request itself. The response has the code in `error.code`.
 *
 * | code | status | meaning |
 * |---|---|---|
 * | `host_not_allowed` | 403 | the `Host` header names another host: DNS rebinding, or two `Host` headers |
 * | `browser_request` | 403 | a browser sent the request for a page of another origin |
 * | `access_token_required` | 401 | the access token is missing or wrong |
 * | `request_not_allowed` | 403 | no rule allows the method and path |
 * | `unsupported_transfer_coding` | 501 | the body has a transfer coding other than `chunked` |
 * | `request_too_large` | 413 | the body exceeds `maxRequestBytes` |
 * | `credentials_unavailable` | 502 or 503 | the run has no credentials: its runtime is deleted, or a token cannot be refreshed |
 * | `upstream_unreachable` | 502 | the provider did not answer, or not with HTTP |
 * | `upstream_timeout` | 504 | the provider was silent for `idleTimeoutSeconds` |
 * | `response_too_large` | 502 | the response exceeds `maxResponseBytes` |
 * | `internal_error` | 500 | the request could not be handled, for example because the response is not HTTP that can be passed on |
 */
export type RefusalCode =
  | 'host_not_allowed'
  | 'browser_request'
  | 'access_token_required'
  | 'request_not_allowed'
  | 'unsupported_transfer_coding'
  | 'request_too_large'
  | 'credentials_unavailable'
  | 'upstream_unreachable'
  | 'upstream_timeout'
  | 'response_too_large'
  | 'internal_error';

const statuses: Readonly<Record<RefusalCode, number>> = {
  host_not_allowed: 403,
  browser_request: 403,
  access_token_required: 401,
  request_not_allowed: 403,
  unsupported_transfer_coding: 501,
  request_too_large: 413,
  credentials_unavailable: 502,
  upstream_unreachable: 502,
  upstream_timeout: 504,
  response_too_large: 502,
  internal_error: 500,
};

/** A response that the broker gives itself. Contains no secret. */
export class Refusal extends Error {
  readonly code: RefusalCode;
  readonly status: number;

  constructor(code: RefusalCode, message: string, status: number = statuses[code]) {
    super(message);
    this.code = code;
    this.status = status;
  }
}
