import { beforeAll, describe, expect, it } from 'vitest';
import { productionOnlyClients, selfHostedClients } from './published-client/published-clients.mjs';
import { hookTimeout, runWithPublishedClients } from './published-client/run-with-published-clients.mjs';

const script = new URL('codex-against-authority/scenarios.mjs', import.meta.url);
// biome-ignore lint/suspicious/noExplicitAny: checked below, member by member.
let seenByVersion: Record<string, any> = {};

// The published client runs only in a network namespace with loopback, with throwaway credentials. The program
// `agent-identity-authority serve` runs there in a separate process on a PGlite folder; the provider's verifier queries it.
beforeAll(async () => {
  seenByVersion = await runWithPublishedClients(script);
}, hookTimeout);

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

function countOf({ answers }: Seen, { route }: { route: string }): number {
  return answers.filter((answer) => answer.route === route).length;
}

function tell(title: string, { answers, requests }: Seen): void {
  const routes = answers.map(({ route, status }) => `${route} ${status}`);
  const paths = requests.map(({ path, scheme, verdict }) => `${path} ${scheme} ${verdict}`);
  console.info([`${title}:`, ...new Set(routes), ...new Set(paths)].join('\n  '));
}

describe.each(selfHostedClients)('the published client $version against this authority', (client) => {
  const { version, tasksPerExec } = client;
  // biome-ignore lint/suspicious/noExplicitAny: checked below, member by member.
  let seen: any;
  beforeAll(() => {
    seen = seenByVersion[version];
  });

  it('logs in with a JWT from the command line with one key set and one task', () => {
    tell(`${version}: login status`, seen.loginStatus);
    expect(seen.loginStatus).toMatchObject({
      answer: { code: 0, output: expect.stringContaining('Logged in') },
      answers: [fetchesKeys, registersTask],
      requests: [],
    });
  });

  it('runs with a JWT over plain HTTP, and all its requests carry assertions that verify', () => {
    tell(`${version}: exec with a JWT`, seen.execWithJwt);
    expect(seen.execWithJwt.answer).toMatchObject(worked);
    expectAllVerified(seen.execWithJwt);
    expect(seen.execWithJwt.answers).toEqual(expect.arrayContaining([fetchesKeys, registersTask]));
    expect(seen.execWithJwt.answers).not.toContainEqual(registersRuntime);
    expect(countOf(seen.execWithJwt, registersTask)).toBe(tasksPerExec);
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
    tell(`${version}: exec with the opt-in`, seen.optedIn);
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

describe.each(productionOnlyClients)(
  'the published client $version against this authority',
  ({ version }) => {
    // biome-ignore lint/suspicious/noExplicitAny: checked below, member by member.
    let seen: any;
    beforeAll(() => {
      seen = seenByVersion[version];
    });

    it('refuses a JWT of an authority that is not production or staging, without a request', () => {
      const refused = {
        answer: {
          code: 1,
          output: expect.stringContaining(
            'Agent Identity only supports production and staging ChatGPT environments',
          ),
        },
        answers: [],
        requests: [],
      };
      expect(seen.loginStatus).toEqual(refused);
      expect(seen.execWithJwt).toEqual(refused);
      expect(seen.execWithJwtOfCustomProvider).toEqual(refused);
    });

    it('registers nothing with the opt-in, sends its bearer token, and is refused', () => {
      tell(`${version}: exec with the opt-in`, seen.optedIn);
      const { answer, answers, requests, agentRuntimeId } = seen.optedIn;
      expect([answer.code, agentRuntimeId]).toEqual([1, undefined]);
      expect(answers).toEqual([]);
      const inference = (requests as Seen['requests']).filter(({ path }) => path === '/v1/responses');
      const verdicts = new Set(inference.map(({ scheme, verdict }) => `${scheme} ${verdict}`));
      expect(verdicts).toEqual(new Set(['Bearer unsupported_scheme']));
    });

    it('leaves an intact audit log, and the authority exits on SIGTERM', () => {
      expect(seen.audit).toMatchObject({ intact: true, problems: [] });
      expect(seen.exitCode).toBe(0);
    });
  },
);
