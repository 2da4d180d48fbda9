import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateAgentKey, signTaskRegistration } from 'agent-identity-core';
import { registrationBody } from 'test-support';
import { beforeAll, describe, expect, it } from 'vitest';
import { newPgliteFolder } from '../support/pglite-folder.js';
import {
  type Account,
  type Expectation,
  member,
  type Role,
  roles,
  type Seed,
  table,
} from '../support/role-expectations.js';
import { startServer } from '../support/start-server.js';

const tokenOf = (role: Role, limit: 'all' | 'limited') => `token-of-a-${role}-${limit}-0123456789abcdef`;
const accessTokenOf = (account: Account) => `access-token-of-${account}`;
const root = tokenOf('administrator', 'all');

let url = '';
let own: Seed;
let other: Seed;

async function send(token: string, path: string, body?: object, headers: Record<string, string> = {}) {
  const response = await fetch(`${url}${path}`, {
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false;
  return { status: response.status, text, body: isJson ? JSON.parse(text) : undefined };
}

async function seed(account: Account, signingKey: string): Promise<Seed> {
  const agentKey = generateAgentKey();
  const token = accessTokenOf(account);
  const registered = await send(token, '/v1/agent/register', registrationBody(agentKey.publicKey.ssh));
  const agentRuntimeId: string = registered.body.agent_runtime_id;
  const registration = signTaskRegistration({ agentKey, agentRuntimeId });
  const task = await send('', `/v1/agent/${agentRuntimeId}/task/register`, { ...registration });
  const added = await send(
    '',
    '/agent/register',
    {
      actor_auth: { type: 'oauth', credential: token },
      agent_host_auth: { type: 'installation_id', installation_id: randomUUID() },
      public_key: generateAgentKey().publicKey.ssh,
      metadata: { harness: 'codex', harness_version: '0.169.0', role: 'orchestrator' },
    },
    { 'idempotency-key': randomUUID() },
  );
  const enrollment = await send(root, '/v1/admin/enrollment-tokens', member({ account }));
  return {
    account,
    agent: agentRuntimeId,
    task: task.body.task_id,
    instance: added.body.runtime_agent_instance_id,
    enrollment: enrollment.body.enrollment_token_id,
    signingKey,
  };
}

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'administrator-roles-'));
  const write = async (name: string, sections: readonly string[]) => {
    await writeFile(join(folder, name), sections.join('\n'));
    return join(folder, name);
  };
  const administrators = roles.flatMap((role) =>
    (['all', 'limited'] as const).map(
      (limit) => `[[tokens]]
name = "${role}-${limit}"
role = "${role}"
token = "${tokenOf(role, limit)}"
${limit === 'limited' ? 'accountIds = ["account-own"]' : ''}`,
    ),
  );
  const agents = (['account-own', 'account-other'] as const).map(
    (account) => `[[tokens]]
token = "${accessTokenOf(account)}"
account = { accountId = "${account}", chatgptUserId = "user-1" }`,
  );
  const server = await startServer(
    {
      store: `pglite:${await newPgliteFolder(join(folder, 'store'))}`,
      masterKey: Buffer.alloc(32, 7).toString('base64'),
      agents: { tokensFile: await write('agents.toml', agents) },
      administrators: { tokensFile: await write('administrators.toml', administrators) },
    },
    () => {},
  );
  url = server.url;
  const [oldKey] = (await send(root, '/v1/admin/signing-keys')).body.signing_keys;
  own = await seed('account-own', oldKey.kid);
  other = await seed('account-other', oldKey.kid);
  await send(root, '/v1/admin/signing-keys/rotate', {});
  await send(root, '/v1/admin/audit');
  return async () => {
    await server.stop();
    await rm(folder, { recursive: true });
  };
});

/** What only an account itself may see. */
const idsOf = ({ signingKey, ...ids }: Seed) => Object.values(ids);

/** The status of each role with one kind of tokens. */
async function statusesOf({ request }: Expectation, target: Seed, limit: 'all' | 'limited') {
  const answers = [];
  for (const role of roles) {
    const { path, body } = request(target);
    answers.push(await send(tokenOf(role, limit), path, body));
  }
  return answers;
}

