import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { closedOrigin, temporaryFile, temporaryFolder } from 'test-support';
import { describe, expect, it, onTestFinished } from 'vitest';
import { account, startScene } from './support/start-scene.js';

const program = fileURLToPath(new URL('../dist/bin.js', import.meta.url));
const run = promisify(execFile);

/** The options with which the program signs as a new agent of a real authority for a service that knows it. */
async function startIdentity(): Promise<{ readonly words: readonly string[]; readonly jwt: string }> {
  const { authority, authapiBaseUrl, serviceUrl } = await startScene();
  const { jwt } = await authority.issueAgentIdentityJwt({ account });
  const words = [
    ...['--jwt-file', await temporaryFile(`${jwt}\n`), '--base-url', serviceUrl],
    ...['--authapi-base-url', authapiBaseUrl],
  ];
  return { words, jwt };
}

const environment = {
  PATH: process.env['PATH'],
  CODEX_HOME: '/nonexistent',
  CODEX_ACCESS_TOKEN: 'at-secret',
};

async function runProgram(
  words: readonly string[],
): Promise<{ code: number; stdout: string; stderr: string }> {
  try {
    return { code: 0, ...(await run(process.execPath, [program, ...words], { env: environment })) };
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string };
  }
}

const python = `
import json, os, urllib.request
def get(path, key):
    request = urllib.request.Request(os.environ['OPENAI_BASE_URL'] + path, headers={'Authorization': 'Bearer ' + key})
    return urllib.request.urlopen(request).read().decode()
print(get('/models', os.environ['OPENAI_API_KEY']))
print('CODEX_ACCESS_TOKEN' in os.environ)
`;

