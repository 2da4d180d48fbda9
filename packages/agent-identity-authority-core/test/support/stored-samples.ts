import { randomUUID } from 'node:crypto';
import type { StoredAgentRuntime, StoredAgentTask } from 'agent-identity-authority-core';

/** A runtime that no other test has. */
export function someRuntime(): StoredAgentRuntime {
  const name = randomUUID();
  return {
    agentRuntimeId: `agent-${name}`,
    publicKeySsh: `ssh-ed25519 ${name}`,
    accountId: `account-${name}`,
    chatgptUserId: 'user-1',
    abom: { agent_version: '1', agent_harness_id: 'codex-cli', running_location: 'cli-linux' },
    capabilities: ['responsesapi'],
    createdAt: 1000,
    expiresAt: 61_000,
    revokedAt: null,
  };
}

/** A task of it. */
export function someTaskOf({ agentRuntimeId }: StoredAgentRuntime): StoredAgentTask {
  return {
    taskId: `task-${randomUUID()}`,
    agentRuntimeId,
    registrationTimestamp: '2026-04-23T00:00:00Z',
    registrationSignature: 'c2lnbmF0dXJl',
    createdAt: 2000,
    lastSeenAt: 2000,
    revokedAt: null,
  };
}
