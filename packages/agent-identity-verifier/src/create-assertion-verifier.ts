import type { AssertionGeneration } from 'agent-identity-core';
import { type HttpEffects, requireKnownOptions, resolveEffects } from 'agent-identity-core/http';
import { AgentWatch } from './agent-watch.js';
import type { AssertionVerifier, WatchOptions } from './assertion-verifier.js';
import {
  type CreateAssertionVerifierOptions,
  resolveVerifierOptions,
} from './create-assertion-verifier-options.js';
import { errorMappingDirectory } from './error-mapping-directory.js';
import { requireStillActiveRuntime } from './first-generation/require-active.js';
import { createRuntimeVerification } from './first-generation/runtime-verification.js';
import { readCredentials } from './read-credentials.js';
import { createBearerCheck } from './second-generation/bearer-check.js';
import {
  createInstanceVerification,
  requireStillActiveInstance,
} from './second-generation/instance-verification.js';
import { createSingleUseCheck } from './second-generation/single-use-check.js';
import type { VerifiedAgent, VerifiedAgentOf } from './verified-agent.js';

const contextNames = ['accountId', 'instanceAssertion', 'organizationId', 'projectId', 'clientAddress'];

/**
 * Creates the verifier of a service that accepts agent assertions: of the first generation (docs/protocol.md sections 3 and
 * 11), of the second (docs/protocol-instances.md sections 4 and 9), or both, by the option `generations`.
 *
 * The order of the checks is part of the contract: form, signature, age, and only then the status of the agent, the
 * account, and the task; or the bearer token and single use. A caller without a registered key learns nothing about agents,
 * accounts or tasks, and an unknown agent costs the same signature check as a known one.
 *
 * @throws AgentIdentityError `invalid_argument`
 * @example
 * ```ts
 * import { generateAgentKey } from 'agent-identity-core';
 * import { createAssertionVerifier, memoryDirectory } from 'agent-identity-verifier';
 *
 * const { publicKey } = generateAgentKey();
 * const directory = memoryDirectory();
 * directory.putAgentRuntime({ agentRuntimeId: 'agent-1', publicKey, accountId: 'account-1' });
 * directory.putAgentTask({ agentRuntimeId: 'agent-1', taskId: 'task-1' });
 *
 * const verifier = createAssertionVerifier({ directory });
 * const authenticate = ({ headers }: Request) =>
 *   verifier.verify(headers.get('authorization'), { accountId: headers.get('chatgpt-account-id') });
 * ```
 */
export function createAssertionVerifier<Generation extends AssertionGeneration = 1>(
  options: CreateAssertionVerifierOptions<Generation>,
  effects: Pick<HttpEffects, 'clock' | 'monotonicClock'> = {},
): AssertionVerifier<VerifiedAgentOf<Generation>> {
  requireKnownOptions(effects, ['clock', 'monotonicClock'], 'effects');
  const { clock, monotonicClock } = resolveEffects(effects);
  const settings = resolveVerifierOptions(options, monotonicClock);
  const { generations, verifyBearer, instanceWindow: window, reportFailure } = settings;
  const directory = errorMappingDirectory(settings.directory, reportFailure);
  const verifyRuntime = createRuntimeVerification({ ...settings, directory, clock });
  const verifyInstance = createInstanceVerification({
    ...settings,
    directory,
    window,
    checkBearer:
      verifyBearer && createBearerCheck(verifyBearer, (error) => reportFailure(error, 'verify_bearer')),
    checkSingleUse: createSingleUseCheck({
      ...settings,
      window,
      report: (error) => reportFailure(error, 'replay_store'),
    }),
    clock,
  });

  async function verify(...[headerValue, context = {}]: Parameters<AssertionVerifier['verify']>) {
    requireKnownOptions(context, contextNames, 'context');
    const credentials = readCredentials(headerValue, context.instanceAssertion, generations);
    return credentials.generation === 1
      ? verifyRuntime(credentials.headerValue, context)
      : verifyInstance(credentials, context);
  }

  const silentDirectory = errorMappingDirectory(settings.directory, () => {});
  const agentWatch = new AgentWatch({
    subscribe: options.directory.subscribe?.bind(options.directory),
    requireStillActive: (agent) =>
      agent.generation === 1
        ? requireStillActiveRuntime(agent, silentDirectory)
        : requireStillActiveInstance(agent, silentDirectory, clock),
  });
  // `readCredentials` lets only the accepted generations through.
  const watch = (agent: VerifiedAgent, watchOptions?: WatchOptions) => agentWatch.watch(agent, watchOptions);
  return { verify, watch } as AssertionVerifier<VerifiedAgent> as AssertionVerifier<
    VerifiedAgentOf<Generation>
  >;
}