describe('agent-identity-broker', () => {
  it('gives a command a base URL and a key that only the broker takes, and ends with it', async () => {
    const { words, jwt } = await startIdentity();
    const logFile = `${await temporaryFolder()}/broker.log`;
    const { stdout, stderr } = await runProgram([
      ...words,
      '--log-file',
      logFile,
      '--',
      'python3',
      '-c',
      python,
    ]);
    expect(stdout).toMatch(/^\{"agentRuntimeId":"agent-[^"]+","taskId":"task-[^"]+"\}\nFalse\n$/);
    expect(stderr).toBe('');
    const log = await readFile(logFile, 'utf8');
    expect(JSON.parse(log)).toMatchObject({ rule: 'GET /v1/models', status: 200, attempts: 1 });
    for (const text of [stdout, log]) expect(text).not.toContain(jwt.slice(0, 40));
  });

  it('serves curl', async () => {
    const { words } = await startIdentity();
    const script = 'curl -sS -H "Authorization: Bearer $OPENAI_API_KEY" -d {} "$OPENAI_BASE_URL/responses"';
    const { stdout } = await runProgram([...words, '--', 'sh', '-c', script]);
    expect(JSON.parse(stdout)).toHaveProperty('agentRuntimeId');
  });

  it('has the exit code of the command, and passes signals on to it', async () => {
    const { words } = await startIdentity();
    expect(await runProgram([...words, '--', 'sh', '-c', 'exit 7'])).toMatchObject({ code: 7 });
    const script = 'trap "exit 9" TERM; echo ready; while :; do sleep 0.1; done';
    const child = spawn(process.execPath, [program, ...words, '--', 'sh', '-c', script], {
      env: environment,
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    child.kill('SIGTERM');
    expect(await once(child, 'close')).toEqual([9, null]);
  });

  it('prints what clients need, serves until it is stopped, and ends quietly', async () => {
    const { words } = await startIdentity();
    const child = spawn(process.execPath, [program, ...words], { env: environment });
    onTestFinished(() => void child.kill('SIGKILL'));
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const [, url] = /^export OPENAI_BASE_URL='(.*)'$/.exec((await lines.next()).value) ?? [];
    const [, key] = /^export OPENAI_API_KEY='(.*)'$/.exec((await lines.next()).value) ?? [];
    const response = await fetch(`${url}/models`, { headers: { authorization: `Bearer ${key}` } });
    expect(response.status).toBe(200);
    expect((await fetch(`${url}/files`, { headers: { authorization: `Bearer ${key}` } })).status).toBe(403);
    child.kill('SIGTERM');
    expect(await once(child, 'close')).toEqual([0, null]);
  });

  it('serves metrics, which hold no secret', async () => {
    const { words, jwt } = await startIdentity();
    const port = new URL(await closedOrigin()).port;
    const script =
      'curl -sS -H "Authorization: Bearer $OPENAI_API_KEY" "$OPENAI_BASE_URL/models" "$OPENAI_BASE_URL/files" >&2; ' +
      `curl -sS http://127.0.0.1:${port}/metrics; curl -sS -o /dev/null -w "%{http_code} " http://127.0.0.1:${port}/`;
    const { stdout } = await runProgram([...words, '--metrics-port', port, '--', 'sh', '-c', script]);
    expect(stdout).toContain(
      'agent_identity_broker_requests_total{rule="GET /v1/models",status="200",refusal=""} 1',
    );
    expect(stdout).toContain('{rule="none",status="403",refusal="request_not_allowed"} 1');
    expect(stdout).toMatch(
      /agent_identity_broker_request_duration_seconds_count\{rule="GET \/v1\/models"\} 1/,
    );
    expect(stdout).toMatch(/404 $/);
    expect(stdout).not.toContain(jwt.slice(0, 40));
  });

  it.each([
    [['--alow', 'GET /'], 2, "unknown option '--alow'"],
    [['--jwt-file', '/nonexistent'], 1, '--jwt-file: /nonexistent cannot be read: ENOENT'],
    [['--access-token-file', '/dev/null'], 2, 'accessToken: expected 32 or more'],
    [['--access-token-file', '/nonexistent'], 1, '--access-token-file: /nonexistent cannot be read: ENOENT'],
    [['--log-file', '/nonexistent/log'], 1, '--log-file: /nonexistent/log cannot be written: ENOENT'],
    [['--metrics-port', 'x'], 2, '--metrics-port: expected a port'],
    [['--port', 'x'], 2, 'port: expected an integer'],
    [['--base-url', 'http://example.com/v1'], 2, 'plain http: goes to loopback only'],
  ])('says what is wrong with %j', async (words, code, message) => {
    const { words: identity } = await startIdentity();
    const all = words[0] === '--jwt-file' ? words : [...identity, ...words];
    const failure = await runProgram([...all, '--', 'true']);
    expect(failure).toMatchObject({ code });
    expect(failure.stderr).toContain(message);
  });

  it('signs with the login of the Codex client by default', async () => {
    const { serviceUrl, received } = await startScene();
    const home = await temporaryFolder();
    await writeFile(`${home}/auth.json`, JSON.stringify({ OPENAI_API_KEY: 'sk-of-the-login' }));
    const script =
      'curl -sS -H "Authorization: Bearer $OPENAI_API_KEY" "$OPENAI_BASE_URL/models"; echo "$OPENAI_API_KEY"';
    const env = { PATH: environment.PATH, CODEX_HOME: home };
    const words = [program, '--base-url', serviceUrl, '--', 'sh', '-c', script];
    const { stdout } = await run(process.execPath, words, { env });
    // The service wants an assertion, and got the key of the login.
    expect(received[0]?.headers.authorization).toBe('Bearer sk-of-the-login');
    expect(stdout).toContain('broker-');
    expect(stdout).not.toContain('sk-of-the-login');
  });

  it('says that a command does not exist', async () => {
    const { words } = await startIdentity();
    const failure = await runProgram([...words, '--', '/nonexistent']);
    expect(failure).toMatchObject({ code: 1, stderr: expect.stringContaining('ENOENT') });
  });
});
