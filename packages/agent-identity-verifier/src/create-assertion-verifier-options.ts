import type { AssertionGeneration, Clock, ValidityWindow } from 'agent-identity-core';
import {
  invalidArgument,
  requireKnownOptions,
  requireMethods,
  requireSeconds,
} from 'agent-identity-core/http';
import type { AgentDirectory } from './agent-directory.js';
import { createVerifierFailureReporter, type VerifierFailureSource } from './create-failure-reporter.js';
import { requireCount, requireListener } from './errors.js';
import {
  createReplayLimiter,
  type ReplayLimiter,
  type ReplayLimiterOptions,
} from './first-generation/replay-limiter.js';
import type { AccountMatch } from './first-generation/require-active.js';
import { memoryReplayStore } from './replay-store/memory-replay-store.js';
import type { ReplayStore } from './replay-store/replay-store.js';
import type { VerifyBearer } from './second-generation/bearer-check.js';
import type { ReplayStoreFailureMode } from './second-generation/single-use-check.js';

/** Options for `createAssertionVerifier`. `maxAgeSeconds` and `leewaySeconds` are for the first generation. */
export interface CreateAssertionVerifierOptions<Generation extends AssertionGeneration = AssertionGeneration>
  extends ValidityWindow {
  /** Looks up agents and tasks; called at each verification. */
  readonly directory: AgentDirectory;
  /**
   * The generations that the service accepts. Default: `[1]`. `[1, 2]` accepts both; the second needs a directory with
   * `findRuntimeAgentInstance`, and on several nodes a `replayStore` that they share.
   */
  readonly generations?: readonly Generation[] | undefined;
  /** Whether a request must name its account. Default: `required`. A `platform` actor of the second generation has none. */
  readonly accountMatch?: AccountMatch | undefined;
  /**
   * How many verified assertions of the first generation are cached, so that the signature of each is checked once.
   * Default: 1000; 0 for none. An agent signs a new assertion every second, so this is about the number of agents that
   * call within one second.
   */
  readonly maxCachedAssertions?: number | undefined;
  /**
   * Limits how often one assertion of the first generation may come, and from how many addresses. Default: no limit,
   * because real clients repeat assertions.
   */
  readonly replayLimiter?: ReplayLimiterOptions | undefined;
  /** The window for `iat` of the second generation. Default: 60 s in both directions. */
  readonly instanceWindow?: ValidityWindow | undefined;
  /** Remembers which assertions of the second generation were used. Default: `memoryReplayStore()`, for one process. */
  readonly replayStore?: ReplayStore | undefined;
  /**
   * What happens while the replay store fails: `refuse` (default) answers 503; `accept` lets requests pass, so that a
   * captured assertion can be **used again** inside its window. A full store refuses in both cases.
   */
  readonly onReplayStoreFailure?: ReplayStoreFailureMode | undefined;
  /**
   * Judges the bearer token beside an assertion of the second generation (`dual_header`). Default: none, so that such
   * requests are refused.
   */
  readonly verifyBearer?: VerifyBearer | undefined;
  /**
   * Called with each error that the directory, the replay store or `verifyBearer` throws, exactly as it was thrown. Clients
   * only get a 503. Exceptions of this listener are ignored. Default: a process warning with the name of the error, at most
   * once a minute, where the runtime has process warnings (Node, Deno, Bun).
   */
  readonly onFailure?: ((error: unknown, source: VerifierFailureSource) => void) | undefined;
}

/** {@link CreateAssertionVerifierOptions}, checked and with defaults. */
export interface VerifierSettings {
  /** Has `findRuntimeAgentInstance` if the second generation is accepted. */
  readonly directory: Required<AgentDirectory>;
  readonly generations: readonly AssertionGeneration[];
  readonly accountMatch: AccountMatch;
  readonly maxCachedAssertions: number;
  readonly window: ResolvedWindow;
  readonly limitReplays: ReplayLimiter;
  readonly instanceWindow: ResolvedWindow;
  readonly replayStore: ReplayStore;
  readonly onReplayStoreFailure: ReplayStoreFailureMode;
  readonly verifyBearer: VerifyBearer | undefined;
  readonly reportFailure: (error: unknown, source: VerifierFailureSource) => void;
}

