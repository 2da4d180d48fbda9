import type { InstanceActor } from 'agent-identity-core/wire';
import * as z from 'zod/mini';
import type { AgentActor, RuntimeAgentInstanceStatus } from '../agent-directory.js';
import { encodePathSegment } from './encode-path-segment.js';

/** The response about a runtime agent instance: 200 in every status. */
export interface DirectoryRuntimeAgentInstance {
  runtime_agent_instance_id: string;
  /** The id that the authority gave the installation that registered the instance. */
  agent_host_id: string;
  /** The OpenSSH line, `ssh-ed25519 …`, as it was registered. */
  public_key: string;
  /** As the response to the registration said (docs/protocol-instances.md section 3); `project_id` may be null. */
  actor: InstanceActor;
  status: RuntimeAgentInstanceStatus;
  /** RFC 3339, UTC. From then on the instance counts as expired whatever its status says. Absent if it never expires. */
  expires_at?: string | undefined;
}

const text = z.string().check(z.minLength(1));

/** Reads the response about a runtime agent instance. Unknown members are dropped. */
export const directoryRuntimeAgentInstanceSchema: z.ZodMiniType<DirectoryRuntimeAgentInstance> = z.object({
  runtime_agent_instance_id: text,
  agent_host_id: text,
  public_key: text,
  actor: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('chatgpt'), user_id: z.string(), account_id: z.string() }),
    z.object({
      kind: z.literal('platform'),
      user_id: z.string(),
      organization_id: z.string(),
      project_id: z.nullable(z.string()),
    }),
  ]),
  status: z.enum(['active', 'suspended', 'revoked', 'expired']),
  expires_at: z.optional(z.iso.datetime()),
});

/**
 * Converts an actor to the wire.
 *
 * @example
 * ```ts
 * import { toDirectoryActor } from 'agent-identity-verifier/directory-wire';
 *
 * const actor = toDirectoryActor({ kind: 'chatgpt', userId: 'user-1', accountId: 'account-1' });
 * // { kind: 'chatgpt', user_id: 'user-1', account_id: 'account-1' }
 * ```
 */
export function toDirectoryActor(actor: AgentActor): InstanceActor {
  if (actor.kind === 'chatgpt') {
    return { kind: 'chatgpt', user_id: actor.userId, account_id: actor.accountId };
  }
  const { userId, organizationId, projectId } = actor;
  return { kind: 'platform', user_id: userId, organization_id: organizationId, project_id: projectId };
}

/**
 * Converts an actor from the wire.
 *
 * @example
 * ```ts
 * import { fromDirectoryActor } from 'agent-identity-verifier/directory-wire';
 *
 * const actor = fromDirectoryActor({ kind: 'chatgpt', user_id: 'user-1', account_id: 'account-1' });
 * // { kind: 'chatgpt', userId: 'user-1', accountId: 'account-1' }
 * ```
 */
export function fromDirectoryActor(actor: InstanceActor): AgentActor {
  if (actor.kind === 'chatgpt') {
    return { kind: 'chatgpt', userId: actor.user_id, accountId: actor.account_id };
  }
  const { user_id: userId, organization_id: organizationId, project_id: projectId } = actor;
  return { kind: 'platform', userId, organizationId, projectId };
}

/** The `error.code` of the 404 that means: there is no such runtime agent instance. */
export const runtimeAgentInstanceNotFoundCode = 'runtime_agent_instance_not_found' as const;

/**
 * The path of a runtime agent instance below the base URL. The id is escaped as one path segment.
 *
 * @returns `undefined` for an id that cannot be one path segment; no authority issues such an id
 * @example
 * ```ts
 * import { directoryRuntimeAgentInstancePath } from 'agent-identity-verifier/directory-wire';
 *
 * directoryRuntimeAgentInstancePath('rai-1'); // '/v1/directory/instances/rai-1'
 * ```
 */
export function directoryRuntimeAgentInstancePath(runtimeAgentInstanceId: string): string | undefined {
  const instance = encodePathSegment(runtimeAgentInstanceId);
  return instance && `/v1/directory/instances/${instance}`;
}
