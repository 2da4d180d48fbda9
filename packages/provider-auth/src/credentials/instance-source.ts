import { untilAborted } from 'agent-identity-core/http';
import {
  InstanceBinder,
  type InstanceBinderOptions,
  type InstanceBinding,
  tokenOf,
} from '../instances/instance-binder.js';
import type { RuntimeAgentInstances } from '../instances/runtime-agent-instances.js';
import { describeFailure } from '../run/observe-run.js';
import type { RunScopeState } from '../run/run-scope.js';
import type { ActingInstance, CredentialSource } from './credential-source.js';
import type { ProviderCredentials, ProviderResponse } from './provider-credentials.js';
import { readInstanceRefusal } from './read-instance-refusal.js';

type Waiting = AbortSignal | null | undefined;

/** Options for {@link openInstanceSource}. */
export interface InstanceSourceOptions extends InstanceBinderOptions {
  readonly reason: string;
}

/** Why a request is retried. Each reason counts once per request. */
type RetryReason = 'clock_corrected' | 'token_replaced';

/** A request that was sent. */
interface SentRequest {
  readonly binding: InstanceBinding;
  readonly signedOffsetSeconds: number;
  readonly usedReasons: ReadonlySet<RetryReason>;
}

/**
 * Opens a source that signs an assertion of a runtime agent instance for each request (docs/protocol-instances.md section
 * 4), and registers the instance. A changed access token registers another instance before the next request. After a
 * failure it gives no credentials, until a request is prepared successfully.
 *
 * @throws RegistrationError
 * @throws AgentIdentityError `runtime_instance_revoked`, `runtime_assertion_invalid`, `workspace_not_allowed`, and the
 * codes of chatgpt-auth
 */
export async function openInstanceSource(
  options: InstanceSourceOptions,
  scope: RunScopeState,
  signal: AbortSignal | undefined,
): Promise<CredentialSource> {
  const binder = new InstanceBinder(options, scope);
  return new InstanceSource(options, { scope, binder, binding: await binder.bind(signal) });
}

class InstanceSource implements CredentialSource {
  readonly kind = 'instance_assertion';
  readonly reason: string;
  readonly actingAgent = undefined;
  readonly #options: InstanceSourceOptions;
  readonly #scope: RunScopeState;
  readonly #binder: InstanceBinder;
  #binding: InstanceBinding;
  #failure: unknown;

  constructor(
    options: InstanceSourceOptions,
    {
      scope,
      binder,
      binding,
    }: { readonly scope: RunScopeState; readonly binder: InstanceBinder; readonly binding: InstanceBinding },
  ) {
    this.reason = options.reason;
    this.#options = options;
    this.#scope = scope;
    this.#binder = binder;
    this.#binding = binding;
  }

  get actingInstance(): ActingInstance {
    const { runtimeAgentInstanceId, agentHostId, actor } = this.#binding.registered;
    return { generation: 2, runtimeAgentInstanceId, agentHostId, actorKind: actor.kind };
  }

  async prepare(waiting: Waiting): Promise<void> {
    try {
      this.#adopt(await this.#binder.bind(waiting));
      this.#failure = undefined;
    } catch (error) {
      // The caller's own abort says nothing about the credentials.
      if (!waiting?.aborted) this.#failure = error;
      throw error;
    }
  }

  credentials(): ProviderCredentials {
    return this.#sign(new Set());
  }

  #adopt(binding: InstanceBinding): void {
    const before = this.#binding;
    this.#binding = binding;
    if (before.instance === binding.instance) return;
    this.#scope.observation.notify({
      type: 'instance_replaced',
      generation: 2,
      runtimeAgentInstanceId: binding.registered.runtimeAgentInstanceId,
      replacedInstanceId: before.registered.runtimeAgentInstanceId,
    });
  }

  #sign(usedReasons: ReadonlySet<RetryReason>): ProviderCredentials {
    if (this.#failure !== undefined) throw this.#failure;
    const binding = this.#binding;
    binding.instance.requireNotEnded();
    const sent = { binding, signedOffsetSeconds: this.#scope.clock.offsetSeconds, usedReasons };
    return {
      headers: instanceHeaders(binding, this.#options.settings),
      mayRetry: true,
      closeSignal: binding.instance.closeSignal,
      afterResponse: async (response, { signal: waiting } = {}) => {
        if (response.status !== 401 && response.status !== 403) return undefined;
        const reason = await untilAborted(this.#findRetryReason(response, sent, waiting), waiting);
        return reason && this.#sign(new Set([...usedReasons, reason]));
      },
      forRedirect: () => this.#sign(usedReasons),
    };
  }

  async #findRetryReason(
    response: ProviderResponse,
    { binding, signedOffsetSeconds, usedReasons }: SentRequest,
    waiting: Waiting,
  ): Promise<RetryReason | undefined> {
    const { clock } = this.#scope;
    // Compared with the time when the response arrived, before its body is read.
    const serverOffsetSeconds = clock.offsetOf(response.date);
    const refusal = await readInstanceRefusal(response);
    if (refusal === 'runtime_instance_revoked' || refusal === 'runtime_assertion_invalid') {
      binding.instance.end(refusal, this.#scope);
      return undefined;
    }
    if (refusal === 'other') return undefined;
    if (!usedReasons.has('clock_corrected')) {
      const sample = { serverOffsetSeconds, signedOffsetSeconds, server: 'provider' } as const;
      if (clock.learn(sample)) return 'clock_corrected';
    }
    if (response.status !== 401 || usedReasons.has('token_replaced')) return undefined;
    return (await this.#replaceToken(binding, waiting)) ? 'token_replaced' : undefined;
  }

  /** Whether the credential has another token now than the refused one, and an instance for it. */
  async #replaceToken({ bearer, instance }: InstanceBinding, waiting: Waiting): Promise<boolean> {
    const { replaceToken } = this.#options.credential;
    if (replaceToken === undefined) return false;
    try {
      await replaceToken(tokenOf(bearer), waiting);
    } catch (error) {
      waiting?.throwIfAborted();
      const { errorCode } = describeFailure(error);
      this.#scope.observation.notify({ type: 'bearer_refresh_failed', errorCode });
      return false;
    }
    await this.prepare(waiting);
    return this.#binding.instance !== instance;
  }
}

/** The actor decides `ChatGPT-Account-ID`, not the credential (docs/protocol-instances.md section 3). */
function instanceHeaders(
  { bearer, registered: { actor }, signer }: InstanceBinding,
  { mode, organizationId, projectId }: RuntimeAgentInstances,
): Readonly<Record<string, string>> {
  const { Authorization, 'ChatGPT-Account-ID': _account, ...others } = bearer;
  return {
    ...others,
    ...(mode === 'dual_header'
      ? { Authorization, 'x-openai-agent-assertion': signer.assertion() }
      : { Authorization: signer.authorizationHeader() }),
    ...(actor.kind === 'chatgpt' && { 'ChatGPT-Account-ID': actor.account_id }),
    ...(organizationId !== undefined && { 'OpenAI-Organization': organizationId }),
    ...(projectId !== undefined && { 'OpenAI-Project': projectId }),
  };
}
