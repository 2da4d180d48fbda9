import {
  adminAgentPageSchema,
  adminAgentSchema,
  adminEnrollmentTokenPageSchema,
  adminEnrollmentTokenSchema,
  adminInstancePageSchema,
  adminInstanceSchema,
  adminSigningKeysSchema,
  adminTaskPageSchema,
  auditLogPageSchema,
  callingAdministratorSchema,
  changedInstancesSchema,
  createEnrollmentTokenResponseSchema,
  issueAgentIdentityResponseSchema,
  pruneAuditLogResponseSchema,
  revokedAgentsSchema,
  rotateSigningKeyResponseSchema,
  verifyAuditLogResponseSchema,
} from 'agent-identity-authority-core/admin-wire';
import { isAgentIdentityError } from 'agent-identity-core';
import { requireBaseUrl } from 'agent-identity-core/http';
import * as z from 'zod';
import { remoteLogReader } from '../audit-log/remote-log-reader.js';
import { programError } from '../errors.js';
import type { AdminClient } from './admin-client.js';
import { createAdminRequests } from './admin-requests.js';

/** Options for `createRemoteAdminClient`. */
export interface CreateRemoteAdminClientOptions {
  /** The authority's URL with the base path; `https:`, or `http:` to loopback. */
  readonly url: string;
  /** **Secret.** */
  readonly token: string;
}

/**
 * Creates a client for the administration API of a running authority.
 *
 * @throws AgentIdentityError `invalid_configuration`, `invalid_base_url`; its methods throw `authority_refused` and
 * `authority_unreachable`
 */
export function createRemoteAdminClient(
  { url, token }: CreateRemoteAdminClientOptions,
  fetch: typeof globalThis.fetch,
): AdminClient {
  const baseUrl = requireUrl(url);
  const { get, post } = createAdminRequests({ baseUrl, token }, fetch);
  const instancePath = (id: string) => `/v1/admin/instances/${encodeURIComponent(id)}`;
  const agentPath = (agentRuntimeId: string) => `/v1/admin/agents/${encodeURIComponent(agentRuntimeId)}`;
  return {
    whoAmI: () => get('/v1/admin/me', callingAdministratorSchema),
    issue: (request) => post('/v1/admin/agents', request, issueAgentIdentityResponseSchema),
    listAgents: (query) => get(`/v1/admin/agents?${toSearch(query)}`, adminAgentPageSchema),
    showAgent: (id) => get(agentPath(id), adminAgentSchema),
    listTasks: (id, page) => get(`${agentPath(id)}/tasks?${toSearch(page)}`, adminTaskPageSchema),
    revokeAgents: (request) => post('/v1/admin/agents/revoke', request, revokedAgentsSchema),
    async changeAgentRuntime(agentRuntimeId, change) {
      await post(`${agentPath(agentRuntimeId)}/${change}`, {}, z.unknown());
    },
    async revokeAgentTask(agentRuntimeId, taskId) {
      const task = `/tasks/${encodeURIComponent(taskId)}`;
      await post(`${agentPath(agentRuntimeId)}${task}/revoke`, {}, z.unknown());
    },
    listInstances: (query) => get(`/v1/admin/instances?${toSearch(query)}`, adminInstancePageSchema),
    showInstance: (id) => get(instancePath(id), adminInstanceSchema),
    changeInstance: (id, change) => post(`${instancePath(id)}/${change}`, {}, adminInstanceSchema),
    changeInstances: (selector, change) =>
      post(`/v1/admin/instances/${change}`, selector, changedInstancesSchema),
    createEnrollmentToken: (request) =>
      post('/v1/admin/enrollment-tokens', request, createEnrollmentTokenResponseSchema),
    listEnrollmentTokens: (query) =>
      get(`/v1/admin/enrollment-tokens?${toSearch(query)}`, adminEnrollmentTokenPageSchema),
    revokeEnrollmentToken: (id) =>
      post(`/v1/admin/enrollment-tokens/${encodeURIComponent(id)}/revoke`, {}, adminEnrollmentTokenSchema),
    listSigningKeys: () => get('/v1/admin/signing-keys', adminSigningKeysSchema),
    retireSigningKey: (kid) =>
      post(`/v1/admin/signing-keys/${encodeURIComponent(kid)}/retire`, {}, adminSigningKeysSchema),
    rotateSigningKey: (request) =>
      post('/v1/admin/signing-keys/rotate', request, rotateSigningKeyResponseSchema),
    listAuditEntries: (query) => get(`/v1/admin/audit?${toSearch(query)}`, auditLogPageSchema),
    verifyAuditLog: (request) => post('/v1/admin/audit/verify', request, verifyAuditLogResponseSchema),
    pruneAuditLog: (request) => post('/v1/admin/audit/prune', request, pruneAuditLogResponseSchema),
    log: remoteLogReader({ url: `${baseUrl}/v1/audit/log`, token }, fetch),
    close: async () => {},
  };
}

/** The error of core names an option that the command line does not have. */
function requireUrl(url: string): string {
  try {
    return requireBaseUrl(url, 'url');
  } catch (error) {
    if (!isAgentIdentityError(error, 'insecure_url')) throw error;
    throw programError(
      'invalid_configuration',
      'url: expected https:, or http: to this machine, without a password',
    );
  }
}

function toSearch(query: object): string {
  const members = Object.entries(query).filter(([, value]) => value !== undefined);
  return new URLSearchParams(Object.fromEntries(members)).toString();
}
