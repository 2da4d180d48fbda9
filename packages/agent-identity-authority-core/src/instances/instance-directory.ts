import type { AgentPublicKey, Clock } from 'agent-identity-core';
import type { AgentDirectory, RuntimeAgentInstanceEntry } from 'agent-identity-verifier';
import {
  type DirectoryRuntimeAgentInstance,
  directoryRuntimeAgentInstanceSchema,
  runtimeAgentInstanceNotFoundCode,
  toDirectoryActor,
} from 'agent-identity-verifier/directory-wire';
import { chooseDirectory, type DirectorySources } from '../directory/directory-sources.js';
import { followHeader, followSecondsOfIdle } from '../directory/follow-seconds.js';
import { createUseRecorder } from '../directory/use-recorder.js';
import { createErrorResponse } from '../http/error-response.js';
import type { Operation, Route } from '../http/operation.js';
import type { AuthorityStore } from '../store/authority-store.js';
import { instanceStatus } from './instance-status.js';

/** Dependencies of looking up instances for verifiers. */
export interface InstanceFinderParts {
  readonly store: AuthorityStore;
  readonly readKey: (publicKeySsh: string) => AgentPublicKey;
  readonly instanceIdleTtlSeconds: number;
  readonly clock: Clock;
  readonly monotonicClock: Clock;
}

/** Creates the directory's look-up of instances. A look-up of an active instance counts as use. */
export function createInstanceFinder({
  store,
  readKey,
  instanceIdleTtlSeconds: idleTtlSeconds,
  clock,
  monotonicClock,
}: InstanceFinderParts): NonNullable<AgentDirectory['findRuntimeAgentInstance']> {
  const recordUse = createUseRecorder({ idleTtlSeconds, clock, monotonicClock });
  return async (id): Promise<RuntimeAgentInstanceEntry | undefined> => {
    const instance = await store.findRuntimeAgentInstance(id);
    if (instance === undefined) return undefined;
    const { runtimeAgentInstanceId, agentHostId, publicKeySsh, actor, lastSeenAt } = instance;
    const status = instanceStatus(instance, clock() - idleTtlSeconds * 1000);
    const touch = (now: number) => store.touchRuntimeAgentInstance(id, now);
    return {
      runtimeAgentInstanceId,
      agentHostId,
      publicKey: readKey(publicKeySsh),
      actor,
      status: status === 'active' ? recordUse({ id, lastSeenAt, touch }) : status,
    };
  };
}

export interface InstanceDirectoryParts extends DirectorySources {
  readonly instanceIdleTtlSeconds: number;
  readonly clock: Clock;
}

const operation: Operation = {
  operationId: 'findRuntimeAgentInstance',
  method: 'get',
  path: '/v1/directory/instances/{runtime_agent_instance_id}',
  summary: 'Returns what a verifier needs to know about a runtime agent instance',
  access: 'verifier',
  response: { description: 'The instance, in any status', schema: directoryRuntimeAgentInstanceSchema },
  revalidates: true,
  errors: ['runtime_agent_instance_not_found'],
};

/**
 * Creates the route that `remoteDirectory` of agent-identity-verifier fetches instances from. The response has no
 * `expires_at`, because each use postpones the expiry.
 */
export function createInstanceDirectoryRoute(parts: InstanceDirectoryParts): Route {
  const { clock } = parts;
  const cacheControl = { 'cache-control': `private, max-age=${parts.directoryMaxAgeSeconds}` };
  const follow = followHeader(followSecondsOfIdle(parts.instanceIdleTtlSeconds));
  return {
    operation,
    async handle(context) {
      const id = context.req.param('runtime_agent_instance_id') ?? '';
      const { directory, follows } = chooseDirectory(context, parts);
      const instance = await directory.findRuntimeAgentInstance(id);
      if (instance === undefined) {
        const message = 'There is no such runtime agent instance.';
        return createErrorResponse(runtimeAgentInstanceNotFoundCode, message, clock(), cacheControl);
      }
      const body: DirectoryRuntimeAgentInstance = {
        runtime_agent_instance_id: instance.runtimeAgentInstanceId,
        agent_host_id: instance.agentHostId,
        public_key: instance.publicKey.ssh,
        actor: toDirectoryActor(instance.actor),
        status: instance.status,
      };
      return context.json(body, 200, { ...cacheControl, ...(follows && follow) });
    },
  };
}
