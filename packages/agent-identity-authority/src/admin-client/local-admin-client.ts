import { createAuthority } from 'agent-identity-authority-core';
import {
  toAdminEnrollmentToken,
  toAdminSigningKeys,
  toEnrollmentTokenOptions,
  toIssueOptions,
  toIssueResponse,
  toRotateOptions,
} from 'agent-identity-authority-core/admin-wire';
import type { OpenStoreOptions } from 'agent-identity-authority-sql';
import type { Configuration } from '../configuration/configuration.js';
import { openConfiguredStore, type StoreListeners } from '../configuration/open-configured-store.js';
import type { AdminClient } from './admin-client.js';
import { createLocalAgents } from './local-agents.js';
import { createLocalAuditLog } from './local-audit-log.js';
import { createLocalInstances } from './local-instances.js';

const origin = { actor: 'administrator:command-line' } as const;

/**
 * Opens the configured store and works on it in this process. Only one process can open a PGlite folder: if a server has it,
 * use a remote client.
 *
 * @throws AgentIdentityError the codes of `openStore` and `createAuthority`
 */
export async function openLocalAdminClient(
  configuration: Configuration,
  options: StoreListeners & Pick<OpenStoreOptions, 'ifMissing'>,
): Promise<AdminClient> {
  const { onFailure } = options;
  const store = await openConfiguredStore(configuration, options);
  const { jwtLifetimeSeconds, taskIdleTtlSeconds, instanceIdleTtlSeconds } = configuration;
  const authenticator = { authenticate: () => undefined };
  const opening = createAuthority({ store, authenticator, jwtLifetimeSeconds, onFailure });
  const authority = await opening.catch(async (error: unknown) => {
    await store.close();
    throw error;
  });
  const listSigningKeys = async () => toAdminSigningKeys(await store.listSigningKeys(), Date.now());
  return {
    whoAmI: async () => ({ name: 'command-line', role: 'administrator', account_ids: null }),
    issue: async (request) =>
      toIssueResponse(await authority.issueAgentIdentityJwt(toIssueOptions(request), origin)),
    ...createLocalAgents({ store, authority, taskIdleTtlSeconds, origin }),
    ...createLocalInstances({ store, authority, instanceIdleTtlSeconds, origin }),
    async createEnrollmentToken(request) {
      const created = await authority.createEnrollmentToken(toEnrollmentTokenOptions(request), origin);
      const { enrollmentTokenId: id, token, expiresAt } = created;
      return { enrollment_token_id: id, token, expires_at: new Date(expiresAt).toISOString() };
    },
    async listEnrollmentTokens(query) {
      const { items, nextCursor } = await store.listEnrollmentTokens(query);
      const now = Date.now();
      return {
        enrollment_tokens: items.map((token) => toAdminEnrollmentToken(token, now)),
        next_cursor: nextCursor,
      };
    },
    revokeEnrollmentToken: async (id) =>
      toAdminEnrollmentToken(await authority.revokeEnrollmentToken(id, origin), Date.now()),
    listSigningKeys,
    async retireSigningKey(kid) {
      await authority.retireSigningKey(kid, origin);
      return listSigningKeys();
    },
    rotateSigningKey: (request) => authority.rotateSigningKey(toRotateOptions(request), origin),
    ...createLocalAuditLog({ store, authority, origin }),
    async close() {
      await authority.close();
      await store.close();
    },
  };
}
