import type { AssertionVerifier } from '../assertion-verifier.js';
import { quietly } from '../quietly.js';
import {
  type VerificationFailureResponse,
  verificationFailureResponse,
} from '../verification-failure-response.js';
import type { VerifiedAgent } from '../verified-agent.js';

/** What every middleware may be told besides its verifier. `Request` is the framework's. */
export interface MiddlewareOptions<Request> {
  /**
   * Is told why a request is refused, as `verify` threw it, for logs and metrics: the answer to an unknown runtime and to
   * an outage of the directory says less. What it throws is ignored.
   */
  readonly onRefusal?: ((error: unknown, request: Request) => void) | undefined;
  /** Where a request came from, for the abuse guard, if not as the middleware takes it by itself. */
  readonly clientAddress?: ((request: Request) => string | undefined) | undefined;
}

/** What a middleware reads of a request. A header that comes several times is one value, joined by commas. */
export interface ReceivedRequest {
  readonly authorization: string | undefined;
  readonly accountId: string | undefined;
  readonly clientAddress: string | undefined;
}

/** The header that names the account (docs/protocol.md section 3). */
export const accountHeader = 'chatgpt-account-id';

/** Who acts, or how the request is answered instead. */
export type Judgement =
  | { readonly agent: VerifiedAgent; readonly refusal?: undefined }
  | { readonly agent?: undefined; readonly refusal: VerificationFailureResponse };

/**
 * Verifies a request; never rejects.
 *
 * @param read Takes what is needed from the request; should it throw, the answer is a 500.
 */
export async function judgeRequest<Request>(
  verifier: AssertionVerifier,
  request: Request,
  read: (request: Request) => ReceivedRequest,
  { onRefusal, clientAddress }: MiddlewareOptions<Request>,
): Promise<Judgement> {
  try {
    const received = read(request);
    const agent = await verifier.verify(received.authorization, {
      accountId: received.accountId,
      clientAddress: clientAddress === undefined ? received.clientAddress : clientAddress(request),
    });
    return { agent };
  } catch (error) {
    quietly(onRefusal)(error, request);
    return { refusal: verificationFailureResponse(error) };
  }
}
