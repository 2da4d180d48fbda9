import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { hostNames, type SeenRequest } from './codex-instances/openai-hosts.mjs';
import { chatgptActor, platformActor } from './codex-instances/people.mjs';
import { installPublishedClient } from './published-client/install-published-client.mjs';
import { runInLoopbackNamespace } from './published-client/run-in-loopback-namespace.mjs';

// The published client runs unmodified in a namespace with nothing but loopback, where the names of OpenAI lead to our
// authority on a PGlite folder and to a service behind our middleware. Each assertion is accepted once.

const version = '0.169.0';
const timeLimitSeconds = 300;

interface Run {
  readonly answer: { readonly code: number; readonly output: string };
  readonly requests: readonly SeenRequest[];
  readonly instances: readonly {
    readonly id: string;
    readonly credentialType: string;
    readonly actor: object;
    readonly harnessVersion: string;
    readonly publicKeySsh: string;
  }[];
}

interface Seen {
  readonly eachCredentialInEachMode: readonly (Run & {
    readonly credential: string;
    readonly mode: string;
  })[];
  readonly overWebSocket: Run;
  readonly tokenEndsInTheMiddle: Run;
  readonly revokedInTheMiddle: readonly Run[];
  readonly switchedOnByTheWorkspace: Run;
  readonly bothGenerations: Run;
  readonly audit: object;
}

let seen: Seen;
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'codex-instances-'));
  try {
    const hosts = join(folder, 'hosts');
    await writeFile(hosts, `127.0.0.1 localhost ${hostNames.join(' ')}\n`);
    const script = fileURLToPath(new URL('codex-instances/scenarios.mjs', import.meta.url));
    const binary = installPublishedClient(version);
    seen = JSON.parse(await runInLoopbackNamespace(script, [binary, folder], timeLimitSeconds, hosts));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 400_000);

/** What the client asks for without an assertion (docs/protocol-instances.md section 4). */
const withoutAssertion = [
  'POST auth.openai.com/agent/register',
  'POST auth.openai.com/oauth/token',
  'GET auth.openai.com/api/accounts/v1/user-auth-credential/whoami',
  'GET chatgpt.com/backend-api/wham/config/bundle',
  'GET chatgpt.com/backend-api/plugins/export/curated',
];

const asserted = ({ requests }: Run) => requests.filter(({ url }) => !withoutAssertion.includes(url));
const inference = ({ requests }: Run) =>
  requests.filter(({ url }) => url.startsWith('POST') && url.endsWith('/responses'));
const registrations = ({ requests }: Run) =>
  requests.filter(({ url }) => url === 'POST auth.openai.com/agent/register');

const worked = { code: 0, output: expect.stringContaining('answer-of-the-provider') };
const headersOf = {
  dual_header: { authorization: 'Bearer', assertion: true },
  assertion_only: { authorization: 'AgentAssertion 1.', assertion: false },
} as const;
const registeredAs = {
  chatgpt: { credentialType: 'oauth', actor: chatgptActor },
  apiKey: { credentialType: 'platform_api_key', actor: platformActor },
  personalAccessToken: { credentialType: 'personal_access_token', actor: chatgptActor },
} as const;

/** Requires that the run succeeded with one instance, and that all its requests were verified as that instance. */
function expectOneInstance(run: Run, mode: keyof typeof headersOf): void {
  expect(run.answer).toMatchObject(worked);
  expect(registrations(run)).toMatchObject([{ status: 200, authorization: 'none' }]);
  expect(run.instances).toHaveLength(1);
  const [instance = expect.fail()] = run.instances;
  expect(instance.harnessVersion).toBe(version);
  const requests = asserted(run);
  expect(requests.length).toBeGreaterThan(3);
  for (const request of requests) {
    expect(request).toMatchObject({ agent: instance.id, ...headersOf[mode] });
    expect(request.code).toBeUndefined();
  }
}

