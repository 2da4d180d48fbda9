import { describe, expect, it } from 'vitest';
import { newPgliteFolder } from '../support/pglite-folder.js';
import { runCommand } from '../support/run-program.js';
import { serverAdminToken, startServer } from '../support/start-server.js';

const masterKey = Buffer.alloc(32, 7).toString('base64');

/** A running authority, and a function that issues an agent and returns its id. */
async function startTarget() {
  const { url } = await startServer();
  const environment = { AIA_URL: url, AIA_ADMINISTRATORS_TOKEN: serverAdminToken };
  const run = (...words: string[]) => runCommand(words, environment);
  const issue = async (...words: string[]): Promise<string> => {
    const { stdout } = await run('issue', '--account-id', 'account-1', '--user-id', 'user-1', ...words);
    return JSON.parse(stdout).agent_runtime_id;
  };
  const list = async (...words: string[]): Promise<string[]> => {
    const { code, stdout } = await run('list', '--json', ...words);
    expect(code).toBe(0);
    return stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line).agent_runtime_id);
  };
  return { url, run, issue, list };
}

describe('list', () => {
  it('lists agents newest first, and filters them', async () => {
    const { run, issue, list } = await startTarget();
    const first = await issue('--name', 'first', '--label', 'team=search');
    const second = await issue('--label', 'team=billing');
    await run('suspend', second);
    expect(await list()).toEqual([second, first]);
    expect(await list('--limit', '1')).toEqual([second]);
    expect(await list('--label', 'team=search')).toEqual([first]);
    expect(await list('--status', 'suspended')).toEqual([second]);
    expect(await list('--account-id', 'account-2')).toEqual([]);
    expect(await list('--created-before', '1h')).toEqual([]);
    const table = (await run('list')).stdout.split('\n');
    expect(table[0]).toMatch(/^AGENT RUNTIME +NAME +STATUS +ACCOUNT +USER +LABELS +CREATED$/);
    expect(table[2]).toMatch(new RegExp(`^${first} +first +active +account-1 +user-1 +team=search `));
    for (const words of [
      ['--label', 'team'],
      ['--label', 'a=b', 'c=d'],
      ['--status', 'gone'],
    ]) {
      expect((await run('list', ...words)).code).toBe(2);
    }
  });

  it('escapes control characters', async () => {
    const { run, issue } = await startTarget();
    await issue('--user-id', 'user\u001b[2J');
    expect((await run('list')).stdout).toContain('user\\u{1b}[2J');
  });
});

describe('show and tasks', () => {
  it('show everything about an agent', async () => {
    const { url, run, issue } = await startTarget();
    const id = await issue('--name', 'indexer', '--label', 'team=search');
    const headers = { authorization: `Bearer ${serverAdminToken}` };
    const response = await fetch(`${url}/v1/admin/agents/${id}`, { headers });
    expect(JSON.parse((await run('show', id, '--json')).stdout)).toEqual(await response.json());
    const { stdout } = await run('show', id);
    expect(stdout).toMatch(new RegExp(`^agent runtime id +${id}$`, 'm'));
    expect(stdout).toMatch(/^labels +team=search$/m);
    expect(stdout).toMatch(/^created at +\d{4}-\S+Z \((?:now|\d+s ago)\)$/m);
    expect(await run('tasks', id)).toEqual({ code: 0, stdout: '', stderr: 'It has no tasks.\n' });
    for (const command of ['show', 'tasks']) {
      expect(await run(command, 'agent-of-nobody')).toMatchObject({
        code: 5,
        stderr: expect.stringContaining('agent_runtime_not_found'),
      });
    }
  });
});

describe('revoke with filters', () => {
  it('counts first, and revokes only the confirmed number', async () => {
    const { run, issue, list } = await startTarget();
    for (let i = 0; i < 3; i += 1) await issue('--label', 'team=search');
    const other = await issue('--label', 'team=billing');
    const revoke = (...words: string[]) => run('revoke', '--label', 'team=search', ...words);
    expect(await revoke()).toEqual({
      code: 0,
      stdout: '{"matching":3,"revoked":0}\n',
      stderr: 'Nothing was revoked. To revoke them, add --confirm 3.\n',
    });
    expect(await revoke('--confirm', '2')).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('count_mismatch'),
    });
    expect(await list('--status', 'revoked')).toEqual([]);
    expect(await revoke('--confirm', '3')).toMatchObject({ code: 0, stdout: '{"matching":3,"revoked":3}\n' });
    expect(await list('--status', 'active')).toEqual([other]);
  });

  it.each([
    [[], 'got neither'],
    [['agent-1', '--user-id', 'user-1'], 'got both'],
    [['--user-id', 'user-1', '--task', 'task-1'], '--task: expected an agent'],
  ])('refuses %j', async (words, error) => {
    const { code, stderr } = await runCommand(['revoke', ...words]);
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining(error) });
  });
});

it('a store and the authority that serves it give the same JSON, and both revoke many', async () => {
  const environment = { AIA_STORE: `pglite:${await newPgliteFolder()}`, AIA_MASTER_KEY: masterKey };
  const account = ['--account-id', 'account-1', '--user-id', 'user-1'];
  const { stdout } = await runCommand(['issue', ...account, '--label', 'team=search'], environment);
  const id: string = JSON.parse(stdout).agent_runtime_id;
  const revoked = await runCommand(['revoke', '--user-id', 'user-1', '--confirm', '1'], environment);
  expect(revoked).toMatchObject({ code: 0, stdout: '{"matching":1,"revoked":1}\n' });
  const commands = [
    ['list', '--json'],
    ['show', id, '--json'],
    ['tasks', id, '--json'],
  ];
  const fromStore: unknown[] = [];
  for (const words of commands) fromStore.push(await runCommand(words, environment));
  const { url } = await startServer({ store: environment.AIA_STORE, masterKey });
  const remote = { AIA_URL: url, AIA_ADMINISTRATORS_TOKEN: serverAdminToken };
  const fromServer: unknown[] = [];
  for (const words of commands) fromServer.push(await runCommand(words, remote));
  expect(fromServer).toEqual(fromStore);
  expect(fromStore[0]).toMatchObject({ code: 0, stdout: expect.stringContaining('"status":"revoked"') });
});
