import { generateAgentKey } from 'agent-identity-core';
import { registrationBody, temporaryFile } from 'test-support';
import { describe, expect, it } from 'vitest';
import { rawConnection } from '../support/raw-connection.js';
import { startServeProcess } from '../support/run-program.js';

const token = 'a-token-of-some-length';

/** A server process that has received the head of a registration and half its body. */
async function withRequestUnderWay(words: string[] = []) {
  const tokensFile = await temporaryFile(
    `[[tokens]]\ntoken = "${token}"\naccount = { accountId = "account-1", chatgptUserId = "user-1" }\n`,
  );
  const served = await startServeProcess([
    '--store',
    'memory:',
    '--agents-tokens-file',
    tokensFile,
    ...words,
  ]);
  const body = JSON.stringify(registrationBody(generateAgentKey().publicKey.ssh));
  const connection = rawConnection(Number(new URL(served.url).port));
  connection.send(
    `POST /v1/agent/register HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\nExpect: 100-continue\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`,
  );
  // Once the server asks for the body, it has the request.
  await connection.received(/100 Continue/);
  connection.send(body.slice(0, 20));
  const readiness = async () =>
    (await fetch(`${served.operationsUrl}/readyz`).catch(() => undefined))?.status;
  return { ...served, connection, rest: body.slice(20), readiness };
}

describe('SIGTERM', () => {
  it('lets a running request finish, refuses new connections, and ends with 0', async () => {
    const { child, url, connection, rest, readiness, ended, output } = await withRequestUnderWay();
    expect(await readiness()).toBe(200);
    child.kill('SIGTERM');
    await expect.poll(readiness).toBe(503);
    await expect
      .poll(() =>
        fetch(`${url}/agent-identities/jwks`).then(
          () => 'answered',
          () => 'refused',
        ),
      )
      .toBe('refused');
    connection.send(rest);
    const answer = await connection.closed;
    expect(answer).toMatch(/HTTP\/1\.1 200 /);
    expect(answer).toMatch(/connection: close/i);
    expect(answer).toContain('agent_runtime_id');
    expect(await ended).toBe(0);
    expect(output()).toContain('"msg":"stopped"');
    expect(output()).not.toContain(token);
  });

  it('waits no longer than configured', async () => {
    const { child, connection, ended } = await withRequestUnderWay(['--drain-timeout-seconds', '1']);
    child.kill('SIGTERM');
    expect(await connection.closed).not.toMatch(/HTTP\/1\.1 200 /);
    expect(await ended).toBe(0);
  });

  it('keeps serving for a while if load balancers need it', async () => {
    const { child, url, connection, rest, readiness, ended } = await withRequestUnderWay([
      '--drain-delay-seconds',
      '1',
    ]);
    child.kill('SIGTERM');
    await expect.poll(readiness).toBe(503);
    const answer = await fetch(`${url}/agent-identities/jwks`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('connection')).toBe('close');
    connection.send(rest);
    expect(await connection.closed).toMatch(/HTTP\/1\.1 200 /);
    expect(await ended).toBe(0);
  });

  it('ends the process immediately the second time', async () => {
    const { child, readiness, ended } = await withRequestUnderWay();
    child.kill('SIGTERM');
    await expect.poll(readiness).toBe(503);
    child.kill('SIGTERM');
    expect(await ended).toBe(1);
  });
});
