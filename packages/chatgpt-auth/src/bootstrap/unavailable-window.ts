import type { AgentIdentityError, Clock } from 'agent-identity-core';

/** How long a bootstrap stays unavailable, without a request (docs/protocol.md section 9). */
const windowMilliseconds = 60 * 60_000;

/** The oldest are forgotten first. */
const capacity = 1024;

interface Unavailability {
  /** By the monotonic clock. */
  readonly since: number;
  readonly error: AgentIdentityError;
}

/** For the whole process, by account and AuthAPI base URL. */
const unavailabilities = new Map<string, Unavailability>();

/** One account at one AuthAPI. */
export interface UnavailableScope {
  readonly accountId: string;
  readonly authapiBaseUrl: string;
}

/** @throws AgentIdentityError the `agent_identity_unavailable` of the last hour, if there was one */
export function requireAvailable(scope: UnavailableScope, monotonicClock: Clock): void {
  const key = formatKey(scope);
  const known = unavailabilities.get(key);
  if (known === undefined) return;
  if (monotonicClock() - known.since < windowMilliseconds) throw known.error;
  unavailabilities.delete(key);
}

/** Shares the error with all callers within the hour. */
export function rememberUnavailable(
  scope: UnavailableScope,
  error: AgentIdentityError,
  monotonicClock: Clock,
): void {
  const [oldest] = unavailabilities.keys();
  if (oldest !== undefined && unavailabilities.size >= capacity) unavailabilities.delete(oldest);
  unavailabilities.set(formatKey(scope), { since: monotonicClock(), error });
}

function formatKey({ accountId, authapiBaseUrl }: UnavailableScope): string {
  return JSON.stringify([accountId, authapiBaseUrl]);
}
