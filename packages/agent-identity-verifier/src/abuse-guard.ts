import { LRUCache } from 'lru-cache';
import { invalidArgument, requireCount, verificationError } from './errors.js';
import { quietly } from './quietly.js';
import type { VerifiedAgent } from './verified-agent.js';

/**
 * How often one assertion may come, and from where. Real clients repeat an assertion within its second (docs/protocol.md section
 * 11), so the limits must leave room for all requests that an agent sends in a second, and for the addresses that a
 * proxy or a dual-stack host sends from.
 */
export interface AbuseGuardOptions {
  /** `report` only tells `onAbuse`; `refuse` also fails the request with `too_many_requests`. */
  readonly action: 'report' | 'refuse';
  /** Requests that may carry one assertion; unlimited by default. */
  readonly maxRequests?: number | undefined;
  /** Distinct client addresses that it may come from; unlimited by default. Addresses come with the context of `verify`. */
  readonly maxClientAddresses?: number | undefined;
  /** How many assertions are watched, 10,000 by default: the least recently used is forgotten first, and counted anew. */
  readonly maxWatchedAssertions?: number | undefined;
  /** Is told once for each assertion and limit. What it throws is ignored. */
  readonly onAbuse?: ((abuse: AssertionAbuse) => void) | undefined;
}

/** An assertion that came too often, or from too many addresses. It holds neither the assertion nor an address. */
export interface AssertionAbuse {
  readonly exceeded: 'requests' | 'client_addresses';
  readonly agent: VerifiedAgent;
  /** That came with it so far, this one included. */
  readonly requests: number;
}

/**
 * Counts an accepted assertion. A further address is refused while those that came first go on.
 *
 * @throws AgentIdentityError `too_many_requests`
 */
export type AbuseGuard = (
  headerValue: string,
  agent: VerifiedAgent,
  clientAddress: string | undefined,
) => void;

interface Counts {
  requests: number;
  readonly clientAddresses: Set<string>;
  readonly told: Set<Limit>;
}

type Limit = AssertionAbuse['exceeded'];

/**
 * Makes the guard. It counts in this process only, and only assertions that verified, so that nobody without a
 * registered key fills its memory.
 *
 * @throws AgentIdentityError `invalid_argument`
 */
export function abuseGuard(options: AbuseGuardOptions): AbuseGuard {
  const { action, limits, maxWatchedAssertions, onAbuse } = requireOptions(options);
  const watched = new LRUCache<string, Counts>({ max: maxWatchedAssertions });
  const report = quietly(onAbuse);
  return (headerValue, agent, clientAddress) => {
    const counts = watched.get(headerValue) ?? {
      requests: 0,
      clientAddresses: new Set<string>(),
      told: new Set<Limit>(),
    };
    if (counts.requests === 0) watched.set(headerValue, counts);
    const exceeded = countOne(counts, clientAddress, limits);
    if (exceeded === undefined) return;
    if (!counts.told.has(exceeded)) {
      counts.told.add(exceeded);
      report({ exceeded, agent, requests: counts.requests });
    }
    if (action === 'refuse') throw verificationError('too_many_requests', messages[exceeded]);
  };
}

/** Counts one request; says which limit it is over. An address over the limit is not kept. */
function countOne(
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
  requests: 'the assertion came with more requests than the abuse guard allows',
  client_addresses: 'the assertion came from more client addresses than the abuse guard allows',
} as const satisfies Record<Limit, string>;

/** Without a limit, or with nobody to tell and nothing to refuse, it would do nothing. */
function requireOptions({
  action,
  maxRequests = unlimited,
  maxClientAddresses = unlimited,
  maxWatchedAssertions = 10_000,
  onAbuse,
}: AbuseGuardOptions) {
  if (action !== 'report' && action !== 'refuse') {
    throw invalidArgument('abuseGuard.action', '"report" or "refuse"', action);
  }
  if (onAbuse === undefined ? action === 'report' : typeof onAbuse !== 'function') {
    throw invalidArgument('abuseGuard.onAbuse', 'a function to report to', onAbuse);
  }
  if (maxRequests === unlimited && maxClientAddresses === unlimited) {
    throw invalidArgument('abuseGuard', 'maxRequests, maxClientAddresses or both', undefined);
  }
  if (maxRequests !== unlimited) requireCount('abuseGuard.maxRequests', maxRequests, 1);
  if (maxClientAddresses !== unlimited) {
    requireCount('abuseGuard.maxClientAddresses', maxClientAddresses, 1);
  }
  requireCount('abuseGuard.maxWatchedAssertions', maxWatchedAssertions, 1);
  const limits = { requests: maxRequests, client_addresses: maxClientAddresses };
  return { action, limits, maxWatchedAssertions, onAbuse };
}
