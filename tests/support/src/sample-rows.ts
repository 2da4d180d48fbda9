import { randomUUID } from 'node:crypto';

/** A runtime as an authority's store keeps it, with unique ids. */
export function someRuntime() {
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

/** A task of the runtime as an authority's store keeps it, with a unique id. */
export function someTaskOf({ agentRuntimeId }: { readonly agentRuntimeId: string }) {
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
