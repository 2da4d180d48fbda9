import {
  invalidArgument,
  isCapability,
  requireKnownOptions,
  requireMethods,
  resolveEffects,
} from 'agent-identity-core/http';
import type { AssertionVerifier } from '../assertion-verifier.js';
import { createFailureReporter, describeError } from '../create-failure-reporter.js';
import { requireListener, verificationError } from '../errors.js';
import {
  type VerificationFailureResponse,
  verificationFailureResponse,
} from '../verification-failure-response.js';
import type { VerifiedAgent } from '../verified-agent.js';

/** Options that every middleware has. `Request` is the framework's request, `Rest` what the framework passes beside it. */
export interface MiddlewareOptions<
  Request,
  Rest extends readonly unknown[] = [],
  Agent extends VerifiedAgent = VerifiedAgent,
> {
  /**
   * Called with the error of each refused request, for logs and metrics: the response to the client says less about an
   * unknown runtime or a failing directory. Exceptions are ignored. Default: a process warning for requests that failed
   * with a 500, at most once a minute, where the runtime has process warnings.
   */
  readonly onRefusal?: ((error: unknown, request: Request) => void) | undefined;
  /** Lets only agents with this capability through; others get 403 `capability_missing`. */
  readonly capability?: string | undefined;
  /**
   * Decides whether a verified agent may send the request: anything but `true`, or a promise of it, is 403
   * `request_not_allowed`, and an exception is a 500. Asked after `capability`.
   */
  readonly authorize?:
    | ((agent: Agent, request: Request, ...rest: Rest) => boolean | Promise<boolean>)
    | undefined;
  /** Returns where a request came from, for the replay limiter. Default: see the middleware. */
  readonly clientAddress?: ((request: Request, ...rest: Rest) => string | undefined) | undefined;
}

/** The names of the members of `MiddlewareOptions`. */
export const middlewareOptionNames: readonly string[] = [
  'capability',
  'authorize',
  'onRefusal',
  'clientAddress',
];

/** The parts of a request that are verified. */
export interface ReceivedRequest {
  /** Reads a header by its name in lower case. The values of a repeated header are joined by commas. */
  readonly readHeader: (name: string) => string | undefined;
  readonly clientAddress: string | undefined;
  /** Whether the server may have dropped headers, so that a repeated header cannot be seen. */
  readonly isTruncated: boolean;
}

/** The agent that sent the request, or the response that refuses it. */
export type Authentication<Agent extends VerifiedAgent> =
  | { readonly agent: Agent; readonly refusal?: undefined }
  | { readonly agent?: undefined; readonly refusal: VerificationFailureResponse };

/**
 * The agents of requests that are being handled. A request that passes `requireAgent` twice, for example in nested scopes,
 * is verified once by each verifier: the second time, its assertion would be a replay.
 */
const verifiedAgents = new WeakMap<object, WeakMap<object, Promise<VerifiedAgent>>>();

/** Verifies a request, unless the same verifier has done so. */
function verifyOnce<Agent extends VerifiedAgent>(
  verifier: Pick<AssertionVerifier<Agent>, 'verify'>,
  request: object,
  verify: () => Promise<Agent>,
): Promise<Agent> {
  const agents = verifiedAgents.get(verifier) ?? new WeakMap<object, Promise<VerifiedAgent>>();
  verifiedAgents.set(verifier, agents);
  const agent = agents.get(request) ?? verify();
  agents.set(request, agent);
  return agent as Promise<Agent>;
}

/**
 * Creates the function that verifies each request of a middleware. That function never rejects.
 *
 * @param read Reads a request of the framework. If it throws, the response is a 500.
 * @param requireAllowed Throws if the agent may not send the request, after the options have let it through.
 * @throws AgentIdentityError `invalid_argument`
 */
export function createRequestAuthenticator<
  Request extends object,
  Agent extends VerifiedAgent,
  Rest extends readonly unknown[] = [],
>(
  verifier: Pick<AssertionVerifier<Agent>, 'verify'>,
  options: MiddlewareOptions<Request, Rest, Agent>,
  read: (request: Request) => ReceivedRequest,
  requireAllowed: (request: Request, agent: Agent) => void = () => {},
): (request: Request, ...rest: Rest) => Promise<Authentication<Agent>> {
  requireMethods(verifier as unknown, ['verify'], 'verifier', 'an AssertionVerifier');
  requireKnownOptions(options, middlewareOptionNames, 'options');
  const { capability, authorize, onRefusal, clientAddress } = options;
  if (capability !== undefined && !isCapability(capability)) {
    throw invalidArgument('capability', 'a capability such as "repository:read"', capability);
  }
  for (const [name, listener] of Object.entries({ authorize, onRefusal, clientAddress })) {
    requireListener(listener, name);
  }
  const report = createFailureReporter<{ readonly error: unknown; readonly request: Request }>(
    onRefusal && (({ error, request }) => onRefusal(error, request)),
    ({ error }) => describeInternalError(error),
    resolveEffects().monotonicClock,
  );

  async function verifyRequest(request: Request, rest: Rest): Promise<Agent> {
    const { readHeader, ...received } = read(request);
    if (received.isTruncated) {
      throw verificationError('malformed_assertion', 'the request has more headers than the server reads');
    }
    return verifier.verify(readHeader('authorization'), {
      accountId: readHeader('chatgpt-account-id'),
      instanceAssertion: readHeader('x-openai-agent-assertion'),
      organizationId: readHeader('openai-organization'),
      projectId: readHeader('openai-project'),
      clientAddress: clientAddress === undefined ? received.clientAddress : clientAddress(request, ...rest),
    });
  }

  return async (request, ...rest) => {
    try {
      const agent = await verifyOnce(verifier, request, () => verifyRequest(request, rest));
      if (capability !== undefined) requireCapability(agent, capability);
      if (authorize !== undefined && (await authorize(agent, request, ...rest)) !== true) {
        throw verificationError('request_not_allowed', 'authorize does not let the agent send the request');
      }
      requireAllowed(request, agent);
      return { agent };
    } catch (error) {
      report({ error, request });
      return { refusal: verificationFailureResponse(error) };
    }
  };
}

/** @throws AgentIdentityError `capability_missing` */
export function requireCapability({ capabilities }: VerifiedAgent, capability: string): void {
  if (capabilities.some((granted) => granted === capability)) return;
  throw verificationError('capability_missing', `The agent lacks the capability "${capability}".`);
}

/** A failing directory is reported by the verifier and by the directory itself. */
function describeInternalError(error: unknown): string | undefined {
  if (verificationFailureResponse(error).status !== 500) return undefined;
  return `requireAgent answered 500 because of an error: ${describeError(error)}. The option onRefusal receives it`;
}
