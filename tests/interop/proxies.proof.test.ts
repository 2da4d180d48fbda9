import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { basename, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { getRequestListener } from '@hono/node-server';
import { createAuthority, memoryStore, principalTokens, staticTokens } from 'agent-identity-authority-core';
import { listenOnLoopback, temporaryFolder } from 'test-support';
import { ensureInstalled, findProgram } from 'test-support/ensure-installed';
import { freePort } from 'test-support/free-port';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { accessToken, account, startAgent } from '../end-to-end/start-agent.js';
import { sendRaw } from './proxies/send-raw.js';
import { startVerifier } from './proxies/start-verifier.js';

const run = promisify(execFile);
const token = 'token-of-the-proxy-0123456789abcdef';
const examples = new URL('../../packages/agent-identity-verifier/examples/proxies/', import.meta.url);

interface Proxy {
  readonly name: string;
  /** Of `examples/proxies`; the first one is the configuration. */
  readonly files: readonly [string, ...string[]];
  /** The arguments that check a configuration, and those that run it in the foreground. */
  readonly check: (file: string) => readonly string[];
  readonly run: (file: string) => readonly string[];
}

const proxies: readonly Proxy[] = [
  {
    name: 'nginx',
    files: ['nginx.conf'],
    check: (file) => ['-t', '-p', dirname(file), '-c', file, '-g', 'pid nginx.pid; error_log stderr;'],
    run: (file) => ['-p', dirname(file), '-c', file, '-g', 'daemon off; pid nginx.pid; error_log stderr;'],
  },
  {
    name: 'caddy',
    files: ['Caddyfile'],
    check: (file) => ['validate', '--config', file, '--adapter', 'caddyfile'],
    run: (file) => ['run', '--config', file, '--adapter', 'caddyfile'],
  },
  {
    name: 'haproxy',
    files: ['haproxy.cfg', 'haproxy-verify-agent.lua'],
    check: (file) => ['-c', '-f', file],
    run: (file) => ['-db', '-f', file],
  },
];

describe.each(proxies)('$name', ({ name, files, check, run: runArguments }) => {
  let program: string;
  beforeAll(async () => {
    const hint = `This test needs ${name}: apt-get install ${name}`;
    program = await ensureInstalled(() => findProgram(name), [name], hint);
  }, 300_000);

  /** Starts the proxy with its example, which only gets other ports. */
  async function startProxy(ports: Readonly<Record<string, string>>): Promise<string> {
    const folder = await temporaryFolder();
    const port = String(await freePort());
    for (const file of files) {
      let content = await readFile(new URL(file, examples), 'utf8');
      for (const [from, to] of Object.entries({ '127.0.0.1:8080': `127.0.0.1:${port}`, ...ports })) {
        content = content.replaceAll(from, to);
      }
      await writeFile(join(folder, basename(file)), content);
    }
    const file = join(folder, files[0]);
    const options = { cwd: folder, env: { PATH: process.env['PATH'], HOME: folder } };
    await run(program, check(file), options);
    const child = spawn(program, runArguments(file), { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
    const problems = text(child.stderr);
    onTestFinished(async () => {
      child.kill('SIGTERM');
      await once(child, 'exit');
    });
    await vi.waitFor(
      async () => {
        if (child.exitCode !== null) throw new Error(await problems);
        await sendRaw(`http://127.0.0.1:${port}/`, {});
      },
      { timeout: 20_000, interval: 50 },
    );
    return `http://127.0.0.1:${port}`;
  }

  /** An authority with an agent, the verifier, a service that echoes what reaches it, and the proxy before it. */
  async function scene() {
    const store = memoryStore();
    const authority = await createAuthority({
      store,
      authenticator: staticTokens([{ token: accessToken, account }]),
      verifiers: principalTokens([{ token, name: 'proxy' }]),
    });
    const authorityUrl = await listenOnLoopback(getRequestListener((request) => authority.fetch(request)));
    onTestFinished(() => authority.close());
    const agent = await startAgent(authorityUrl);
    const verifier = await startVerifier(authorityUrl, token);
    const reached: IncomingMessage[] = [];
    const service = await listenOnLoopback(
      createServer(async (request, response) => {
        reached.push(request);
        if (request.url === '/v1/stream') {
          response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: first\n\n');
          request.on('close', () => response.end());
          return;
        }
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ headers: request.headers, body: await text(request) }));
      }),
    );
    const origin = await startProxy({
      '127.0.0.1:8700': new URL(verifier.url).host,
      '127.0.0.1:3000': new URL(service).host,
    });
    const signed = () => ({
      authorization: agent.authorizationHeader(),
      'chatgpt-account-id': account.accountId,
    });
    return { authority, store, agent, reached, origin, signed, verifier };
  }

  it('lets an agent through with its facts, without its assertion', async () => {
    const { origin, signed, agent, reached } = await scene();
    const answer = await sendRaw(`${origin}/v1/responses?stream=true`, signed(), 'POST', 'hello');
    expect(answer.status).toBe(200);
    const { headers, body } = JSON.parse(answer.body);
    expect(body).toBe('hello');
    expect(headers).toMatchObject({
      'x-agent-id': agent.record.agent_runtime_id,
      'x-agent-generation': '1',
      'x-agent-account-id': account.accountId,
    });
    expect(headers).not.toHaveProperty('authorization');
    expect(reached.at(-1)?.url).toBe('/v1/responses?stream=true');
  });

  it('replaces facts that the client sends, and removes those that the agent does not have', async () => {
    const { origin, signed, agent } = await scene();
    const forged = {
      'X-Agent-Id': 'agent-of-somebody-else',
      'x-AGENT-organization-id': 'org-of-somebody-else',
      x_agent_id: 'agent-of-somebody-else',
      'x-agent-anything': 'forged',
    };
    const { body } = await sendRaw(`${origin}/v1/models`, { ...signed(), ...forged });
    const { headers } = JSON.parse(body);
    expect(headers['x-agent-id']).toBe(agent.record.agent_runtime_id);
    expect(headers['x-agent-organization-id'] ?? '').toBe('');
    expect(headers).not.toHaveProperty('x_agent_id');
    expect(JSON.stringify(headers)).not.toContain('somebody-else');
  });

  it('refuses whoever is no agent, with the code and the challenge, and the service sees nothing', async () => {
    const { origin, reached } = await scene();
    reached.length = 0;
    const answer = await sendRaw(`${origin}/v1/models`, { 'x-agent-id': 'agent-1' });
    expect(answer.status).toBe(401);
    expect(JSON.parse(answer.body)).toMatchObject({ error: { code: 'missing_assertion' } });
    expect(answer.headers['www-authenticate']).toBe('AgentAssertion');
    expect(reached).toEqual([]);
  });

  it('decides by the request of the client, whatever the client says it is', async () => {
    const { origin, signed } = await scene();
    const forged = {
      'x-forwarded-uri': '/v1/models',
      'x-forwarded-method': 'GET',
      'x-original-uri': '/v1/models',
    };
    const answer = await sendRaw(`${origin}/private`, { ...signed(), ...forged });
    expect(answer.status).toBe(403);
    expect(JSON.parse(answer.body)).toMatchObject({ error: { code: 'request_not_allowed' } });
    for (const path of ['/v1/../private', '/v1/%2e%2e/private', '/v1/..%2fprivate', '//private']) {
      expect((await sendRaw(origin, signed(), 'GET', '', path)).status).not.toBe(200);
    }
  });

  it('streams the response of the service', async () => {
    const { origin, signed } = await scene();
    const response = await fetch(`${origin}/v1/stream`, { headers: signed() });
    const reader = response.body?.getReader();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toContain('data: first');
    await reader?.cancel();
  });

  it('refuses a revoked agent within two seconds, with the code that clients know', async () => {
    const { origin, signed, authority, store, agent } = await scene();
    expect((await sendRaw(`${origin}/v1/models`, signed())).status).toBe(200);
    const agentRuntimeId = agent.record.agent_runtime_id;
    const { items } = await store.listAgentTasks(agentRuntimeId);
    await authority.revokeAgentTask({ agentRuntimeId, taskId: items[0]?.taskId ?? expect.fail() });
    await vi.waitFor(
      async () => {
        const answer = await sendRaw(`${origin}/v1/models`, signed());
        expect(answer.status).toBe(401);
        expect(JSON.parse(answer.body)).toMatchObject({ error: { code: 'invalid_task_id' } });
      },
      { timeout: 2000, interval: 50 },
    );
    await authority.revokeAgentRuntime(agentRuntimeId);
    await vi.waitFor(async () => expect((await sendRaw(`${origin}/v1/models`, signed())).status).toBe(403), {
      timeout: 2000,
      interval: 50,
    });
  });

  it('answers 502 or 503 while the verifier is gone, and lets nobody through', async () => {
    const { origin, signed, verifier, reached } = await scene();
    await verifier.stop();
    reached.length = 0;
    const answer = await sendRaw(`${origin}/v1/models`, signed());
    expect([502, 503]).toContain(answer.status);
    expect(reached).toEqual([]);
  });
});
