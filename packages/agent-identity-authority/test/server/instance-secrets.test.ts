import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { trace } from '@opentelemetry/api';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { generateAgentKey } from 'agent-identity-core';
import { loopbackServer, temporaryFile } from 'test-support';
import { type PostgresServer, query, startPostgresServer } from 'test-support/postgres';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { newPgliteFolder } from '../support/pglite-folder.js';
import { serverAdminToken, startServer } from '../support/start-server.js';

const marked = {
  accessToken: 'oauth-MARKED-secret-1',
  unknownAccessToken: 'oauth-MARKED-secret-2',
  apiKey: 'sk-MARKED-secret-3',
  unknownApiKey: 'sk-MARKED-secret-4',
  personalAccessToken: 'at-MARKED-secret-5',
  idempotencyKey: '5ec8e7ed-0000-4000-8000-000000000006',
};
/** In plain text, and the plain digest, which would allow guesses. */
const forbidden = [
  'MARKED',
  ...Object.values(marked),
  ...Object.values(marked).map((secret) => Buffer.from(secret).toString('base64').slice(0, 20)),
  createHash('sha256').update(marked.apiKey).digest('hex'),
];

function requireNoSecrets(what: string, text: string): void {
  expect(text, what).not.toBe('');
  for (const secret of forbidden) expect(text.includes(secret), `${secret} in ${what}`).toBe(false);
}

async function pgliteDump(url: string): Promise<string> {
  const folder = url.slice('pglite:'.length);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const contents = files.map((file) => readFile(join(file.parentPath, file.name), 'latin1'));
  return (await Promise.all(contents)).join('\n');
}

async function postgresDump(url: string): Promise<string> {
  const tables = await query(url, "select tablename from pg_tables where schemaname = 'agent_identity'");
  const rows = tables.map(({ tablename }) => query(url, `select * from agent_identity.${tablename}`));
  return JSON.stringify(await Promise.all(rows));
}

const exporter = new InMemorySpanExporter();
afterEach(() => {
  exporter.reset();
  trace.disable();
});

let postgres: PostgresServer;
beforeAll(async () => {
  postgres = await startPostgresServer();
  return () => postgres.stop();
});

describe.each([
  { name: 'a PGlite folder', newUrl: async () => `pglite:${await newPgliteFolder()}`, dump: pgliteDump },
  { name: 'a Postgres server', newUrl: () => postgres.newDatabase(), dump: postgresDump },
])('the credentials of registrations on $name', ({ newUrl, dump }) => {
  it('reach no log, trace, metric, response, audit entry or database', async () => {
    trace.setGlobalTracerProvider(
      new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
    );
    // A broken endpoint that quotes the credential.
    const endpoint = await loopbackServer(({ body }) => ({ status: 500, body: `cannot check ${body}` }));
    const store = await newUrl();
    const server = await startServer({
      store,
      masterKey: Buffer.alloc(32, 7).toString('base64'),
      logLevel: 'trace',
      agents: {
        tokensFile: await temporaryFile(
          `[[tokens]]\ntoken = "${marked.accessToken}"\naccount = { accountId = "account-1", chatgptUserId = "user-1" }`,
        ),
      },
      platformApiKeys: {
        digestsFile: await temporaryFile(
          `[[credentials]]\nsha256 = "${createHash('sha256').update(marked.apiKey).digest('hex')}"\nactor = { kind = "platform", userId = "user-1", organizationId = "org-1" }`,
        ),
      },
      personalAccessTokens: { introspectionUrl: `${endpoint.origin}/introspect` },
    });
    const responses: string[] = [];
    const send = async (changes: object, idempotencyKey: string = randomUUID()) => {
      const response = await fetch(`${server.url}/agent/register`, {
        method: 'POST',
        headers: { 'idempotency-key': idempotencyKey },
        body: JSON.stringify({
          agent_host_auth: { type: 'installation_id', installation_id: randomUUID() },
          public_key: generateAgentKey().publicKey.ssh,
          metadata: { harness: 'codex', harness_version: '0.169.0', role: 'orchestrator' },
          ...changes,
        }),
      });
      responses.push(await response.text());
      return response.status;
    };
    const oauth = { type: 'oauth', credential: marked.accessToken };
    const apiKey = { type: 'platform_api_key', credential: marked.apiKey };
    const { personalAccessToken, unknownAccessToken, unknownApiKey, idempotencyKey } = marked;
    expect(await send({ actor_auth: oauth }, idempotencyKey)).toBe(200);
    expect(await send({ actor_auth: oauth }, idempotencyKey)).toBe(409);
    expect(await send({ actor_auth: apiKey })).toBe(200);
    expect(await send({ actor_auth: { ...apiKey, organization_id: 'org-2' } })).toBe(403);
    expect(await send({ actor_auth: { ...oauth, credential: unknownAccessToken } })).toBe(401);
    expect(await send({ actor_auth: { ...apiKey, credential: unknownApiKey } })).toBe(401);
    const personal = { type: 'personal_access_token', credential: personalAccessToken };
    expect(await send({ actor_auth: personal })).toBe(503);
    expect(await send({ actor_auth: { ...oauth, type: marked.accessToken } })).toBe(400);
    expect(await send({ actor_auth: apiKey, public_key: marked.apiKey })).toBe(400);
    expect(await send({ actor_auth: { ...apiKey, organization_id: 7 } }, marked.apiKey)).toBe(400);
    expect(endpoint.requests).toHaveLength(1);

    requireNoSecrets('the responses', responses.join('\n'));
    requireNoSecrets(
      'the spans',
      JSON.stringify(
        exporter.getFinishedSpans().map(({ name, attributes, events }) => [name, attributes, events]),
      ),
    );
    const text = async (url: string) =>
      (await fetch(url, { headers: { authorization: `Bearer ${serverAdminToken}` } })).text();
    requireNoSecrets('the audit log', await text(`${server.url}/v1/admin/audit`));
    requireNoSecrets('the list of instances', await text(`${server.url}/v1/admin/instances`));
    requireNoSecrets('the metrics', await text(`${server.operationsUrl}/metrics`));
    await server.stop();
    expect(server.log()).toContain('/agent/register');
    requireNoSecrets('the log', server.log());
    const contents = await dump(store);
    expect(contents).toContain('rai-');
    requireNoSecrets('the database', contents);
  });
});
