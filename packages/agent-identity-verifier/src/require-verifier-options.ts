import { type AbuseGuard, abuseGuard } from './abuse-guard.js';
import type { AgentDirectory } from './agent-directory.js';
import type { AssertionVerifierOptions } from './assertion-verifier-options.js';
import { invalidArgument, requireCount } from './errors.js';
import type { AccountMatch } from './require-standing.js';

export interface VerificationWindow {
  readonly maxAgeSeconds: number;
  readonly leewaySeconds: number;
}

export interface CheckedVerifierOptions {
  readonly directory: AgentDirectory;
  readonly accountMatch: AccountMatch;
  readonly maxRememberedAssertions: number;
  readonly window: VerificationWindow;
  readonly guard: AbuseGuard;
}

/**
 * Fills in the defaults and refuses what would only fail, or pass, at the first request.
 *
 * @throws AgentIdentityError `invalid_argument`
 */
export function requireVerifierOptions({
  directory,
  accountMatch = 'required',
  maxAgeSeconds = 300,
  leewaySeconds = 300,
  maxRememberedAssertions = 1000,
  abuseGuard: guardOptions,
}: AssertionVerifierOptions): CheckedVerifierOptions {
  if (typeof directory?.findAgentRuntime !== 'function' || typeof directory.findAgentTask !== 'function') {
    throw invalidArgument('directory', 'an AgentDirectory', directory);
  }
  if (accountMatch !== 'required' && accountMatch !== 'when_given') {
    throw invalidArgument('accountMatch', '"required" or "when_given"', accountMatch);
  }
  for (const [name, seconds] of Object.entries({ maxAgeSeconds, leewaySeconds })) {
    if (!Number.isFinite(seconds) || seconds < 0) {
      throw invalidArgument(name, 'seconds, 0 or more', seconds);
    }
  }
  requireCount('maxRememberedAssertions', maxRememberedAssertions, 0);
  return {
    directory,
    accountMatch,
    maxRememberedAssertions,
    window: { maxAgeSeconds, leewaySeconds },
    guard: guardOptions === undefined ? () => {} : abuseGuard(guardOptions),
  };
}
