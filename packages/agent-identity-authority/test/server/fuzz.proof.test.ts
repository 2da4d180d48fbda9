import { Agent, type OutgoingHttpHeaders, request } from 'node:http';
import { generateAgentKey } from 'agent-identity-core';
import { errorBodySchema } from 'agent-identity-core/wire';
import fc from 'fast-check';
import { registrationBody, temporaryFile, temporaryFolder } from 'test-support';
import { expect, it } from 'vitest';
import { rawConnection } from '../support/raw-connection.js';
import { startServeProcess } from '../support/run-program.js';

const secrets = {
  agent: 'fuzz-agent-token-hunter2',
  admin: 'fuzz-admin-token-hunter2-0123456789abcdef',
  verifier: 'fuzz-verifier-token-hunter2-0123456789',
};

interface FuzzedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: OutgoingHttpHeaders;
  readonly body: string | Uint8Array;
}

const oddText = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '',
    '\0',
    '..',
    '%',
    '%00',
    '%ff',
    '%2e%2e%2f',
    '__proto__',
    'constructor',
    '\ud800',
    "'; --",
    'a:b',
    '٣',
  ),
  fc.constantFrom('9'.repeat(400), 'x'.repeat(3000), '[['.repeat(2000)),
);

const segment = fc.oneof(
  fc.constantFrom(
    'v1',
    'agent',
    'agents',
    'admin',
    'directory',
    'task',
    'tasks',
    'register',
    'revoke',
    'rotate',
  ),
  fc.constantFrom(
    'signing-keys',
    'audit',
    'verify',
    'introspect',
    'agent-identities',
    'jwks',
    'openapi.json',
  ),
  oddText.map((text) => encodeURIComponent(text.toWellFormed())),
  fc.constantFrom('.', '..', '%2e', '%', '%zz', '*', ':agent_runtime_id', '{x}', ''),
);

const knownPath = fc.constantFrom(
  '/v1/agent/register',
  '/v1/agent/agent-1/task/register',
  '/v1/admin/agents',
  '/v1/admin/agents/agent-1/revoke',
  '/v1/admin/signing-keys/kid/retire',
  '/v1/admin/audit',
  '/v1/admin/audit/verify',
  '/v1/directory/agents/agent-1/tasks/task-1',
  '/v1/directory/introspect',
  '/backend-api/wham/agent-identities/jwks',
);

const query = fc
  .array(
    fc.tuple(fc.constantFrom('limit', 'cursor', 'status', 'order', 'action', 'account_id', 'x'), oddText),
    { maxLength: 4 },
  )
  .map((pairs) =>
    pairs.length > 0
      ? `?${new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, value.toWellFormed()]))}`
      : '',
  );

const path = fc
  .tuple(
    fc.oneof(
      { arbitrary: knownPath, weight: 4 },
      fc.array(segment, { maxLength: 7 }).map((parts) => `/${parts.join('/')}`),
    ),
    query,
  )
  .map((parts) => parts.join(''));

/** Printable text, which client libraries send. */
const headerText = fc.string({ maxLength: 60 }).map((text) => text.replaceAll(/[^ -~]/g, ''));

const authorization = fc.oneof(
  { arbitrary: fc.constantFrom(...Object.values(secrets).map((secret) => `Bearer ${secret}`)), weight: 6 },
  fc.constantFrom(
    'Bearer',
    'Bearer ',
    'bearer x',
    'Basic eDp5',
    'AgentAssertion e30',
    'Bearer eyJhbGciOiJub25lIn0.e30.',
  ),
  headerText,
);

const headers = fc.record(
  {
    authorization,
    'content-type': fc.constantFrom(
      'application/json',
      'text/plain',
      'application/x-www-form-urlencoded',
      'x',
    ),
    'content-encoding': fc.constantFrom('zstd', 'gzip', 'identity'),
    'if-none-match': fc.oneof(fc.constant('*'), headerText),
    'x-forwarded-for': headerText,
    'chatgpt-account-id': headerText,
    traceparent: headerText,
    expect: fc.oneof(
      { arbitrary: fc.constant('100-continue'), weight: 19 },
      { arbitrary: fc.constant('nonsense'), weight: 1 },
    ),
  },
  { requiredKeys: ['authorization'] },
);