describe('administrator roles', () => {
  it.each(roles)('a limited %s finds what is of the own account in lists', async (role) => {
    const token = tokenOf(role, 'limited');
    for (const [path, id] of [
      ['/v1/admin/agents', own.agent],
      [`/v1/admin/agents/${own.agent}/tasks`, own.task],
      ['/v1/admin/instances', own.instance],
      ['/v1/admin/enrollment-tokens', own.enrollment],
    ] as const) {
      const { text } = await send(token, path);
      expect(text).toContain(id);
      for (const otherId of idsOf(other)) expect(text).not.toContain(otherId);
    }
  });

  it('are tested for every operation of the OpenAPI document, which names the same roles', async () => {
    const { paths } = (await send('', '/openapi.json')).body;
    const documented = Object.entries<Record<string, { security: object[]; [extension: string]: unknown }>>(
      paths,
    ).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([, { security }]) => 'administrator' in (security[0] ?? {}))
        .map(([method, operation]) => [
          `${method} ${path}`,
          {
            role: operation['x-required-role'],
            requiresAllAccounts: operation['x-requires-all-accounts'],
          },
        ]),
    );
    expect(Object.fromEntries(documented)).toEqual(
      Object.fromEntries(
        Object.entries(table).map(([operation, { all, own: limited }]) => [
          operation,
          {
            role: roles[all.findIndex((status) => status !== 403)],
            requiresAllAccounts: limited.every((status) => status === 403),
          },
        ]),
      ),
    );
  });

  it.each(Object.entries(table))('%s answers each role as it must', async (_operation, expected) => {
    const ofOther = await statusesOf(expected, other, 'limited');
    const ofOwn = await statusesOf(expected, own, 'limited');
    const ofAll = await statusesOf(expected, own, 'all');
    expect({
      other: ofOther.map(({ status }) => status),
      own: ofOwn.map(({ status }) => status),
      all: ofAll.map(({ status }) => status),
    }).toEqual({ other: expected.other, own: expected.own, all: expected.all });
    for (const { text } of [...ofOther, ...ofOwn]) {
      for (const id of idsOf(other)) expect(text).not.toContain(id);
    }
    for (const { body } of ofOther) expect([body?.matching ?? 0, body?.changed ?? 0]).toEqual([0, 0]);
    for (const { status, body } of [...ofOther, ...ofOwn, ...ofAll].filter(
      (answer) => answer.status === 403,
    )) {
      expect(status).toBe(403);
      expect(body.error.code).toMatch(/^(?:role|all_accounts)_required$/);
      expect(roles).toContain(body.error.required_role);
      expect(body.error.message).toContain(`"${body.error.required_role}"`);
      expect(body.error.message).toContain(`"${body.error.role}"`);
    }
  });

  it('leave the other account as it was', async () => {
    expect((await send(root, `/v1/admin/agents/${other.agent}`)).body.status).toBe('active');
    const { tasks } = (await send(root, `/v1/admin/agents/${other.agent}/tasks`)).body;
    expect(tasks).toMatchObject([{ task_id: other.task, revoked_at: null }]);
    expect((await send(root, `/v1/admin/instances/${other.instance}`)).body.status).toBe('active');
    const tokens = (await send(root, '/v1/admin/enrollment-tokens')).body.enrollment_tokens;
    const ofOther = tokens.filter((token: { account_id: string }) => token.account_id === 'account-other');
    expect(ofOther).toMatchObject([{ enrollment_token_id: other.enrollment, status: 'unused' }]);
    const agents = (await send(root, '/v1/admin/agents?account_id=account-other')).body.agents;
    expect(agents).toHaveLength(1);
  });

  it('are in the audit log with the name, as the actor', async () => {
    const { entries } = (
      await send(root, '/v1/admin/audit?action=agent_runtime_suspended&order=newest_first')
    ).body;
    const actors = entries.map(({ actor }: { actor: string }) => actor);
    expect(actors).toContain('operator:operator-limited');
  });

  it('and accounts are told to the caller', async () => {
    expect((await send(tokenOf('operator', 'limited'), '/v1/admin/me')).body).toEqual({
      name: 'operator-limited',
      role: 'operator',
      account_ids: ['account-own'],
    });
    expect((await send(root, '/v1/admin/me')).body).toEqual({
      name: 'administrator-all',
      role: 'administrator',
      account_ids: null,
    });
  });

  it('do not matter for an unknown token, which gets 401', async () => {
    expect((await send(`${root}x`, '/v1/admin/me')).status).toBe(401);
  });

  it('a limited revocation of many concerns the accounts of the caller only, and never selects all of them', async () => {
    const token = tokenOf('operator', 'limited');
    const selector = { chatgpt_user_id: 'user-1' };
    const { matching } = (await send(token, '/v1/admin/agents/revoke', { ...selector, dry_run: true })).body;
    const everywhere = (await send(root, '/v1/admin/agents/revoke', { ...selector, dry_run: true })).body;
    expect(everywhere.matching).toBe(matching + 1);
    expect((await send(token, '/v1/admin/agents/revoke', { dry_run: true })).status).toBe(400);
    const confirmed = await send(token, '/v1/admin/agents/revoke', { ...selector, expected_count: matching });
    expect(confirmed.body).toEqual({ matching, revoked: matching });
    expect((await send(root, `/v1/admin/agents/${other.agent}`)).body.status).toBe('active');
  });
});
