import { createAuthority, type OnFailure } from 'agent-identity-authority-core';
import { toGrant, toInstant, toWireAuditLogReport } from 'agent-identity-authority-core/admin-wire';
import type { Configuration } from '../configuration/configuration.js';
import { openConfiguredStore } from '../configuration/open-configured-store.js';
import type { AdminClient } from './admin-client.js';

const origin = { actor: 'operator:command-line' } as const;

/**
 * Opens the store of a configuration and works on it in this process. A PGlite folder can be open once only: speak to
 * the server that has it.
 *
 * @throws AgentIdentityError those of `openStore` and `createAuthority`
 */
export async function localAdminClient(
  configuration: Configuration,
  onFailure: OnFailure,
): Promise<AdminClient> {
  const store = await openConfiguredStore(configuration, onFailure);
  const { jwtLifetimeSeconds } = configuration;
  const authenticator = { authenticate: () => undefined };
  const opening = createAuthority({ store, authenticator, jwtLifetimeSeconds }, { onFailure });
  const authority = await opening.catch(async (error: unknown) => {
    await store.close();
    throw error;
  });
  return {
    async issue(request) {
      const issued = await authority.issueAgentIdentityJwt(toGrant(request), origin);
      return {
        agent_runtime_id: issued.agentRuntimeId,
        jwt: issued.jwt,
        expires_at: toInstant(issued.expiresAt),
      };
    },
    revokeAgentRuntime: (agentRuntimeId) => authority.revokeAgentRuntime(agentRuntimeId, origin),
    revokeAgentTask: (agentRuntimeId, taskId) =>
      authority.revokeAgentTask({ agentRuntimeId, taskId }, origin),
    rotateSigningKey: (request) =>
      authority.rotateSigningKey(
        {
          activateAfterSeconds: request.activate_after_seconds,
          overlapSeconds: request.overlap_seconds,
        },
        origin,
      ),
    verifyAuditLog: async ({ checkpoint }) => toWireAuditLogReport(await store.verifyAuditLog(checkpoint)),
    async close() {
      await authority.close();
      await store.close();
    },
  };
}