describe.each(Object.entries(registeredAs))(
  'a login with a credential of the kind %s',
  (credential, registered) => {
    it.each(Object.keys(headersOf) as (keyof typeof headersOf)[])(
      'registers one instance and runs with it in the mode %s',
      (mode) => {
        const run = seen.eachCredentialInEachMode.find(
          (one) => one.credential === credential && one.mode === mode,
        );
        if (run === undefined) expect.fail();
        expectOneInstance(run, mode);
        expect(run.instances).toMatchObject([registered]);
        expect(inference(run)).toHaveLength(1);
        const account = registered.actor.kind === 'chatgpt' ? registered.actor.accountId : undefined;
        for (const request of asserted(run)) expect(request.account).toBe(account);
        const [{ authorization, assertion } = expect.fail()] = inference(run);
        const headers = `Authorization: ${authorization}…${assertion ? ', x-openai-agent-assertion' : ''}`;
        console.info(`${credential} ${mode}: ${registered.credentialType}, ${headers}, account ${account}`);
      },
    );
  },
);

it('every process has a key and an instance of its own', () => {
  const instances = seen.eachCredentialInEachMode.flatMap((run) => run.instances);
  expect(new Set(instances.map(({ publicKeySsh }) => publicKeySsh)).size).toBe(6);
});

it('a turn over WebSocket signs each handshake', () => {
  expectOneInstance(seen.overWebSocket, 'assertion_only');
  const handshakes = seen.overWebSocket.requests.filter(({ url }) => url.startsWith('WebSocket'));
  expect(handshakes).toMatchObject([{ status: 101 }, { status: 101 }]);
  expect(inference(seen.overWebSocket)).toEqual([]);
});

it('a token that ends in the middle is refreshed, and the new token gets a new instance', () => {
  const { answer, requests, instances } = seen.tokenEndsInTheMiddle;
  expect(answer).toMatchObject(worked);
  expect(requests.filter(({ url }) => url === 'POST auth.openai.com/oauth/token')).toHaveLength(1);
  expect(instances).toHaveLength(2);
  const judged = inference(seen.tokenEndsInTheMiddle);
  expect(judged.slice(0, -1).every(({ code }) => code === 'invalid_bearer')).toBe(true);
  expect(judged.at(-1)).toMatchObject({ status: 200, agent: instances[1]?.id });
});

it('an instance that is revoked in the middle ends the run, and nothing is registered again', () => {
  expect(seen.revokedInTheMiddle).toHaveLength(2);
  for (const run of seen.revokedInTheMiddle) {
    expect(run.answer.code).toBe(1);
    expect(run.answer.output).toContain('The agent instance has been revoked.');
    expect(registrations(run)).toHaveLength(1);
    expect(inference(run)).toMatchObject([{ status: 403, code: 'runtime_instance_revoked' }]);
  }
});

it('the cloud config bundle of the workspace alone switches it on', () => {
  expectOneInstance(seen.switchedOnByTheWorkspace, 'assertion_only');
});

it('one service accepts both generations from one process', () => {
  const run = seen.bothGenerations;
  expect(run.answer).toMatchObject(worked);
  expect(inference(run)).toMatchObject([
    { url: 'POST 127.0.0.1/v1/responses', status: 200, authorization: 'AgentAssertion' },
  ]);
  const [instance = expect.fail()] = run.instances;
  const ofInstance = run.requests.filter(({ agent }) => agent === instance.id);
  expect(ofInstance.map(({ url }) => url)).toContain('GET chatgpt.com/backend-api/wham/accounts/check');
});

it('no assertion came twice, and the audit log is intact', () => {
  const { audit, eachCredentialInEachMode, revokedInTheMiddle, ...others } = seen;
  const runs = [...eachCredentialInEachMode, ...revokedInTheMiddle, ...Object.values(others)];
  const codes = runs.flatMap(({ requests }) => requests.map(({ code }) => code));
  expect(codes).not.toContain('instance_assertion_replayed');
  expect(audit).toMatchObject({ intact: true, problems: [] });
});
