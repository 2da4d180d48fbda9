import { requireKnownOptions, requireMethods, resolveEffects } from 'agent-identity-core/http';
import type { AssertionVerifier } from '../create-assertion-verifier.js';
import { createFailureReporter, describeError } from '../create-failure-reporter.js';
import { requireListener } from '../errors.js';
import {
  type VerificationFailureResponse,
  verificationFailureResponse,
} from '../verification-failure-response.js';
import type { VerifiedAgent } from '../verified-agent.js';

/** Options that every middleware has. `Request` is the framework's request. */
export interface MiddlewareOptions<Request> {
  /**
   * Called with the error of each refused request, for logs and metrics: the response to the client says less about an
   * unknown runtime or a failing directory. Exceptions are ignored. Default: a process warning for requests that failed
   * with a 500, at most once a minute, where the runtime has process warnings.
   */
  readonly onRefusal?: ((error: unknown, request: Request) => void) | undefined;
  /** Returns where a request came from, for the replay limiter. Default: see the middleware. */
  readonly clientAddress?: ((request: Request) => string | undefined) | undefined;
}

/** The parts of a request that are verified. The values of a repeated header are joined by commas. */
export interface ReceivedRequest {
  readonly authorization: string | undefined;
  readonly accountId: string | undefined;
  readonly clientAddress: string | undefined;
}

/** The header that names the account (docs/protocol.md section 3). */
export const accountHeader = 'chatgpt-account-id';

/** The agent that sent the request, or the response that refuses it. */
export type Authentication =
  | { readonly agent: VerifiedAgent; readonly refusal?: undefined }
  | { readonly agent?: undefined; readonly refusal: VerificationFailureResponse };

/**
 * Creates the function that verifies each request of a middleware. That function never rejects.
 *
 * @param read Reads a request of the framework. If it throws, the response is a 500.
 * @throws AgentIdentityError `invalid_argument`
 */
export function createRequestAuthenticator<Request>(
  verifier: AssertionVerifier,
  options: MiddlewareOptions<Request>,
  read: (request: Request) => ReceivedRequest,
): (request: Request) => Promise<Authentication> {
  requireMethods(verifier, ['verify'], 'verifier', 'an AssertionVerifier');
  requireKnownOptions(options, ['onRefusal', 'clientAddress'], 'options');
  const { onRefusal, clientAddress } = options;
  requireListener(onRefusal, 'onRefusal');
  requireListener(clientAddress, 'clientAddress');
  const report = createFailureReporter<{ readonly error: unknown; readonly request: Request }>(
    onRefusal && (({ error, request }) => onRefusal(error, request)),
    ({ error }) => describeInternalError(error),
    resolveEffects().monotonicClock,
  );

  return async (request) => {
    try {
      const { authorization, accountId, ...received } = read(request);
      const address = clientAddress === undefined ? received.clientAddress : clientAddress(request);
      return { agent: await verifier.verify(authorization, { accountId, clientAddress: address }) };
    } catch (error) {
      report({ error, request });
      return { refusal: verificationFailureResponse(error) };
    }
  };
}

/** A failing directory is reported by the verifier and by the directory itself. */
function describeInternalError(error: unknown): string | undefined {
  if (verificationFailureResponse(error).status !== 500) return undefined;
  return `requireAgent answered 500 because of an error: ${describeError(error)}. The option onRefusal receives it`;
}
