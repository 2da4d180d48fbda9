import { ignoringErrors, invalidArgument, requireKnownOptions } from 'agent-identity-core/http';
import { LRUCache } from 'lru-cache';
import { requireCount, requireListener, verificationError } from '../errors.js';
import type { VerifiedAgentRuntime } from '../verified-agent.js';

/**
 * Limits for how often one assertion may come, and from how many addresses. Real clients repeat an assertion within its
 * second (docs/protocol.md section 11), so leave room for all requests that an agent sends in a second, and for the
 * addresses of a proxy or a dual-stack host.
 */
export interface ReplayLimiterOptions {
  /** `report` only calls `onLimitExceeded`; `refuse` also fails the request with `too_many_requests`. */
  readonly action: 'report' | 'refuse';
  /** Requests that may carry one assertion. Default: no limit. */
  readonly maxRequests?: number | undefined;
  /** Distinct client addresses of one assertion; see `clientAddress` of `AssertionContext`. Default: no limit. */
  readonly maxClientAddresses?: number | undefined;
  /** How many assertions are tracked; the least recently used is forgotten first. Default: 10,000. */
  readonly maxTrackedAssertions?: number | undefined;
  /** Called once for each assertion and limit. Exceptions are ignored. */
  readonly onLimitExceeded?: ((event: ReplayLimitExceeded) => void) | undefined;
}

/** An assertion that exceeded a limit. Contains neither the assertion nor an address. */
export interface ReplayLimitExceeded {
  readonly limit: 'requests' | 'client_addresses';
  readonly agent: VerifiedAgentRuntime;
  /** The number of requests with the assertion so far, including this one. */
  readonly requests: number;
}

/**
 * Counts a verified assertion. An address over the limit is refused; addresses within the limit are not affected.
 *
 * @throws AgentIdentityError `too_many_requests`
 */
export type ReplayLimiter = (
  headerValue: string,
  agent: VerifiedAgentRuntime,
  clientAddress: string | undefined,
) => void;

type Limit = ReplayLimitExceeded['limit'];

interface Counts {
  requests: number;
  readonly clientAddresses: Set<string>;
  readonly reported: Set<Limit>;
}

/**
 * Creates a limiter that counts in this process only. It counts only assertions that verified, so a caller without a
 * registered key cannot fill its memory.
 *
 * @throws AgentIdentityError `invalid_argument`
 */
export function createReplayLimiter(options: ReplayLimiterOptions): ReplayLimiter {
  const { action, limits, maxTrackedAssertions, onLimitExceeded } = resolveOptions(options);
  const tracked = new LRUCache<string, Counts>({ max: maxTrackedAssertions });
  return (headerValue, agent, clientAddress) => {
    const counts = tracked.get(headerValue) ?? {
      requests: 0,
      clientAddresses: new Set<string>(),
      reported: new Set<Limit>(),
    };
    if (counts.requests === 0) tracked.set(headerValue, counts);
    const limit = countRequest(counts, clientAddress, limits);
    if (limit === undefined) return;
    if (!counts.reported.has(limit)) {
      counts.reported.add(limit);
      ignoringErrors(() => onLimitExceeded?.({ limit, agent, requests: counts.requests }));
    }
    if (action === 'refuse') throw verificationError('too_many_requests', messages[limit]);
  };
}

/** Counts one request and returns the limit that it exceeds. An address over the limit is not stored. */
function countRequest(
  counts: Counts,
  clientAddress: string | undefined,
  { requests, client_addresses: addresses }: Readonly<Record<Limit, number>>,
): Limit | undefined {
  counts.requests += 1;
  if (clientAddress !== undefined && addresses < unlimited && !counts.clientAddresses.has(clientAddress)) {
    if (counts.clientAddresses.size >= addresses) return 'client_addresses';
    counts.clientAddresses.add(clientAddress);
  }
  return counts.requests > requests ? 'requests' : undefined;
}

const unlimited = Number.POSITIVE_INFINITY;

const messages = {
  requests: 'the assertion came with more requests than replayLimiter.maxRequests allows',
  client_addresses: 'the assertion came from more addresses than replayLimiter.maxClientAddresses allows',
} as const satisfies Record<Limit, string>;

const optionNames = [
  'action',
  'maxRequests',
  'maxClientAddresses',
  'maxTrackedAssertions',
  'onLimitExceeded',
];

/** Also refuses options with which the limiter would have no effect. */
function resolveOptions(options: ReplayLimiterOptions) {
  requireKnownOptions(options, optionNames, 'replayLimiter');
  const { action, onLimitExceeded } = options;
  const { maxRequests = unlimited, maxClientAddresses = unlimited, maxTrackedAssertions = 10_000 } = options;
  if (action !== 'report' && action !== 'refuse') {
    throw invalidArgument('replayLimiter.action', '"report" or "refuse"', action);
  }
  requireListener(onLimitExceeded, 'replayLimiter.onLimitExceeded');
  if (action === 'report' && onLimitExceeded === undefined) {
    throw invalidArgument('replayLimiter.onLimitExceeded', 'a function to report to', onLimitExceeded);
  }
  if (maxRequests === unlimited && maxClientAddresses === unlimited) {
    throw invalidArgument('replayLimiter', 'maxRequests, maxClientAddresses or both', undefined);
  }
  if (maxRequests !== unlimited) requireCount(maxRequests, 'replayLimiter.maxRequests', 1);
  if (maxClientAddresses !== unlimited) {
    requireCount(maxClientAddresses, 'replayLimiter.maxClientAddresses', 1);
  }
  requireCount(maxTrackedAssertions, 'replayLimiter.maxTrackedAssertions', 1);
  const limits = { requests: maxRequests, client_addresses: maxClientAddresses };
  return { action, limits, maxTrackedAssertions, onLimitExceeded };
}
