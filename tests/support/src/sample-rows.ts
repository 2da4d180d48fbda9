import { randomBytes, randomUUID } from 'node:crypto';

/** A runtime as an authority's store keeps it, with unique ids. */
export function someRuntime() {
  const name = randomUUID();
  return {
    agentRuntimeId: `agent-${name}`,
    publicKeySsh: `ssh-ed25519 ${name}`,
    accountId: `account-${name}`,
    chatgptUserId: 'user-1',
    planType: 'business',
    name: 'builder',
    owner: 'team-search',
    labels: { team: 'search' },
    abom: { agent_version: '1', agent_harness_id: 'codex-cli', running_location: 'cli-linux' },
    capabilities: ['responsesapi'],
    lineage: [],
    createdAt: 1000,
    expiresAt: 61_000,
    suspendedAt: null,
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

/** An enrollment token as an authority's store keeps it, with a unique id. It can be used from 1000 to 61000. */
export function someEnrollmentToken() {
  return {
    enrollmentTokenId: `enrollment-${randomUUID()}`,
    tokenDigest: randomBytes(32).toString('hex'),
    account: {
      accountId: 'account-1',
      chatgptUserId: 'user "1" 🜁',
      email: 'a@example.com',
      planType: 'business',
      isFedramp: true,
      capabilities: ['repository:read'],
    },
    createdAt: 1000,
    expiresAt: 61_000,
    usedAt: null,
    agentRuntimeId: null,
    revokedAt: null,
  };
}

/** A runtime agent instance as an authority's store keeps it, with unique ids. */
export function someInstance() {
  const name = randomUUID();
  return {
    runtimeAgentInstanceId: `rai-${name}`,
    agentHostId: `host-${name}`,
    installationId: name,
    publicKeySsh: `ssh-ed25519 ${name}`,
    actor: { kind: 'chatgpt', userId: `user-${name}`, accountId: `account-${name}` },
    credentialType: 'oauth',
    harness: 'codex',
    harnessVersion: '0.169.0',
    role: 'orchestrator',
    idempotencyKeyDigest: `digest of ${name}`,
    requestDigest: 'digest of the body',
    createdAt: 1000,
    lastSeenAt: 1000,
    suspendedAt: null,
    revokedAt: null,
  } as const;
}
