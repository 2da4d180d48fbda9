import { randomUUID } from 'node:crypto';
import type { StoredAgentRuntime, StoredAgentTask } from 'agent-identity-authority-core';

/** A signature has 88 characters. */
const signature = 'A'.repeat(88);

/** A runtime as a store keeps it. */
export function newRuntime(agentRuntimeId: string = `agent-${randomUUID()}`): StoredAgentRuntime {
  return {
    agentRuntimeId,
    publicKeySsh: `ssh-ed25519 ${agentRuntimeId}`,
    accountId: 'account-1',
    chatgptUserId: 'user-1',
    planType: 'business',
    name: null,
    owner: null,
    labels: {},
    abom: { agent_version: '1', agent_harness_id: 'bench', running_location: 'cli-linux' },
    capabilities: [],
    lineage: [],
    createdAt: Date.now(),
    expiresAt: null,
    suspendedAt: null,
    revokedAt: null,
  };
}

/** A task as a store keeps it. Its registration is unlike any other. */
export function newTask(agentRuntimeId: string): StoredAgentTask {
  const id = randomUUID();
  const now = Date.now();
  return {
    taskId: `task-${id}`,
    agentRuntimeId,
    registrationTimestamp: new Date(now).toISOString(),
    registrationSignature: `${signature.slice(36)}${id}`,
    createdAt: now,
    lastSeenAt: now,
    revokedAt: null,
  };
}
