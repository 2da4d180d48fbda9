import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runCommandLine } from '../../dist/commands/run-command-line.js';
import { runCommand, runShell } from '../support/run-program.js';
import { serverAdminToken, startServer } from '../support/start-server.js';

const account = ['--account-id', 'account-1', '--user-id', 'user-1'];

/** A running authority with three agents, the second of which is suspended. */
async function startTarget() {
  const { url } = await startServer();
  const environment = { AIA_URL: url, AIA_ADMINISTRATORS_TOKEN: serverAdminToken };
  const run = (...words: string[]) => runCommand(words, environment);
  const ids: string[] = [];
  for (let i = 0; i < 3; i += 1) {
    ids.push(JSON.parse((await run('issue', ...account)).stdout).agent_runtime_id);
  }
  await run('suspend', ids[1] ?? '');
  const list = async (...words: string[]) => {
    const { code, stdout, stderr } = await run('audit', 'list', '--json', ...words);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  };
  return { environment, run, ids, list };
}

const indexes = (entries: readonly { index: number }[]) => entries.map(({ index }) => index);

describe('audit list', () => {
  it('lists the log oldest first, and filters it', async () => {
    const { ids, list } = await startTarget();
    expect(indexes(await list())).toEqual([0, 1, 2, 3, 4]);
    expect(indexes(await list('--newest-first', '--limit', '2'))).toEqual([4, 3]);
    expect(indexes(await list('--agent', ids[1] ?? ''))).toEqual([2, 4]);
    expect(indexes(await list('--action', 'agent_runtime_suspended'))).toEqual([4]);
    expect(indexes(await list('--actor', 'administrator:', '--limit', '3'))).toEqual([1, 2, 3]);
    expect(indexes(await list('--actor', 'administrator:nobody'))).toEqual([]);
    expect(indexes(await list('--since', '1h', '--actor', 'authority'))).toEqual([0]);
    expect(indexes(await list('--since', '2999-01-01T00:00:00Z'))).toEqual([]);
    expect(indexes(await list('--since', '1h', '--newest-first', '--limit', '1'))).toEqual([4]);
  });

  it('prints a table for people, and a note for an empty one', async () => {
    const { ids, run } = await startTarget();
    const { stdout } = await run('audit', 'list', '--agent', ids[1] ?? '');
    const [titles, added, suspended] = stdout.split('\n');
    expect(titles).toMatch(/^INDEX +TIME +ACTION +ACTOR +SUBJECT +DETAILS$/);
    expect(added).toMatch(new RegExp(`^2 +\\S+Z +agent_runtime_added +administrator:\\S+ +${ids[1]}`));
    expect(suspended).toMatch(/^4 +\S+Z +agent_runtime_suspended /);
    expect(await run('audit', 'list', '--agent', 'agent-of-nobody')).toEqual({
      code: 0,
      stdout: '',
      stderr: 'No entries fit.\n',
    });
  });

  it('fits the width of a terminal without cutting ids', async () => {
    const { environment, ids } = await startTarget();
    let stdout = '';
    await runCommandLine(['audit', 'list', '--agent', ids[1] ?? ''], {
      environment,
      fetch,
      clock: Date.now,
      isOutputTerminal: true,
      outputColumns: 130,
      async write(text) {
        stdout += text;
      },
      writeError() {},
      log: { write() {} },
      waitForShutdown: async () => {},
    });
    expect(stdout).toContain('\u001b[1mINDEX');
    const rows = stdout.split('\n').slice(1, -1);
    expect(rows).toHaveLength(2);
    for (const row of rows) {
      expect(row).toContain(ids[1]);
      expect(row.length).toBeLessThanOrEqual(130);
    }
    expect(stdout).toContain('…');
  });

  it.each([
    [['--action', 'agent_runtime_revokd'], 'expected agent_runtime_added'],
    [['--since', 'yesterday'], 'or how long ago'],
    [['--since', '2026-02-30'], 'or how long ago'],
    [['--limit', 'all'], 'expected a whole number'],
    [['--follow', '--newest-first'], 'expected --follow or --newest-first, got both'],
  ])('refuses %j', async (words, error) => {
    const { code, stderr } = await runCommand(['audit', 'list', ...words]);
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining(error) });
  });

  it('ends quietly if nobody reads on', async () => {
    const { environment } = await startTarget();
    const { AIA_URL: url, AIA_ADMINISTRATORS_TOKEN: token } = environment;
    const line = `AIA_ADMINISTRATORS_TOKEN=${token} "$NODE" "$BIN" audit list --url ${url} --json | head -n 1`;
    const { code, stdout, stderr } = await runShell(line);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ index: 0 });
  });

  it('follows the log until it is interrupted', async () => {
    const { environment, run, ids } = await startTarget();
    const bin = fileURLToPath(new URL('../../dist/bin.js', import.meta.url));
    const words = ['audit', 'list', '--follow', '--json', '--limit', '1', '--actor', 'administrator:'];
    const child = spawn(process.execPath, [bin, ...words], {
      env: { PATH: process.env['PATH'], ...environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const ended = once(child, 'exit');
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const next = async () => JSON.parse((await lines.next()).value);
    expect(await next()).toMatchObject({ index: 4, action: 'agent_runtime_suspended' });
    await run('resume', ids[1] ?? '');
    expect(await next()).toMatchObject({ index: 5, action: 'agent_runtime_resumed' });
    await run('revoke', ids[1] ?? '');
    expect(await next()).toMatchObject({ index: 6, action: 'agent_runtime_revoked' });
    child.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
  });
});
