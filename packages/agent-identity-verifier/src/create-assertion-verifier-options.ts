import type { ValidityWindow } from 'agent-identity-core';
import {
  invalidArgument,
  requireKnownOptions,
  requireMethods,
  requireSeconds,
} from 'agent-identity-core/http';
import type { AgentDirectory } from './agent-directory.js';
import { requireCount, requireListener } from './errors.js';
import { createReplayLimiter, type ReplayLimiter, type ReplayLimiterOptions } from './replay-limiter.js';
import type { AccountMatch } from './require-active.js';

/** Options for `createAssertionVerifier`. */
export interface CreateAssertionVerifierOptions extends ValidityWindow {
  /** Looks up runtimes and tasks; called at each verification. */
  readonly directory: AgentDirectory;
  /** Whether a request must name its account. Default: `required`. */
  readonly accountMatch?: AccountMatch | undefined;
  /**
   * How many verified assertions are cached, so that the signature of each is checked once. Default: 1000; 0 for none. An
   * agent signs a new assertion every second, so this is about the number of agents that call within one second.
   */
  readonly maxCachedAssertions?: number | undefined;
  /** Limits how often one assertion may come, and from how many addresses. Default: no limit, because real clients repeat assertions. */
  readonly replayLimiter?: ReplayLimiterOptions | undefined;
  /**
   * Called with each error that the directory throws, exactly as it was thrown. Clients only get a 503. Exceptions of this
   * listener are ignored. Default: a process warning with the name of the error, at most once a minute, where the runtime
   * has process warnings (Node, Deno, Bun).
   */
  readonly onDirectoryFailure?: ((error: unknown) => void) | undefined;
}

/** {@link CreateAssertionVerifierOptions}, checked and with defaults. */
export interface VerifierSettings {
  readonly directory: AgentDirectory;
  readonly accountMatch: AccountMatch;
  readonly maxCachedAssertions: number;
  readonly window: { readonly maxAgeSeconds: number; readonly leewaySeconds: number };
  readonly limitReplays: ReplayLimiter;
  readonly onDirectoryFailure: ((error: unknown) => void) | undefined;
}

const optionNames = [
  'directory',
  'accountMatch',
  'maxAgeSeconds',
  'leewaySeconds',
  'maxCachedAssertions',
  'replayLimiter',
  'onDirectoryFailure',
];

/**
 * Fills in the defaults and refuses invalid options before the first request.
 *
 * @throws AgentIdentityError `invalid_argument`
 */
export function resolveVerifierOptions(options: CreateAssertionVerifierOptions): VerifierSettings {
  requireKnownOptions(options, optionNames, 'options');
  const { directory, replayLimiter, onDirectoryFailure } = options;
  const {
    accountMatch = 'required',
    maxAgeSeconds = 300,
    leewaySeconds = 300,
    maxCachedAssertions = 1000,
  } = options;
  requireMethods(directory, ['findAgentRuntime', 'findAgentTask'], 'directory', 'an AgentDirectory');
  if (accountMatch !== 'required' && accountMatch !== 'when_given') {
    throw invalidArgument('accountMatch', '"required" or "when_given"', accountMatch);
  }
  requireSeconds(maxAgeSeconds, 'maxAgeSeconds');
  requireSeconds(leewaySeconds, 'leewaySeconds');
  requireCount(maxCachedAssertions, 'maxCachedAssertions', 0);
  requireListener(onDirectoryFailure, 'onDirectoryFailure');
  return {
    directory,
    accountMatch,
    maxCachedAssertions,
    window: { maxAgeSeconds, leewaySeconds },
    limitReplays: replayLimiter === undefined ? () => {} : createReplayLimiter(replayLimiter),
    onDirectoryFailure,
  };
}
