import { createHash, randomUUID } from 'node:crypto';
import { type ActorAuthenticators, credentialDigests } from 'agent-identity-authority-core';
import { type AgentKey, generateAgentKey } from 'agent-identity-core';
import { accessToken } from './start-authority.js';

export const apiKey = 'sk-marked-secret-0123456789abcdef';
export const personalAccessToken = 'at-marked-secret-0123456789abcdef';
export const inactiveKey = 'sk-marked-secret-of-an-inactive-user';

export const platformActor = {
  kind: 'platform',
  userId: 'user-1',
  organizationId: 'org-1',
  projectId: null,
} as const;

/** Lists of API keys and personal access tokens. The API key also works for a project. */
export const actors: ActorAuthenticators = {
  platformApiKey: credentialDigests([
    { sha256: sha256(apiKey), actor: platformActor },
    { sha256: sha256(apiKey), actor: { ...platformActor, projectId: 'project-1' } },
    { sha256: sha256(inactiveKey), actor: platformActor, active: false },
  ]),
  personalAccessToken: credentialDigests([
    {
      sha256: sha256(personalAccessToken),
      actor: { kind: 'chatgpt', userId: 'user-1', accountId: 'account-1' },
    },
  ]),
};

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export const oauth = { type: 'oauth', credential: accessToken } as const;

/** The body of a registration, with a new key and installation. */
export function instanceRegistration(
  changes: Record<string, unknown> = {},
  { publicKey }: AgentKey = generateAgentKey(),
) {
  return {
    actor_auth: oauth as Record<string, unknown>,
    agent_host_auth: { type: 'installation_id', installation_id: randomUUID() },
    public_key: publicKey.ssh,
    metadata: { harness: 'codex', harness_version: '0.169.0', role: 'orchestrator' },
    ...changes,
  };
}

export function withKey(idempotencyKey: string = randomUUID()): Record<string, string> {
  return { 'idempotency-key': idempotencyKey };
}
