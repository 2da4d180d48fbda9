import { type AgentKey, generateAgentKey } from 'agent-identity-core';
import { createSingleFlight, type RuntimeEffects } from 'agent-identity-core/http';
import type { ActorAuth } from 'agent-identity-core/wire';
import {
  isRegistrationError,
  type RuntimeAgentInstance,
  registerRuntimeAgentInstance,
} from 'agent-identity-registry';
import { type ProviderAuthError, providerAuthError } from '../errors.js';
import type { RunScopeState } from '../run/run-scope.js';
import type { RuntimeAgentInstances } from './runtime-agent-instances.js';

/** Why no request of an instance is sent any more (docs/protocol-instances.md section 6). */
export type InstanceEndCode = 'runtime_instance_revoked' | 'runtime_assertion_invalid';

/** A registered instance and its key. The key is **secret**. */
export interface RegisteredInstance extends RuntimeAgentInstance {
  readonly agentKey: AgentKey;
}

/**
 * The instance of one credential in this process (docs/protocol-instances.md section 5): its key, its one registration, and
 * its end. Another access token is another credential, with another key.
 */
export class CredentialInstance {
  /** Whether the credential was obtained because the server refused to register the one before. */
  isRecovery = false;
  readonly #actorAuth: ActorAuth;
  readonly #settings: RuntimeAgentInstances;
  readonly #flights = createSingleFlight<RegisteredInstance>({ whenAbandoned: 'finish' });
  readonly #closing = new AbortController();
  #agentKey: AgentKey | undefined;
  #registered: RegisteredInstance | undefined;
  /** A refusal that is final for this credential in this process. */
  #refusal: unknown;
  #ended: ProviderAuthError | undefined;

  constructor(actorAuth: ActorAuth, settings: RuntimeAgentInstances) {
    this.#actorAuth = actorAuth;
    this.#settings = settings;
  }

  /** Aborts when the instance has ended: connections that were opened for it must close. */
  get closeSignal(): AbortSignal {
    return this.#closing.signal;
  }

  /**
   * Registers the instance, once for all callers. After a failure that may pass, the next call repeats the registration,
   * with the same key and `Idempotency-Key`. A refusal with status 401 or 403 is final for the credential.
   *
   * @throws RegistrationError
   * @throws AgentIdentityError `runtime_instance_revoked`, `runtime_assertion_invalid` if the instance has ended
   */
  async register(scope: RunScopeState, signal: AbortSignal | null | undefined): Promise<RegisteredInstance> {
    this.requireNotEnded();
    if (this.#refusal !== undefined) throw this.#refusal;
    return this.#registered ?? this.#flights.join('', () => this.#send(scope), signal);
  }

  async #send(scope: RunScopeState): Promise<RegisteredInstance> {
    this.#agentKey ??= generateAgentKey();
    const agentKey = this.#agentKey;
    const { baseUrl, installationId, metadata, userAgent, allowPlainHttpHosts } = this.#settings;
    const actorAuth = this.#actorAuth;
    const options = {
      baseUrl,
      actorAuth,
      installationId,
      agentKey,
      metadata,
      userAgent,
      allowPlainHttpHosts,
    };
    try {
      const instance = await scope.observation.watch(
        { name: 'instance_registration', generation: 2 },
        () => registerRuntimeAgentInstance(options, scope.effects),
        ({ runtimeAgentInstanceId }) => ({ runtimeAgentInstanceId }),
      );
      this.#registered = { ...instance, agentKey };
      return this.#registered;
    } catch (error) {
      if (isRegistrationError(error) && (error.status === 401 || error.status === 403)) this.#refusal = error;
      throw error;
    }
  }

  /** @throws AgentIdentityError `runtime_instance_revoked`, `runtime_assertion_invalid` */
  requireNotEnded(): void {
    if (this.#ended !== undefined) throw this.#ended;
  }

  /** Ends the instance: nothing more is sent with its credential, and it is not registered again. */
  end(code: InstanceEndCode, { observation }: RunScopeState): void {
    if (this.#ended !== undefined || this.#registered === undefined) return;
    const said = code === 'runtime_instance_revoked' ? 'the instance is revoked' : 'its assertion is invalid';
    const message = `the server said that ${said}; nothing more is sent with this credential. Start another process, or use another credential`;
    this.#ended = providerAuthError(code, message);
    const { runtimeAgentInstanceId } = this.#registered;
    observation.notify({ type: 'instance_ended', generation: 2, runtimeAgentInstanceId, code });
    this.#closing.abort(this.#ended);
  }
}

/** The instances of this process, by the `fetch` that registers them. */
const instancesByFetch = new WeakMap<RuntimeEffects['fetch'], Map<string, CredentialInstance>>();

/** The credential that was not used for the longest time is forgotten first. */
const maxInstances = 1000;

/**
 * Returns the instance of a credential: the same one for all runs of this process that use the same `fetch`, registration
 * server, installation and metadata.
 */
export function instanceOfCredential(
  actorAuth: ActorAuth,
  settings: RuntimeAgentInstances,
  { effects }: RunScopeState,
): CredentialInstance {
  const instances = instancesByFetch.get(effects.fetch) ?? new Map<string, CredentialInstance>();
  instancesByFetch.set(effects.fetch, instances);
  const { baseUrl, installationId, metadata } = settings;
  const key = JSON.stringify([baseUrl, installationId, metadata, actorAuth]);
  const instance = instances.get(key) ?? new CredentialInstance(actorAuth, settings);
  instances.delete(key);
  instances.set(key, instance);
  const [oldest] = instances.keys();
  if (instances.size > maxInstances && oldest !== undefined) instances.delete(oldest);
  return instance;
}