interface ResolvedWindow {
  readonly maxAgeSeconds: number;
  readonly leewaySeconds: number;
}

const instanceOptionNames = [
  'instanceWindow',
  'replayStore',
  'onReplayStoreFailure',
  'verifyBearer',
] as const;

const optionNames = [
  'directory',
  'generations',
  'accountMatch',
  'maxAgeSeconds',
  'leewaySeconds',
  'maxCachedAssertions',
  'replayLimiter',
  ...instanceOptionNames,
  'onFailure',
];

/**
 * Fills in the defaults and refuses invalid options before the first request.
 *
 * @throws AgentIdentityError `invalid_argument`
 */
export function resolveVerifierOptions(
  options: CreateAssertionVerifierOptions,
  monotonicClock: Clock,
): VerifierSettings {
  requireKnownOptions(options, optionNames, 'options');
  const { directory, generations = [1], replayLimiter, verifyBearer, onFailure } = options;
  const { accountMatch = 'required', maxCachedAssertions = 1000 } = options;
  requireGenerations(generations, options);
  const methods = generations.includes(2) ? ['findRuntimeAgentInstance'] : [];
  requireMethods(
    directory,
    ['findAgentRuntime', 'findAgentTask', ...methods],
    'directory',
    'an AgentDirectory',
  );
  requireOneOf(accountMatch, ['required', 'when_given'], 'accountMatch');
  requireCount(maxCachedAssertions, 'maxCachedAssertions', 0);
  requireListener(verifyBearer, 'verifyBearer');
  requireListener(onFailure, 'onFailure');
  return {
    directory: directory as Required<AgentDirectory>,
    generations,
    accountMatch,
    maxCachedAssertions,
    window: resolveWindow(options, 300, ''),
    limitReplays: replayLimiter === undefined ? () => {} : createReplayLimiter(replayLimiter),
    ...resolveInstanceOptions(options, monotonicClock),
    verifyBearer,
    reportFailure: createVerifierFailureReporter(onFailure, monotonicClock),
  };
}

function resolveInstanceOptions(
  { instanceWindow = {}, replayStore, onReplayStoreFailure = 'refuse' }: CreateAssertionVerifierOptions,
  monotonicClock: Clock,
) {
  requireKnownOptions(instanceWindow, ['maxAgeSeconds', 'leewaySeconds'], 'instanceWindow');
  if (replayStore !== undefined) requireMethods(replayStore, ['markUsed'], 'replayStore', 'a ReplayStore');
  requireOneOf(onReplayStoreFailure, ['refuse', 'accept'], 'onReplayStoreFailure');
  return {
    instanceWindow: resolveWindow(instanceWindow, 60, 'instanceWindow.'),
    replayStore: replayStore ?? memoryReplayStore({}, { monotonicClock }),
    onReplayStoreFailure,
  };
}

/** Also refuses options for the second generation if it is not accepted: `generations` was probably forgotten. */
function requireGenerations(generations: readonly unknown[], options: CreateAssertionVerifierOptions): void {
  const isList = Array.isArray(generations) && generations.length > 0;
  if (!isList || !generations.every((generation) => generation === 1 || generation === 2)) {
    throw invalidArgument('generations', 'a list of 1, 2 or both', generations);
  }
  const idle = instanceOptionNames.find((name) => options[name] !== undefined);
  if (idle !== undefined && !generations.includes(2)) {
    throw invalidArgument(`${idle}`, 'generations to include 2, without which it has no effect', generations);
  }
}

function requireOneOf(value: unknown, known: readonly string[], name: string): void {
  if (known.includes(value as string)) return;
  throw invalidArgument(name, known.map((choice) => `"${choice}"`).join(' or '), value);
}

function resolveWindow(
  { maxAgeSeconds, leewaySeconds }: ValidityWindow,
  defaultSeconds: number,
  prefix: string,
): ResolvedWindow {
  const window = {
    maxAgeSeconds: maxAgeSeconds ?? defaultSeconds,
    leewaySeconds: leewaySeconds ?? defaultSeconds,
  };
  for (const [name, seconds] of Object.entries(window)) requireSeconds(seconds, prefix + name);
  return window;
}
