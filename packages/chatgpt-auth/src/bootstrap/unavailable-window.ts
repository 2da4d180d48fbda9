import type { AgentIdentityError, Clock } from 'agent-identity-core';

/** How long a bootstrap that was unavailable stays so, without a request (docs/protocol.md section 9). */
const windowMilliseconds = 60 * 60_000;

/** How many are remembered; the oldest are forgotten first. */
const capacity = 1024;

interface Unavailability {
  readonly until: number;
  readonly error: AgentIdentityError;
}

/** For the whole process, by account and AuthAPI base URL. */
const unavailabilities = new Map<string, Unavailability>();

/** What a bootstrap is unavailable for: one account at one AuthAPI. */
export interface UnavailableScope {
  readonly accountId: string;
  readonly authapiBaseUrl: string;
}

/** @throws AgentIdentityError the `agent_identity_unavailable` of the last hour, if there was one */
export function requireAvailable(scope: UnavailableScope, clock: Clock): void {
  const known = unavailabilities.get(keyOf(scope));
  if (known === undefined) return;
  if (clock() < known.until) throw known.error;
  unavailabilities.delete(keyOf(scope));
}

/** Shares the error with whoever asks within the hour. */
export function rememberUnavailable(scope: UnavailableScope, error: AgentIdentityError, clock: Clock): void {
  const [oldest] = unavailabilities.keys();
  if (oldest !== undefined && unavailabilities.size >= capacity) unavailabilities.delete(oldest);
  unavailabilities.set(keyOf(scope), { until: clock() + windowMilliseconds, error });
}

function keyOf({ accountId, authapiBaseUrl }: UnavailableScope): string {
  return JSON.stringify([accountId, authapiBaseUrl]);
}
