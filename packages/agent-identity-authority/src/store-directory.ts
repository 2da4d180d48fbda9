import type { AgentPublicKey, Clock } from 'agent-identity-core';
import type { AgentDirectory } from 'agent-identity-verifier';
import { runtimeStanding } from './runtime-standing.js';
import type { AuthorityStore } from './store/authority-store.js';

/**
 * The directory of a verifier in the authority's own process: it reads the store each time, so a revocation is seen by
 * the next verification.
 */
export function storeDirectory(
  store: AuthorityStore,
  readKey: (publicKeySsh: string) => AgentPublicKey,
  clock: Clock,
): AgentDirectory {
  return {
    async findAgentRuntime(agentRuntimeId) {
      const runtime = await store.findAgentRuntime(agentRuntimeId);
      return (
        runtime && {
          agentRuntimeId: runtime.agentRuntimeId,
          publicKey: readKey(runtime.publicKeySsh),
          accountId: runtime.accountId,
          status: runtimeStanding(runtime, clock()),
        }
      );
    },
    async findAgentTask(agentRuntimeId, taskId) {
      const task = await store.findAgentTask(agentRuntimeId, taskId);
      return (
        task && {
          agentRuntimeId: task.agentRuntimeId,
          taskId: task.taskId,
          status: task.revokedAt === null ? 'live' : 'revoked',
        }
      );
    },
  };
}