const registration = registrationBody(generateAgentKey().publicKey.ssh);
const members = fc.record(
  {
    abom: fc.anything(),
    agent_public_key: fc.oneof(oddText, fc.constant(registration['agent_public_key'])),
    capabilities: fc.oneof(fc.array(oddText, { maxLength: 3 }), fc.anything()),
    ttl: fc.oneof(fc.double(), fc.constantFrom(null, -1, 0, 1e300, Number.MAX_SAFE_INTEGER)),
    timestamp: fc.oneof(fc.constantFrom('2026-04-23T00:00:00Z', '9999-99-99T99:99:99Z'), oddText),
    signature: fc.oneof(fc.constant('A'.repeat(86).concat('==')), oddText),
    account: fc.anything(),
    assertion: oddText,
    checkpoint: fc.anything(),
    overlap_seconds: fc.double(),
  },
  { requiredKeys: [] },
);

const body = fc.oneof(
  fc.json(),
  members.map((value) => JSON.stringify(value) ?? ''),
  members.map((value) => JSON.stringify({ ...registration, ...value })),
  oddText.map((text) => text.toWellFormed()),
  fc.uint8Array({ maxLength: 300 }),
  fc.constantFrom(
    '['.repeat(60_000),
    '{"a":'.repeat(10_000),
    '"\\u0000"',
    '"\\ud800"',
    '{"__proto__":{"x":1}}',
    'x'.repeat(70_000),
  ),
);

const fuzzed: fc.Arbitrary<FuzzedRequest> = fc.record({
  method: fc.oneof(
    { arbitrary: fc.constant('POST'), weight: 6 },
    { arbitrary: fc.constant('GET'), weight: 3 },
    {
      arbitrary: fc.constantFrom('PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH', 'TRACE', 'PROPFIND'),
      weight: 2,
    },
  ),
  path,
  headers,
  body,
});

interface FuzzedAnswer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

function send(url: string, agent: Agent, fuzz: FuzzedRequest): Promise<FuzzedAnswer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const { method, path: to } = fuzz;
    const sent = request({ hostname, port, agent, method, path: to, headers: fuzz.headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk) => {
        text += chunk;
      });
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, type: answer.headers['content-type'] ?? '', text }),
      );
    });
    sent.on('error', reject);
    sent.end(['GET', 'HEAD'].includes(method) ? undefined : fuzz.body);
  });
}

async function residentBytes(operationsUrl: string): Promise<number> {
  const text = await (await fetch(`${operationsUrl}/metrics`)).text();
  return Number(/^process_resident_memory_bytes (\S+)$/m.exec(text)?.[1]);
}

async function startFuzzedServer() {
  const agents = await temporaryFile(
    `[[tokens]]\ntoken = "${secrets.agent}"\naccount = { accountId = "account-1", chatgptUserId = "user-1" }\n`,
  );
  // The default store of serve: it refuses text that a memory store would keep.
  const store = `pglite:${await temporaryFolder()}/store`;
  return startServeProcess(
    ['--store', store, '--agents-tokens-file', agents, '--limits-address-requests-per-minute', '0'],
    {
      AIA_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
      AIA_ADMINISTRATORS_TOKEN: secrets.admin,
      AIA_VERIFIERS_TOKEN: secrets.verifier,
    },
  );
}

