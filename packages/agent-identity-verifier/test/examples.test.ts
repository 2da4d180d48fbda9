import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const printed = `the agent: 200 {"agentRuntimeId":"agent-1","taskId":"task-1"}
a stranger: 401 {"error":{"code":"missing_assertion","message":"An agent assertion is required."}}
after revocation: 401 {"error":{"code":"invalid_task_id","message":"The task is no longer valid."}}
`;

const run = (example: URL) =>
  promisify(execFile)(process.execPath, [fileURLToPath(example)], { timeout: 20_000 });

describe.each(['hono', 'express', 'fastify', 'node'])('the example for %s', (name) => {
  const example = new URL(`../examples/${name}.mjs`, import.meta.url);

  it('accepts the agent and refuses everyone else', async () => {
    expect((await run(example)).stdout).toBe(printed);
  });

  it('is the one that docs/verifier.md shows', async () => {
    const page = await readFile(new URL('../../../docs/verifier.md', import.meta.url), 'utf8');
    const code = await readFile(example, 'utf8');
    const [, service = ''] =
      /(const (?:app|server) = .*?)\n\n(?:server|const server|await)/s.exec(code) ?? [];
    expect(service).toContain('requireAgent');
    expect(page).toContain(`\n${service}\n`);
    expect(page).toContain(code.match(/^import .* from 'agent-identity-verifier\/.*$/m)?.[0]);
  });
});

it('the guard for NestJS accepts the agent and refuses everyone else', async () => {
  expect((await run(new URL('../examples/nest.mjs', import.meta.url))).stdout).toBe(printed);
});

it('the example for both generations accepts each of them, and no replay', async () => {
  const { stdout } = await run(new URL('../examples/both-generations.mjs', import.meta.url));
  expect(stdout).toBe(`a runtime: 200 task-1
an instance: 200 rai-1
a replay: 403 {"error":{"code":"instance_assertion_replayed","message":"The agent assertion was used before; sign a new one for each request."}}
an instance with its bearer token: 200 rai-1
an instance with an expired token: 401 {"error":{"code":"invalid_bearer","message":"A valid bearer token is required."}}
a revoked instance: 403 {"error":{"code":"runtime_instance_revoked","message":"The agent instance has been revoked."}}
`);
});

it('the example for WebSockets accepts both generations, no replay, and closes with the agent', async () => {
  const { stdout } = await run(new URL('../examples/websocket.mjs', import.meta.url));
  expect(stdout).toBe(
    'hello agent of generation 1\nhello agent of generation 2\nrefused: 403\nclosed: 1008 agent_runtime_revoked\n',
  );
});
