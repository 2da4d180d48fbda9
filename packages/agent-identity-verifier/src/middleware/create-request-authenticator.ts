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
import { hasBearerOnly, judgeBearer } from './bearer-judge.js';
import type { BearerCaller, Caller } from './caller.js';
import { createDecisionReporter, type Outcome } from './decision.js';
import { type MiddlewareOptions, middlewareOptionNames, type OrBearerOptions } from './middleware-options.js';
import { requireCapability } from './require-capability.js';

/** The parts of a request that are verified. */
export interface ReceivedRequest {
  /** Reads a header by its name in lower case. The values of a repeated header are joined by commas. */
  readonly readHeader: (name: string) => string | undefined;
  readonly clientAddress: string | undefined;
  /** Whether the server may have dropped headers, so that a repeated header cannot be seen. */
  readonly isTruncated: boolean;
}

/** The response to a request that is refused. */
interface RefusedRequest {
  readonly agent?: undefined;
  readonly bearer?: undefined;
  readonly refusal: VerificationFailureResponse;
}

/** Who sent the request, or the response that refuses it. */
export type Authentication<Agent extends VerifiedAgent, Bearer extends BearerCaller> =
  | (Caller<Agent, Bearer> & { readonly refusal?: undefined })
  | RefusedRequest;

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
  Bearer extends BearerCaller = never,
>(
  verifier: Pick<AssertionVerifier<Agent>, 'verify'>,
  options: MiddlewareOptions<Request, Rest, Agent> & OrBearerOptions<Request, Rest, Bearer>,
  read: (request: Request) => ReceivedRequest,
  requireAllowed: (request: Request, agent: Agent) => void = () => {},
): (request: Request, ...rest: Rest) => Promise<Authentication<Agent, Bearer>> {
  requireMethods(verifier as unknown, ['verify'], 'verifier', 'an AssertionVerifier');
  requireOptions(options);
  const { capability, authorize, onDecision, clientAddress, orBearer } = options;
  const rules = { orBearer, capability, authorize };
  const report = createRefusalReporter(options.onRefusal);
  const startDecision = createDecisionReporter(onDecision, capability, resolveEffects().monotonicClock);

  async function requireAgent(request: Request, rest: Rest, outcome: MutableOutcome<Agent>): Promise<Agent> {
    const agent = await verifyOnce(verifier, request, async () => {
      const received = readWhole(read, request);
      const address = clientAddress === undefined ? received.clientAddress : clientAddress(request, ...rest);
      return verifyReceived(verifier, received, address);
    });
    outcome.agent = agent;
    if (capability !== undefined) requireCapability(agent, capability);
    if (authorize !== undefined && (await authorize(agent, request, ...rest)) !== true) {
      throw verificationError('request_not_allowed', 'authorize does not let the agent send the request');
    }
    requireAllowed(request, agent);
    return agent;
  }

  async function requireCaller(request: Request, rest: Rest, outcome: MutableOutcome<Agent>) {
    if (orBearer !== undefined) {
      const { readHeader } = readWhole(read, request);
      if (hasBearerOnly(readHeader)) {
        outcome.by = 'bearer';
        return judgeBearer(readHeader, (token) => orBearer(token, request, ...rest), rules);
      }
    }
    return { by: 'assertion', agent: await requireAgent(request, rest, outcome) } as const;
  }

  return async (request, ...rest) => {
    const outcome: MutableOutcome<Agent> = { by: 'assertion', failure: undefined, agent: undefined };
    const endDecision = startDecision();
    try {
      return await requireCaller(request, rest, outcome);
    } catch (error) {
      outcome.failure = { error };
      report({ error, request, by: outcome.by });
      return { refusal: verificationFailureResponse(error) };
    } finally {
      endDecision(outcome, request);
    }
  };
}

/**
 * Creates the same function for a middleware without `orBearer`, which lets only agents through.
 *
 * @throws AgentIdentityError `invalid_argument`
 */
export const createAgentAuthenticator = createRequestAuthenticator as <
  Request extends object,
  Agent extends VerifiedAgent,
>(
  verifier: Pick<AssertionVerifier<Agent>, 'verify'>,
  options: MiddlewareOptions<Request, [], Agent>,
  read: (request: Request) => ReceivedRequest,
  requireAllowed?: (request: Request, agent: Agent) => void,
) => (request: Request) => Promise<{ readonly agent: Agent; readonly refusal?: undefined } | RefusedRequest>;

function verifyReceived<Agent extends VerifiedAgent>(
  verifier: Pick<AssertionVerifier<Agent>, 'verify'>,
  { readHeader }: ReceivedRequest,
  clientAddress: string | undefined,
): Promise<Agent> {
  return verifier.verify(readHeader('authorization'), {
    accountId: readHeader('chatgpt-account-id'),
    instanceAssertion: readHeader('x-openai-agent-assertion'),
    organizationId: readHeader('openai-organization'),
    projectId: readHeader('openai-project'),
    clientAddress,
  });
}

/** An outcome that is not known yet. */
type MutableOutcome<Agent> = { -readonly [Name in keyof Outcome]: Outcome[Name] } & {
  agent: Agent | undefined;
};

/** @throws AgentIdentityError `malformed_assertion` if the server may have dropped headers */
function readWhole<Request>(read: (request: Request) => ReceivedRequest, request: Request): ReceivedRequest {
  const received = read(request);
  if (!received.isTruncated) return received;
  throw verificationError('malformed_assertion', 'the request has more headers than the server reads');
}

/** @throws AgentIdentityError `invalid_argument` */
function requireOptions(options: object): void {
  requireKnownOptions(options, [...middlewareOptionNames, 'orBearer'], 'options');
  const { capability, ...listeners } = options as { readonly capability?: unknown };
  if (capability !== undefined && !isCapability(capability)) {
    throw invalidArgument('capability', 'a capability such as "repository:read"', capability);
  }
  for (const [name, listener] of Object.entries(listeners)) requireListener(listener, name);
}

interface Refusal<Request> {
  readonly error: unknown;
  readonly request: Request;
  readonly by: Outcome['by'];
}

function createRefusalReporter<Request>(
  onRefusal: ((error: unknown, request: Request) => void) | undefined,
): (refusal: Refusal<Request>) => void {
  return createFailureReporter<Refusal<Request>>(
    onRefusal && (({ error, request }) => onRefusal(error, request)),
    describeFailure,
    resolveEffects().monotonicClock,
  );
}

/** A failing directory is reported by the verifier and by the directory itself; nobody else reports a failing `orBearer`. */
function describeFailure({ error, by }: Pick<Refusal<unknown>, 'error' | 'by'>): string | undefined {
  const { status } = verificationFailureResponse(error);
  if (status !== 500 && !(status === 503 && by === 'bearer')) return undefined;
  return `requireAgent answered ${status} because of an error: ${describeError(error)}. The option onRefusal receives it`;
}
