import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from 'test-support';
import { describe, expect, it, onTestFinished } from 'vitest';
import { headerOf, knownAgent } from '../support/known-agent.js';

const bin = fileURLToPath(new URL('../../dist/bin.js', import.meta.url));
const agent = knownAgent();
const agents = [
  {
    agent_runtime_id: 'agent-1',
    agent_public_key: agent.agentKey.publicKey.ssh,
    account_id: 'account-1',
    tasks: [{ task_id: 'task-1' }],
  },
];

/** Starts the program with these settings beside a directory file. */
async function start(settings: object | string, words: readonly string[] = ['serve', '--settings']) {
  const folder = await temporaryFolder();
  const path = join(folder, 'settings.json');
  await writeFile(join(folder, 'agents.json'), JSON.stringify({ agents }));
  await writeFile(path, typeof settings === 'string' ? settings : JSON.stringify(settings));
  const child = spawn(process.execPath, [bin, ...words, ...(words.at(-1) === '--settings' ? [path] : [])]);
  const ended = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const lines: Record<string, unknown>[] = [];
  const listening = new Promise<string>((resolve) => {
    child.stdout.on('data', (chunk) => {
      for (const line of String(chunk).trim().split('\n')) {
        if (line.startsWith('{')) lines.push(JSON.parse(line));
      }
      const url = lines.find(({ message }) => message === 'listening')?.['url'];
      if (typeof url === 'string') resolve(url);
    });
  });
  const errors = text(child.stderr);
  const exit = async () => ({ code: (await ended)[0], errors: await errors });
  return { child, lines, listening, exit };
}

const good = { listen: { port: 0 }, directoryFile: 'agents.json', rules: [{ path: '/v1/**' }] };
const forwarded = {
  'x-forwarded-method': 'GET',
  'x-forwarded-host': 'models.example',
  'x-forwarded-uri': '/v1/models?key=hunter2',
};

describe('agent-identity-verifier serve', () => {
  it('answers a proxy, logs each answer without secrets, and stops at SIGTERM', async () => {
    const { child, lines, listening, exit } = await start(good);
    const url = await listening;
    const authorization = headerOf(agent, Date.now());
    const ask = (headers: Record<string, string>) => fetch(`${url}/v1/forward-auth`, { headers });
    const allowed = await ask({ ...forwarded, authorization, 'chatgpt-account-id': 'account-1' });
    expect([allowed.status, allowed.headers.get('x-agent-id')]).toEqual([200, 'agent-1']);
    expect((await ask(forwarded)).status).toBe(401);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect((await fetch(`${url}/`, { headers: { ...forwarded, authorization } })).status).toBe(404);
    child.kill('SIGTERM');
    expect(await exit()).toEqual({ code: 0, errors: '' });
    expect(lines.filter(({ message }) => message === 'answered')).toMatchObject([
      { status: 200, method: 'GET', host: 'models.example', path: '/v1/models' },
      { status: 401, code: 'missing_assertion' },
    ]);
    expect(JSON.stringify(lines)).not.toContain('hunter2');
    expect(JSON.stringify(lines)).not.toContain(authorization.slice('AgentAssertion '.length));
  });

  it('refuses a request with two assertions, the second of which a proxy might have read', async () => {
    const { listening } = await start(good);
    const { hostname, port } = new URL(await listening);
    const authorization = headerOf(agent, Date.now());
    const { request } = await import('node:http');
    const sent = request({
      hostname,
      port,
      path: '/v1/forward-auth',
      headers: [
        ...Object.entries({ host: 'verifier', ...forwarded, 'chatgpt-account-id': 'account-1' }).flat(),
        ...['authorization', authorization, 'authorization', authorization],
      ],
      agent: false,
    });
    sent.end();
    const [response] = await once(sent, 'response');
    expect([response.statusCode, response.headers['x-agent-error']]).toEqual([401, 'malformed_assertion']);
    response.resume();
  });

  it.each([
    ['no JSON', 'listen = 1', 'settings file: expected JSON'],
    ['an unknown setting', { ...good, rule: [] }, 'rule'],
    ['no directory', { rules: [{ path: '/' }] }, 'expected either authority or directoryFile'],
    [
      'two directories',
      { ...good, authority: { url: 'https://a.example', accessTokenFile: 't' } },
      'expected either authority or directoryFile',
    ],
    ['a missing directory file', { ...good, directoryFile: 'missing.json' }, 'ENOENT'],
    [
      'a missing token file',
      { rules: [{ path: '/' }], authority: { url: 'https://a.example', accessTokenFile: 't' } },
      'authority.accessTokenFile: cannot be read (ENOENT)',
    ],
    ['a rule without a path', { ...good, rules: [{ host: 'a.example' }] }, 'rules[0].path'],
    ['a name of a fact that does not exist', { ...good, headers: { agentName: 'x-name' } }, 'agentName'],
    ['a port that is too large', { ...good, listen: { port: 70_000 } }, 'listen.port'],
  ])('refuses %s at the start', async (_what, settings, message) => {
    const { exit } = await start(settings);
    const { code, errors } = await exit();
    expect(errors).toContain(message);
    expect(code).toBe(1);
  });

  it.each([
    [[], 2],
    [['serve'], 2],
    [['listen', '--settings'], 2],
    [['serve', '--config', 'x'], 2],
    [['--help'], 0],
  ])('shows its usage for %j', async (words, code) => {
    expect((await (await start(good, words)).exit()).code).toBe(code);
  });
});
