import { openInstanceSource } from '../credentials/instance-source.js';
import { providerAuthError } from '../errors.js';
import { carriesAssertions } from '../instances/carries-assertions.js';
import {
  type RuntimeAgentInstancesOptions,
  resolveRuntimeAgentInstancesOptions,
} from '../instances/runtime-agent-instances.js';
import type { ResolvedLoadAuthOptions } from './resolve-load-auth-options.js';
import type { SessionCredentials } from './session-auth.js';

/**
 * Finds the options of the policy `runtime-agent-instances`: those of the caller, else the configuration that the login was
 * opened with. `undefined` if the policy is off.
 *
 * @throws AgentIdentityError the codes of `readOrCreateInstallationId` of chatgpt-auth
 */
export async function findRuntimeAgentInstances({
  runtimeAgentInstances,
  login,
}: Pick<ResolvedLoadAuthOptions, 'runtimeAgentInstances' | 'login'>): Promise<
  RuntimeAgentInstancesOptions | undefined
> {
  if (runtimeAgentInstances !== undefined) return runtimeAgentInstances;
  const configured = login?.runtimeAgentInstances;
  if (!configured?.enabled) return undefined;
  return { installationId: await configured.readInstallationId(), mode: configured.mode };
}

/**
 * Adds the policy `runtime-agent-instances` to the credentials of a session. Where it applies, requests carry assertions of
 * an instance, or none is sent: there is no fallback to the bearer token or to the first generation.
 *
 * @throws AgentIdentityError `invalid_argument`, `unknown_chatgpt_base_url`, `insecure_url`, `invalid_base_url`
 */
export function withRuntimeAgentInstances(
  credentials: SessionCredentials,
  {
    instances,
    options,
    reason,
  }: {
    readonly instances: RuntimeAgentInstancesOptions;
    readonly options: ResolvedLoadAuthOptions;
    /** Why these credentials were chosen. */
    readonly reason: string;
  },
): SessionCredentials {
  const { kind } = credentials;
  const settings = resolveRuntimeAgentInstancesOptions(instances, options);
  if (kind === 'none') return credentials;
  if (kind !== 'api_key' && (settings.organizationId ?? settings.projectId) !== undefined) {
    const message =
      'runtimeAgentInstances: the selection of an organization or project needs an OpenAI API key';
    throw providerAuthError('invalid_argument', message);
  }
  return {
    kind,
    async openSource(scope, target) {
      if (!carriesAssertions(target.baseUrl, settings)) return credentials.openSource(scope, target);
      const credential = credentials.openInstanceCredential?.(scope);
      if (credential === undefined) throw cannotRegister();
      const { forcedWorkspaceIds } = options;
      const source = {
        reason: `${reason}; the policy runtime-agent-instances is on, with the mode ${settings.mode}`,
        credential,
        settings,
        forcedWorkspaceIds,
      };
      return openInstanceSource(source, scope, target.signal);
    },
  };
}

function cannotRegister(): Error {
  return providerAuthError(
    'cannot_register_instance',
    'runtimeAgentInstances: an Agent Identity JWT or record cannot register an instance; use a ChatGPT login, an API key or a personal access token',
  );
}
