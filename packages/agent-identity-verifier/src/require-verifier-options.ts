import { kindOf } from 'agent-identity-core';
import type { AgentDirectory } from './agent-directory.js';
import type { AssertionVerifierOptions } from './assertion-verifier-options.js';
import { verificationError } from './errors.js';
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
}: AssertionVerifierOptions): CheckedVerifierOptions {
  if (typeof directory?.findAgentRuntime !== 'function' || typeof directory.findAgentTask !== 'function') {
    throw invalid('directory', 'an AgentDirectory', directory);
  }
  if (accountMatch !== 'required' && accountMatch !== 'when_given') {
    throw invalid('accountMatch', '"required" or "when_given"', accountMatch);
  }
  for (const [name, seconds] of Object.entries({ maxAgeSeconds, leewaySeconds })) {
    if (!Number.isFinite(seconds) || seconds < 0) throw invalid(name, 'seconds, 0 or more', seconds);
  }
  if (!Number.isSafeInteger(maxRememberedAssertions) || maxRememberedAssertions < 0) {
    throw invalid('maxRememberedAssertions', 'a whole number, 0 or more', maxRememberedAssertions);
  }
  return { directory, accountMatch, maxRememberedAssertions, window: { maxAgeSeconds, leewaySeconds } };
}

function invalid(name: string, expected: string, value: unknown): Error {
  return verificationError('invalid_argument', `${name}: expected ${expected}, got ${kindOf(value)}`);
}
