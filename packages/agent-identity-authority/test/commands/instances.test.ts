import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { generateAgentKey } from 'agent-identity-core';
import { temporaryFile, temporaryFolder } from 'test-support';
import { describe, expect, it } from 'vitest';
import { newPgliteFolder } from '../support/pglite-folder.js';
import { runCommand } from '../support/run-program.js';
import { serverAdminToken, startServer } from '../support/start-server.js';

const credential = 'a-development-token-of-user-1';

const tokensFile = () =>
  temporaryFile(`[[tokens]]
token = "${credential}"
account = { accountId = "account-1", chatgptUserId = "user-1" }`);

async function registerInstance(url: string): Promise<string> {
  const response = await fetch(`${url}/agent/register`, {
    method: 'POST',
    headers: { 'idempotency-key': randomUUID() },
    body: JSON.stringify({
      actor_auth: { type: 'oauth', credential },
      agent_host_auth: { type: 'installation_id', installation_id: randomUUID() },
      public_key: generateAgentKey().publicKey.ssh,
      metadata: { harness: 'codex', harness_version: '0.169.0', role: 'orchestrator' },
    }),
  });
  const body = (await response.json()) as { runtime_agent_instance_id: string };
  return body.runtime_agent_instance_id;
}

/** A server with an instance, and commands that call it; or the same store without a server. */
const targets = {
  async 'with --url'() {
    const { url } = await startServer({ agents: { tokensFile: await tokensFile() } });
    return {
      id: await registerInstance(url),
      environment: { AIA_URL: url, AIA_ADMINISTRATORS_TOKEN: serverAdminToken },
    };
  },
  async 'without --url'() {
    const masterKey = Buffer.alloc(32, 7).toString('base64');
    const store = `pglite:${await newPgliteFolder(join(await temporaryFolder(), 'store'))}`;
    const server = await startServer({ store, masterKey, agents: { tokensFile: await tokensFile() } });
    const id = await registerInstance(server.url);
    await server.stop();
    return { id, environment: { AIA_STORE: store, AIA_MASTER_KEY: masterKey } };
  },
};

describe.each(Object.entries(targets))('the commands for instances %s', (_name, start) => {
  it('list, show, suspend, resume and revoke instances', async () => {
    const { id, environment } = await start();
    const run = async (...words: string[]) => {
      const { code, stdout, stderr } = await runCommand(['instances', ...words], environment);
      expect(stderr).toBe('');
      expect(code).toBe(0);
      return JSON.parse(stdout);
    };
    const listed = await run('list', '--user', 'user-1', '--status', 'active', '--limit', '5');
    expect(listed).toMatchObject({
      instances: [{ runtime_agent_instance_id: id, actor: { account_id: 'account-1' } }],
      next_cursor: null,
    });
    expect(await run('show', id)).toEqual(listed.instances[0]);
    expect(await run('suspend', id)).toMatchObject({ status: 'suspended' });
    expect(await run('resume', '--installation', listed.instances[0].installation_id)).toEqual({
      changed: 1,
    });
    expect(await run('revoke', '--account', 'account-1', '--user', 'user-2')).toEqual({ changed: 0 });
    expect(await run('revoke', '--host', listed.instances[0].agent_host_id)).toEqual({ changed: 1 });
    expect(await run('show', id)).toMatchObject({ status: 'revoked' });
    expect(await run('list', '--organization', 'org-1')).toEqual({ instances: [], next_cursor: null });
  });

  it('fail for an unknown instance', async () => {
    const { environment } = await start();
    for (const command of ['show', 'revoke']) {
      const { code, stderr } = await runCommand(['instances', command, 'rai-unknown'], environment);
      expect(code).toBe(5);
      expect(stderr).toMatch(/no such runtime agent instance/);
    }
  });
});

describe('instances revoke', () => {
  it.each([[[]], [['rai-1', '--user', 'user-1']], [['--usr', 'user-1']]])(
    'is a usage error with the arguments %j',
    async (words) => {
      const { code } = await runCommand(['instances', 'revoke', ...words], {
        AIA_URL: 'http://127.0.0.1:1',
        AIA_ADMINISTRATORS_TOKEN: serverAdminToken,
      });
      expect(code).toBe(2);
    },
  );
});
