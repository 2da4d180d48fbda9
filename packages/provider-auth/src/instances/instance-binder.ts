import { createInstanceAssertionSigner, type InstanceAssertionSigner } from 'agent-identity-core';
import type { ActorAuth } from 'agent-identity-core/wire';
import { isRegistrationError } from 'agent-identity-registry';
import { requireAllowedWorkspace } from 'chatgpt-auth';
import type { BearerHeaders } from '../credentials/bearer-source.js';
import type { RunScopeState } from '../run/run-scope.js';
import {
  type CredentialInstance,
  instanceOfCredential,
  type RegisteredInstance,
} from './credential-instance.js';
import type { RuntimeAgentInstances } from './runtime-agent-instances.js';

type Waiting = AbortSignal | null | undefined;

/** A credential that can register an instance (docs/protocol-instances.md section 2). **Secret.** */
export interface InstanceCredential {
  readonly type: ActorAuth['type'];
  /** Returns the headers with the current token. A stale token is refreshed first. */
  readonly readBearer: (waiting: Waiting) => Promise<BearerHeaders>;
  /** Gets another token in place of a refused one; `undefined` for a credential that cannot be refreshed. */
  readonly replaceToken?: ((refused: string, waiting: Waiting) => Promise<void>) | undefined;
}

/** The inputs of an {@link InstanceBinder}. */
export interface InstanceBinderOptions {
  readonly credential: InstanceCredential;
  readonly settings: RuntimeAgentInstances;
  readonly forcedWorkspaceIds: readonly string[];
}

/** A token and the instance that it registered. They are only used together. **Secret.** */
export interface InstanceBinding {
  readonly bearer: BearerHeaders;
  readonly instance: CredentialInstance;
  readonly registered: RegisteredInstance;
  readonly signer: InstanceAssertionSigner;
}

/** Binds the current token of a credential to its instance, which it registers if that is new. */
export class InstanceBinder {
  readonly #options: InstanceBinderOptions;
  readonly #scope: RunScopeState;

  constructor(options: InstanceBinderOptions, scope: RunScopeState) {
    this.#options = options;
    this.#scope = scope;
  }

  /**
   * Registers the instance of the current token. If the token changes meanwhile, the new one is registered as well.
   *
   * @throws RegistrationError
   * @throws AgentIdentityError `runtime_instance_revoked`, `runtime_assertion_invalid`, `workspace_not_allowed`, and the
   * codes of chatgpt-auth
   */
  async bind(waiting: Waiting): Promise<InstanceBinding> {
    const { credential } = this.#options;
    let bearer = await credential.readBearer(waiting);
    for (;;) {
      const binding = await this.#register(bearer, waiting);
      bearer = await credential.readBearer(waiting);
      if (bearer.Authorization === binding.bearer.Authorization) return binding;
    }
  }

  /** If the server does not accept the token (401), registers another token, once. */
  async #register(bearer: BearerHeaders, waiting: Waiting): Promise<InstanceBinding> {
    const instance = this.#instanceOf(bearer);
    try {
      return this.#sign(bearer, instance, await instance.register(this.#scope, waiting));
    } catch (error) {
      const { replaceToken, readBearer } = this.#options.credential;
      const isUnauthorized = isRegistrationError(error) && error.status === 401;
      if (!isUnauthorized || instance.isRecovery || replaceToken === undefined) throw error;
      await replaceToken(tokenOf(bearer), waiting);
      const next = await readBearer(waiting);
      if (next.Authorization === bearer.Authorization) throw error;
      const recovery = this.#instanceOf(next);
      recovery.isRecovery = true;
      return this.#sign(next, recovery, await recovery.register(this.#scope, waiting));
    }
  }

  #instanceOf(bearer: BearerHeaders): CredentialInstance {
    const { credential, settings } = this.#options;
    const actorAuth = toActorAuth(credential.type, tokenOf(bearer), settings);
    return instanceOfCredential(actorAuth, settings, this.#scope);
  }

  #sign(
    bearer: BearerHeaders,
    instance: CredentialInstance,
    registered: RegisteredInstance,
  ): InstanceBinding {
    const { runtimeAgentInstanceId, agentKey, actor } = registered;
    if (actor.kind === 'chatgpt') {
      requireAllowedWorkspace(actor.account_id, this.#options.forcedWorkspaceIds);
    }
    const subject = { agentKey, runtimeAgentInstanceId };
    const signer = createInstanceAssertionSigner(subject, { clock: this.#scope.clock.now });
    return { bearer, instance, registered, signer };
  }
}

/** Returns the token of bearer headers. **Secret.** */
export function tokenOf({ Authorization }: BearerHeaders): string {
  return Authorization.slice('Bearer '.length);
}

function toActorAuth(
  type: ActorAuth['type'],
  credential: string,
  { organizationId, projectId }: RuntimeAgentInstances,
): ActorAuth {
  if (type !== 'platform_api_key') return { type, credential };
  return {
    type,
    credential,
    ...(organizationId !== undefined && { organization_id: organizationId }),
    ...(projectId !== undefined && { project_id: projectId }),
  };
}