it('10,000 fuzzed requests cause no 5xx, no leak, no crash, and no growth of memory', {
  timeout: 120_000,
}, async () => {
  const { url, operationsUrl, child, output } = await startFuzzedServer();
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  const requests = fc.sample(fuzzed, { numRuns: 10_000, seed: 20_260_423 });
  const statuses = new Map<number, number>();
  const run = async (from: number, to: number) => {
    let next = from;
    const worker = async () => {
      while (next < to) {
        const fuzz = requests[next++] as FuzzedRequest;
        const answer = await send(url, agent, fuzz).catch((error: NodeJS.ErrnoException) => {
          // The server may close a connection that sends more than it reads.
          if (error.code === 'ECONNRESET' || error.code === 'EPIPE') return undefined;
          // If the headers are too large, the server does not know yet that it is a HEAD: the refusal has a body.
          if (fuzz.method === 'HEAD' && error.code?.startsWith('HPE_')) return undefined;
          throw error;
        });
        if (answer === undefined) continue;
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
        expectHarmless(answer, fuzz);
      }
    };
    await Promise.all(Array.from({ length: 32 }, worker));
  };
  await run(0, 3000);
  const before = await residentBytes(operationsUrl);
  await run(3000, requests.length);
  const after = await residentBytes(operationsUrl);
  agent.destroy();
  expect(child.exitCode).toBeNull();
  expect((await fetch(`${url}/agent-identities/jwks`)).status).toBe(200);
  expect(after - before).toBeLessThan(100 * 1024 * 1024);
  // Nearly all got a response, of many kinds.
  expect([...statuses.values()].reduce((sum, n) => sum + n)).toBeGreaterThan(9500);
  expect([...statuses.keys()].sort()).toEqual(expect.arrayContaining([200, 400, 401, 404, 413]));
  for (const secret of Object.values(secrets)) expect(output()).not.toContain(secret);
  // There was no failure: pino writes errors with level 50.
  expect(output()).not.toContain('"level":50');
});

function expectHarmless({ status, type, text }: FuzzedAnswer, fuzz: FuzzedRequest): void {
  const about = JSON.stringify({ ...fuzz, status, text: text.slice(0, 300) });
  expect(status < 500 || status === 503, about).toBe(true);
  expect(text, about).not.toMatch(/hunter2|PRIVATE KEY|node_modules|\n +at |file:\/\//);
  if (status < 400 || fuzz.method === 'HEAD') return;
  if (status === 417) return;
  expect(type, about).toMatch(/^application\/json/);
  expect(errorBodySchema.safeParse(JSON.parse(text)).success, about).toBe(true);
}

it('2,000 fuzzed connections of raw bytes get only refusals, and the server keeps working', {
  timeout: 120_000,
}, async () => {
  const { url, operationsUrl, child, output } = await startFuzzedServer();
  const port = Number(new URL(url).port);
  const line = fc.constantFrom(
    'GET / HTTP/1.1',
    'POST /v1/agent/register HTTP/1.1',
    'POST /v1/agent/a/task/register HTTP/1.1',
    'GET * HTTP/9',
    'PRI * HTTP/2.0',
  );
  const header = fc.oneof(
    fc.constantFrom(
      'Host: a',
      'Content-Length: 5',
      'Content-Length: -5',
      'Transfer-Encoding: chunked',
      'Transfer-Encoding: x',
      'Upgrade: websocket',
      'Connection: upgrade',
      'Expect: 100-continue',
      ' folded',
      ':',
    ),
    fc.string({ unit: 'binary', maxLength: 30 }),
  );
  const raw = fc
    .tuple(
      fc.oneof(line, fc.string({ unit: 'binary' })),
      fc.array(header, { maxLength: 6 }),
      fc.string({ unit: 'binary', maxLength: 60 }),
    )
    .map(([first, rest, content]) => `${[first, ...rest].join('\r\n')}\r\n\r\n${content}`);
  const texts = fc.sample(raw, { numRuns: 2000, seed: 20_260_424 });
  const before = await residentBytes(operationsUrl);
  for (let i = 0; i < texts.length; i += 50) {
    const connections = texts.slice(i, i + 50).map((text) => {
      const connection = rawConnection(port);
      connection.socket.end(text);
      return connection.closed;
    });
    for (const answer of await Promise.all(connections)) {
      expect(answer).not.toMatch(/HTTP\/1\.1 5|hunter2|node_modules|\n +at /);
    }
  }
  expect(child.exitCode).toBeNull();
  expect((await fetch(`${url}/agent-identities/jwks`)).status).toBe(200);
  expect((await residentBytes(operationsUrl)) - before).toBeLessThan(100 * 1024 * 1024);
  expect(output()).not.toContain('hunter2');
});
