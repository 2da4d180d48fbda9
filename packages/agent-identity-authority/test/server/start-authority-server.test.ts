import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { posix } from 'node:path';
import { promisify } from 'node:util';
import {
  type StartAuthorityServerEffects,
  type StartAuthorityServerOptions,
  startAuthorityServer,
} from 'agent-identity-authority/server';
import { generateAgentKey } from 'agent-identity-core';
import { registrationBody, temporaryFile, temporaryFolder } from 'test-support';
import { oidcIssuer } from 'test-support/oidc';
import { describe, expect, it, onTestFinished } from 'vitest';
import { packageFile, serverAdminToken, startServer } from '../support/start-server.js';

const token = 'a-token-of-some-length';
const tokens = `[[tokens]]\ntoken = "${token}"\naccount = { accountId = "account-1", chatgptUserId = "user-1" }\n`;

describe('a started server', () => {
  it('registers agents, and its log and metrics show it without secrets', async () => {
    const { url, operationsUrl, log } = await startServer({
      agents: { tokensFile: await temporaryFile(tokens) },
    });
    const agentKey = generateAgentKey();
    const answer = await fetch(`${url}/v1/agent/register?query=hunter2`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(registrationBody(agentKey.publicKey.ssh)),
    });
    expect(answer.status).toBe(200);
    await fetch(`${url}/v1/agents/hunter2`);
    const metrics = await (await fetch(`${operationsUrl}/metrics`)).text();
    expect(metrics).toContain(
      'agent_identity_authority_http_requests_total{method="post",route="/v1/agent/register",status="200"} 1',
    );
    expect(metrics).toContain('route="unmatched",status="404"} 1');
    expect(metrics).toMatch(/agent_identity_authority_http_connections \d/);
    expect(metrics).toMatch(/agent_identity_authority_signing_key_created_timestamp_seconds 1\d{9}/);
    expect(metrics).toContain('agent_identity_authority_rows{kind="agent_runtime"} 1');
    expect(metrics).toContain('agent_identity_authority_rows{kind="agent_task"} 0');
    expect(metrics).toContain('process_resident_memory_bytes');
    expect(log()).toContain('"route":"/v1/agent/register","status":200');
    for (const text of [metrics, log()]) {
      for (const secret of [token, 'hunter2', serverAdminToken]) expect(text).not.toContain(secret);
    }
  });

  it('logs that it creates the PGlite folder before it opens it', async () => {
    const folder = await temporaryFolder();
    const masterKey = Buffer.alloc(32, 7).toString('base64');
    const { log } = await startServer({ store: `pglite:${folder}/store`, masterKey });
    const messages = log()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).msg);
    expect(messages.slice(0, 2)).toEqual(['creating the PGlite folder', 'listening']);
  });

  it('logs why it refused a token of the OpenID provider, and answers 403 for a wrong role', async () => {
    const { issuer, token: tokenOf } = await oidcIssuer(Date.now);
    const { url, log } = await startServer({
      agents: { issuer, audience: ['agents'], accountIdClaim: ['org'] },
      administrators: { issuer, audience: ['agents'], requiredClaim: ['roles'], requiredValue: 'admin' },
    });
    const numeric = await tokenOf({ org: 7 });
    const refused = await fetch(`${url}/v1/agent/register`, {
      method: 'POST',
      headers: { authorization: `Bearer ${numeric}` },
    });
    expect(refused.status).toBe(401);
    expect(log()).toContain(
      '"section":"agents","reason":"claim","detail":"agents.issuer: claim org: expected a non-blank string, got a number"',
    );
    const headers = { authorization: `Bearer ${await tokenOf({ roles: ['user'] })}` };
    expect((await fetch(`${url}/v1/admin/agents`, { headers })).status).toBe(403);
    expect(log()).toContain('"section":"administrators","reason":"role"');
    for (const part of numeric.split('.')) expect(log()).not.toContain(part);
  });

  it('is alive and ready, and not ready while it stops', async () => {
    const { operationsUrl, stop } = await startServer({ drain: { delaySeconds: 1 } });
    expect((await fetch(`${operationsUrl}/healthz`)).status).toBe(200);
    expect((await fetch(`${operationsUrl}/readyz`)).status).toBe(200);
    expect((await fetch(`${operationsUrl}/other`)).status).toBe(404);
    const stopping = stop();
    expect((await fetch(`${operationsUrl}/readyz`)).status).toBe(503);
    expect((await fetch(`${operationsUrl}/healthz`)).status).toBe(200);
    await stopping;
    await expect(fetch(`${operationsUrl}/healthz`)).rejects.toThrow();
  });

  it('does not serve operations on the address of clients', async () => {
    const { url } = await startServer();
    for (const path of ['metrics', 'healthz', 'readyz'])
      expect((await fetch(`${url}/${path}`)).status).toBe(404);
  });

  it('limits by the address of the connection', async () => {
    const { url } = await startServer({ limits: { addressRequestsPerMinute: 2 } });
    const statuses = [];
    for (let i = 0; i < 3; i++) {
      const answer = await fetch(`${url}/agent-identities/jwks`, {
        headers: { 'x-forwarded-for': `192.0.2.${i}` },
      });
      statuses.push(answer.status);
    }
    expect(statuses).toEqual([200, 200, 429]);
  });

  it('limits by the address that a trusted proxy reports', async () => {
    const { url } = await startServer({
      limits: { addressRequestsPerMinute: 1 },
      trustedProxies: ['127.0.0.1'],
    });
    for (let i = 0; i < 3; i++) {
      const answer = await fetch(`${url}/agent-identities/jwks`, {
        headers: { 'x-forwarded-for': `192.0.2.${i}` },
      });
      expect(answer.status).toBe(200);
    }
  });
});

