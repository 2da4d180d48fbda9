import { createHash, randomUUID } from 'node:crypto';
import { startAuthorityServer } from 'agent-identity-authority/server';
import {
  createInstanceAssertionSigner,
  generateAgentKey,
  type InstanceAssertionSigner,
} from 'agent-identity-core';
import {
  type RegisterRuntimeAgentInstanceOptions,
  type RuntimeAgentInstance,
  registerRuntimeAgentInstance,
} from 'agent-identity-registry';
import { createAssertionVerifier } from 'agent-identity-verifier';
import { remoteDirectory } from 'agent-identity-verifier/remote-directory';
import { temporaryFile, temporaryFolder } from 'test-support';
import { type PostgresServer, startPostgresServer } from 'test-support/postgres';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';

const accessToken = 'access-token-of-a-chatgpt-user';
const apiKey = 'sk-key-of-a-platform-user';
const administratorToken = 'token-of-an-administrator-0123456789';
const verifierToken = 'token-of-a-service-that-verifies-requests';

let postgres: PostgresServer;
beforeAll(async () => {
  postgres = await startPostgresServer();
  return () => postgres.stop();
});

/** Starts the program's server, with an access token and an API key that register instances. */
async function startAuthority(store: string) {
  const digest = createHash('sha256').update(apiKey).digest('hex');
  const server = await startAuthorityServer({
    store,
    masterKey: Buffer.alloc(32, 7).toString('base64'),
    port: 0,
    operationsPort: 0,
    basePath: '/api/accounts',
    agents: {
      tokensFile: await temporaryFile(`[[tokens]]
token = "${accessToken}"
account = { accountId = "account-1", chatgptUserId = "user-1" }`),
    },
    platformApiKeys: {
      digestsFile: await temporaryFile(`[[credentials]]
sha256 = "${digest}"
actor = { kind = "platform", userId = "user-1", organizationId = "org-1", projectId = "project-1" }`),
    },
    administrators: { token: administratorToken },
    verifiers: { token: verifierToken },
  });
  onTestFinished(() => server.stop());
  const baseUrl = `${server.url}/api/accounts`;
  const administer = async (path: string, body: object = {}) => {
    const headers = { authorization: `Bearer ${administratorToken}` };
    const response = await fetch(`${baseUrl}/v1/admin/instances/${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(200);
  };
  return { baseUrl, administer, stop: server.stop };
}

/** The options of a registration that can be repeated, and its signer. */
function newAgent(changes: Partial<RegisterRuntimeAgentInstanceOptions> = {}) {
  const agentKey = generateAgentKey();
  const options = {
    actorAuth: { type: 'oauth', credential: accessToken } as const,
    installationId: randomUUID(),
    agentKey,
    metadata: { harness: 'codex', harness_version: '0.169.0', role: 'orchestrator' },
    ...changes,
  };
  return {
    register: (baseUrl: string) => registerRuntimeAgentInstance({ ...options, baseUrl }),
    signerFor: ({ runtimeAgentInstanceId }: RuntimeAgentInstance) =>
      createInstanceAssertionSigner({ agentKey, runtimeAgentInstanceId }),
  };
}

/** A service that asks the authority, and whose cache can be made to age. */
function startService(baseUrl: string) {
  let elapsed = 0;
  const monotonicClock = () => performance.now() + elapsed;
  const directory = remoteDirectory({ baseUrl, accessToken: verifierToken }, { monotonicClock });
  const verifier = createAssertionVerifier({ directory, generations: [2] });
  return {
    verify: (signer: InstanceAssertionSigner, accountId?: string) =>
      verifier.verify(signer.authorizationHeader(), { accountId }),
    waitSeconds(seconds: number) {
      elapsed += seconds * 1000;
    },
  };
}

describe.each([
  { name: 'a PGlite folder', newStore: async () => `pglite:${await temporaryFolder()}/store` },
  { name: 'a Postgres server', newStore: () => postgres.newDatabase() },
])('an instance that is registered with an authority on $name', ({ newStore }) => {
  it('is accepted by a service, until it is suspended, and again until it is revoked', async () => {
    const { baseUrl, administer } = await startAuthority(await newStore());
    const { verify, waitSeconds } = startService(baseUrl);
    const agent = newAgent();
    const instance = await agent.register(baseUrl);
    const { runtimeAgentInstanceId: id, agentHostId } = instance;
    expect(instance.actor).toEqual({ kind: 'chatgpt', user_id: 'user-1', account_id: 'account-1' });
    const signer = agent.signerFor(instance);
    expect(await verify(signer, 'account-1')).toMatchObject({
      generation: 2,
      runtimeAgentInstanceId: id,
      agentHostId,
      actor: { kind: 'chatgpt', userId: 'user-1', accountId: 'account-1' },
    });
    await expect(verify(signer, 'account-2')).rejects.toMatchObject({ code: 'actor_mismatch' });

    await administer(`${id}/suspend`);
    waitSeconds(5);
    await expect(verify(signer, 'account-1')).rejects.toMatchObject({ code: 'runtime_instance_suspended' });
    await administer(`${id}/resume`);
    waitSeconds(5);
    await verify(signer, 'account-1');

    await administer('revoke', { agent_host_id: agentHostId });
    waitSeconds(5);
    await expect(verify(signer, 'account-1')).rejects.toMatchObject({ code: 'runtime_instance_revoked' });
    await expect(agent.register(baseUrl)).rejects.toMatchObject({
      status: 403,
      runtimeErrorCode: 'runtime_instance_revoked',
    });
  });

  it('acts for the organization and the project of its API key', async () => {
    const { baseUrl } = await startAuthority(await newStore());
    const actorAuth = {
      type: 'platform_api_key',
      credential: apiKey,
      organization_id: 'org-1',
      project_id: 'project-1',
    } as const;
    const agent = newAgent({ actorAuth });
    const instance = await agent.register(baseUrl);
    const actor = { kind: 'platform', userId: 'user-1', organizationId: 'org-1', projectId: 'project-1' };
    expect(await startService(baseUrl).verify(agent.signerFor(instance))).toMatchObject({ actor });
    const stranger = newAgent({ actorAuth: { ...actorAuth, organization_id: 'org-2' } });
    await expect(stranger.register(baseUrl)).rejects.toMatchObject({
      status: 403,
      runtimeErrorCode: 'runtime_actor_conflict',
    });
  });

  it('is the same when it is registered again, after a restart too', async () => {
    const store = await newStore();
    const first = await startAuthority(store);
    const agent = newAgent();
    const instance = await agent.register(first.baseUrl);
    expect(await agent.register(first.baseUrl)).toEqual(instance);
    await first.stop();
    const { baseUrl } = await startAuthority(store);
    expect(await agent.register(baseUrl)).toEqual(instance);
    await startService(baseUrl).verify(agent.signerFor(instance), 'account-1');
  });
});

describe('two authorities on one Postgres server', () => {
  it('make one instance of concurrent registrations, and see revocations of the other', async () => {
    const store = await postgres.newDatabase();
    const [one, other] = [await startAuthority(store), await startAuthority(store)];
    const agent = newAgent();
    const answers = await Promise.all(
      [one, other, one, other, one, other].map(({ baseUrl }) => agent.register(baseUrl)),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    const [instance = expect.fail()] = answers;
    const { verify, waitSeconds } = startService(other.baseUrl);
    const signer = agent.signerFor(instance);
    await verify(signer, 'account-1');
    await one.administer('revoke', { user_id: 'user-1' });
    waitSeconds(5);
    await expect
      .poll(
        () =>
          verify(signer, 'account-1').then(
            () => 'accepted',
            ({ code }) => code,
          ),
        { timeout: 10_000 },
      )
      .toBe('runtime_instance_revoked');
  });
});
