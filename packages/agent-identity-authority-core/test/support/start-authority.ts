import { generateKeyPairSync } from 'node:crypto';
import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import {
  type AgentAccount,
  type Authority,
  type AuthorityEffects,
  type AuthorityStore,
  administratorTokens,
  type CreateAuthorityOptions,
  createAuthority,
  memoryStore,
  principalTokens,
  staticTokens,
} from 'agent-identity-authority-core';
import { type AgentKey, generateAgentKey, type SignedTaskRegistration } from 'agent-identity-core';
import { listenOnLoopback, registrationBody } from 'test-support';

/** 2026-04-23T00:00:00Z, in milliseconds. */
export const now: number = Date.parse('2026-04-23T00:00:00Z');

export const accessToken = 'access-token-of-account-1';
export const account: AgentAccount = {
  accountId: 'account-1',
  chatgptUserId: 'user-1',
  email: 'agent@example.com',
  planType: 'business',
  isFedramp: false,
  capabilities: ['responsesapi', 'repository:read'],
};
export const otherAccessToken = 'access-token-of-account-2';
export const otherAccount: AgentAccount = { ...account, accountId: 'account-2', chatgptUserId: 'user-2' };
export const colleagueAccessToken = 'access-token-of-a-colleague';
const colleague: AgentAccount = { ...account, chatgptUserId: 'user-3' };

/** The tokens of the administrator alice and of the service inference. */
export const adminToken = 'admin-token-of-alice-0123456789abcdef';
export const verifierToken = 'verifier-token-of-inference-0123456789';

const signingKeyPem = newSigningKeyPem();

export function newSigningKeyPem(): string {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  }).privateKey;
}

/** A response and its parsed body. */
interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests say what they expect of it
  readonly body: any;
}

export interface StartedAuthority {
  readonly authority: Authority;
  readonly store: AuthorityStore;
  readonly url: string;
  get(path: string, init?: RequestInit): Promise<Answer>;
  /** Sends a request as the administrator: POST with a body, otherwise GET. */
  admin(path: string, body?: unknown): Promise<Answer>;
  /** Sends a request as the service. */
  lookUp(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Registers a runtime and returns its id. */
  register(agentKey: AgentKey): Promise<string>;
  registerTask(agentRuntimeId: string, registration: SignedTaskRegistration): Promise<Answer>;
}

/** Starts an authority behind a real server on loopback until the test is over; at a fixed time by default. */
export async function startAuthority(
  options: Partial<CreateAuthorityOptions> = {},
  effects: AuthorityEffects = {},
): Promise<StartedAuthority> {
  const store = options.store ?? memoryStore();
  const authenticator = staticTokens([
    { token: accessToken, account },
    { token: otherAccessToken, account: otherAccount },
    { token: colleagueAccessToken, account: colleague },
  ]);
  const administrators = administratorTokens([{ name: 'alice', role: 'administrator', token: adminToken }]);
  const verifiers = principalTokens([{ name: 'inference', token: verifierToken }]);
  const authority = await createAuthority(
    {
      authenticator,
      administrators,
      verifiers,
      generateSigningKey: async () => signingKeyPem,
      ...options,
      store,
    },
    { clock: () => now, monotonicClock: effects.clock, ...effects },
  );
  const url = await listenOnLoopback(createAdaptorServer({ fetch: authority.fetch }) as Server);
  const base = `${url}${options.authapiBasePath ?? ''}`;
  const get = async (path: string, init?: RequestInit) => answerOf(await fetch(`${url}${path}`, init));
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    get(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const pathOf = (path: string) => `${base}${path}`.slice(url.length);
  return {
    authority,
    store,
    url,
    get,
    post,
    admin: (path, body) =>
      body === undefined
        ? get(pathOf(path), { headers: bearer(adminToken) })
        : post(pathOf(path), body, bearer(adminToken)),
    lookUp: (path, headers = {}) => get(pathOf(path), { headers: { ...bearer(verifierToken), ...headers } }),
    async register(agentKey) {
      const { body } = await post(pathOf('/v1/agent/register'), registrationOf(agentKey), bearer());
      return body.agent_runtime_id;
    },
    registerTask: (agentRuntimeId, registration) =>
      post(pathOf(`/v1/agent/${encodeURIComponent(agentRuntimeId)}/task/register`), registration),
  };
}

/** The body of a runtime registration. */
export function registrationOf(
  { publicKey }: AgentKey = generateAgentKey(),
  changes: Record<string, unknown> = {},
): Record<string, unknown> {
  return registrationBody(publicKey.ssh, changes);
}

export function bearer(token: string = accessToken): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? undefined : JSON.parse(text),
  };
}