describe('startAuthorityServer', () => {
  const start = (settings: StartAuthorityServerOptions) =>
    startAuthorityServer({ store: 'memory:', port: 0, operationsPort: 0, ...settings });

  it.each(['0.0.0.0', '::', '192.0.2.1', 'authority.example', '127.example.com'])(
    'refuses development tokens on %s',
    async (host) => {
      const tokensFile = await temporaryFile(tokens);
      await expect(start({ host, agents: { tokensFile } })).rejects.toMatchObject({
        code: 'unsafe_configuration',
      });
    },
  );

  it.each([
    [{ prot: 1 }, 'prot (options): there is no such setting, did you mean port?'],
    [{ limits: { conections: 1 } }, 'did you mean limits.connections?'],
    [{ port: '8787' }, 'port (options)'],
    [{ log: 'stdout' }, 'log: expected a stream of lines, got a string'],
  ])('refuses the invalid options %j', async (options, message) => {
    await expect(start(options as StartAuthorityServerOptions)).rejects.toMatchObject({
      code: expect.stringMatching(/^invalid_(configuration|argument)$/),
      message: expect.stringContaining(message),
    });
  });

  it('refuses unknown effects', async () => {
    const effects = { fecth: fetch } as StartAuthorityServerEffects;
    await expect(startAuthorityServer({ store: 'memory:' }, effects)).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining('did you mean "fetch"?'),
    });
  });

  it('fails if the store cannot be opened', async () => {
    await expect(start({ store: 'mystery://' })).rejects.toMatchObject({ code: 'unsupported_store_url' });
  });

  it('fails if one of its ports is taken, and keeps neither', async () => {
    const [taken, free] = [createServer(), createServer()];
    onTestFinished(() => void taken.close());
    const listenOn = async (server: Server, port = 0) => {
      await once(server.listen(port, '127.0.0.1'), 'listening');
      return (server.address() as AddressInfo).port;
    };
    const takenPort = await listenOn(taken);
    const freePort = await listenOn(free);
    await promisify(free.close.bind(free))();
    await expect(start({ port: freePort, operationsPort: takenPort })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
    await expect(start({ port: takenPort })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(await listenOn(free, freePort)).toBe(freePort);
    free.close();
  });
});

/** The names of the packages that a file of dist loads, directly and indirectly. */
async function importedBy(file: string, seen = new Set<string>()): Promise<Set<string>> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const code = await packageFile(file);
  for (const [, from = ''] of code.matchAll(/(?:^|\n)(?:import|export)[^;]*?from '([^']+)';/g)) {
    if (from.startsWith('.')) await importedBy(posix.join(posix.dirname(file), from), seen);
    else seen.add(from);
  }
  return seen;
}

it('the main entry does not load the dependencies of the server, and the server does', async () => {
  const ofServers = ['pino', 'prom-client', '@hono/node-server', 'smol-toml'];
  const ofMain = await importedBy('dist/index.js');
  expect(ofMain).toContain('agent-identity-authority-core');
  expect([...ofServers, 'commander'].filter((name) => ofMain.has(name))).toEqual([]);
  const ofServer = await importedBy('dist/server/index.js');
  expect(ofServers.filter((name) => !ofServer.has(name))).toEqual([]);
});
