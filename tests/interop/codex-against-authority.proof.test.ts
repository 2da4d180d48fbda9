import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installPublishedClient } from './published-client/install-published-client.mjs';
import { runInLoopbackNamespace } from './published-client/run-in-loopback-namespace.mjs';

const script = fileURLToPath(new URL('codex-against-authority/scenarios.mjs', import.meta.url));
let folder = '';
// biome-ignore lint/suspicious/noExplicitAny: checked below, member by member.
let seen: any;

// The published client runs only in a network namespace with loopback, with throwaway credentials. The program
// `agent-identity-authority serve` runs there in a separate process on a PGlite folder; the provider's verifier queries it.
beforeAll(async () => {
  const binary = installPublishedClient();
  folder = await mkdtemp(join(tmpdir(), 'codex-against-authority-'));
  seen = JSON.parse(await runInLoopbackNamespace(script, [binary, folder], 230));
}, 300_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

interface Seen {
  readonly answer: { readonly code: number; readonly output: string };
  readonly answers: readonly { readonly route: string; readonly status: number }[];
  readonly requests: readonly { readonly path: string; readonly verdict: string; readonly scheme: string }[];
}

const worked = { code: 0, output: expect.stringContaining('answer-of-the-provider') };
const registersTask = { route: '/v1/agent/{agent_runtime_id}/task/register', status: 200 };
const registersRuntime = { route: '/v1/agent/register', status: 200 };
const fetchesKeys = { route: '/agent-identities/jwks', status: 200 };

/** Requires that the authority refused nothing and the verifier refused none of the client's assertions. */
function expectAllVerified({ answers, requests }: Seen): void {
  expect(answers.filter(({ status }) => ![200, 201, 304].includes(status))).toEqual([]);
  const asserted = requests.filter(({ scheme }) => scheme === 'AgentAssertion');
  expect(asserted.filter(({ verdict }) => verdict !== 'verified')).toEqual([]);
  expect(asserted.length).toBeGreaterThan(0);
}

function tell(title: string, { answers, requests }: Seen): void {
  const routes = answers.map(({ route, status }) => `${route} ${status}`);
  const paths = requests.map(({ path, scheme, verdict }) => `${path} ${scheme} ${verdict}`);
  console.info([`${title}:`, ...new Set(routes), ...new Set(paths)].join('\n  '));
}

describe('the published client 0.169.0 against this authority', () => {
  it('logs in with a JWT from the command line with one key set and one task', () => {
    tell('login status', seen.loginStatus);
    expect(seen.loginStatus).toMatchObject({
      answer: { code: 0, output: expect.stringContaining('Logged in') },
      answers: [fetchesKeys, registersTask],
      requests: [],
    });
  });

  it('runs with a JWT over plain HTTP, and all its requests carry assertions that verify', () => {
    tell('exec with a JWT', seen.execWithJwt);
    expect(seen.execWithJwt.answer).toMatchObject(worked);
    expectAllVerified(seen.execWithJwt);
    expect(seen.execWithJwt.answers).toEqual(expect.arrayContaining([fetchesKeys, registersTask]));
    expect(seen.execWithJwt.answers).not.toContainEqual(registersRuntime);
    const verified = { scheme: 'AgentAssertion', verdict: 'verified' };
    for (const path of ['websocket /backend-api/codex/responses', '/backend-api/codex/responses']) {
      expect(seen.execWithJwt.requests).toContainEqual({ path, ...verified });
    }
    expect(seen.execWithJwt.requests).toContainEqual({
      path: '/backend-api/wham/config/bundle',
      ...verified,
    });
  });

  it('runs with a JWT against a custom provider of its configuration', () => {
    expect(seen.execWithJwtOfCustomProvider.answer).toMatchObject(worked);
    expectAllVerified(seen.execWithJwtOfCustomProvider);
  });

  it('runs with the opt-in, registers a runtime and a task, and sends assertions only for inference', () => {
    tell('exec with the opt-in', seen.optedIn);
    expect(seen.optedIn.answer).toMatchObject(worked);
    expectAllVerified(seen.optedIn);
    expect(seen.optedIn.answers.slice(0, 2)).toEqual([registersRuntime, registersTask]);
    const asserted = seen.optedIn.requests.filter(
      ({ scheme }: { scheme: string }) => scheme === 'AgentAssertion',
    );
    expect(asserted).toEqual([{ path: '/v1/responses', scheme: 'AgentAssertion', verdict: 'verified' }]);
  });

  it('learns that its runtime is deleted after the command line revoked it, and registers nothing', () => {
    const { answer, answers, requests } = seen.revoked as Seen;
    expect(answer.code).not.toBe(0);
    expect(answer.output).toContain('Agent runtime has been deleted.');
    const judged = requests.filter(({ path }) => path === '/v1/responses').map(({ verdict }) => verdict);
    expect(new Set(judged)).toEqual(new Set(['agent_runtime_revoked']));
    expect(answers.filter(({ route }) => route.endsWith('/register'))).toEqual([]);
  });

  it('leaves an intact audit log, and the authority exits on SIGTERM', () => {
    expect(seen.audit).toMatchObject({ intact: true, problems: [] });
    expect(seen.exitCode).toBe(0);
  });
});
