import { inspect } from 'node:util';
import { registerAgentRuntime } from 'agent-identity-registry';
import { fixedAgent } from 'test-support';
import { describe, expect, it } from 'vitest';
import { type AuthapiReply, authapiServer } from '../support/authapi-server.js';
import { failureOf } from '../support/failure-of.js';
import { agentKey } from '../support/fixed-agent.js';
import { recordingEffects } from '../support/recording-effects.js';
import { registerTask } from '../support/register-task.js';

async function failure(...replies: readonly AuthapiReply[]) {
  const { baseUrl } = await authapiServer(...replies);
  const registration = { authapiBaseUrl: baseUrl };
  return failureOf(registerTask(registration, recordingEffects()));
}

describe('a redirect is not followed', () => {
  it.each([301, 302, 303, 307, 308])('status %i', async (status) => {
    const target = await authapiServer({ body: { task_id: 'stolen' } });
    const error = await failure({ status, headers: { location: `${target.baseUrl}/elsewhere` } });
    expect(error).toMatchObject({ code: 'registration_redirected', status, attempts: 1, retryable: false });
    expect(target.requests).toHaveLength(0);
  });

  it('not even within one origin', async () => {
    const error = await failure({ status: 307, headers: { location: '/v2' } }, { body: { task_id: 'x' } });
    expect(error).toMatchObject({ code: 'registration_redirected', attempts: 1 });
  });

  it('and the opaque response of browsers is reported as one', async () => {
    const opaque = Object.defineProperties(new Response(null), {
      type: { value: 'opaqueredirect' },
      status: { value: 0 },
      ok: { value: false },
    });
    const taskId = registerTask(
      { authapiBaseUrl: 'https://a.test' },
      recordingEffects({ fetch: async () => opaque }),
    );
    expect(await failureOf(taskId)).toMatchObject({ code: 'registration_redirected', retryable: false });
  });

  it('and the response of a fetch that followed one anyway is refused', async () => {
    const { baseUrl } = await authapiServer(
      { status: 307, headers: { location: '/v2' } },
      { body: { task_id: 'x' } },
    );
    const taskId = registerTask(
      { authapiBaseUrl: baseUrl },
      recordingEffects({ fetch: (url, init) => fetch(url, { ...init, redirect: 'follow' }) }),
    );
    expect(await failureOf(taskId)).toMatchObject({ code: 'registration_redirected', retryable: false });
  });
});

describe('a body', () => {
  const id = (length: number) => ({ task_id: 'x', padding: 'y'.repeat(length - 30) });

  it('of 64 KiB is read', async () => {
    const body = JSON.stringify(id(65_536)).padEnd(65_536);
    const { baseUrl } = await authapiServer({ body });
    const registration = { authapiBaseUrl: baseUrl };
    expect(await registerTask(registration, recordingEffects())).toBe('x');
  });

  it('of more is a final failure', async () => {
    expect(await failure({ body: JSON.stringify(id(65_536)).padEnd(65_537) })).toMatchObject({
      code: 'malformed_registration_response',
      status: 200,
      attempts: 1,
      retryable: false,
    });
  });

  it('that never ends is not read to its end', async () => {
    const chunk = 'x'.repeat(65_536);
    const endless: AuthapiReply = (response) => {
      response.writeHead(200);
      const more = () => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', more);
      more();
    };
    expect(await failure(endless)).toMatchObject({ code: 'malformed_registration_response' });
  });

  it('of a refusal may have any length, and its status counts', async () => {
    const error = await failure({ status: 403, body: 'z'.repeat(1_000_000) });
    expect(error).toMatchObject({ code: 'registration_refused', status: 403 });
    expect(error.bodyExcerpt).toBe('z'.repeat(512));
  });

  it('of a refusal may break off, and its status counts', async () => {
    const error = await failure((response) => {
      response.writeHead(400, { 'content-length': '100' });
      response.write('{', () => response.destroy());
    });
    expect(error).toMatchObject({ code: 'registration_refused', status: 400, attempts: 1 });
  });
});

describe("the server's error", () => {
  it.each([
    [400, { code: 'invalid_agent_runtime_id', message: 'No such runtime.' }],
    [403, { message: 'Agent runtime has been deleted.' }],
    [401, { code: 'token_expired', message: 'Sign in again.', type: 'auth' }],
  ])('is read from the members of a JSON body: %i', async (status, error) => {
    const failed = await failure({ status, body: { error: { ...error, extra: 1 }, more: 2 } });
    expect(failed.serverError).toEqual(error);
    expect(failed.message).toContain(error.message);
  });

  it('is read from a body with a code and no message', async () => {
    const error = { code: 'invalid_agent_runtime_id' };
    expect((await failure({ status: 400, body: { error } })).serverError).toEqual(error);
  });

  it.each([
    ['text that only looks like it', 'error: {"code":"invalid_agent_runtime_id","message":"x"}'],
    ['members elsewhere', { reason: { code: 'invalid_agent_runtime_id', message: 'x' } }],
    ['members of another type', { error: { code: 7, message: ['x'] } }],
    ['no body', ''],
  ])('is not read from %s', async (_title, body) => {
    const failed = await failure({ status: 400, body });
    expect(failed.serverError).toBeUndefined();
    expect(failed.message).not.toContain('invalid_agent_runtime_id');
  });

  it.each([
    ['error.code', { error: { code: 'invalid_agent_runtime_id' } }],
    ['error', { error: 'invalid_agent_runtime_id' }],
    ['detail.code', { detail: { code: 'invalid_agent_runtime_id' } }],
    ['code', { code: 'invalid_agent_runtime_id' }],
  ])('is read from %s', async (_title, body) => {
    const failed = await failure({ status: 400, body });
    expect(failed.serverError).toEqual({ code: 'invalid_agent_runtime_id' });
  });

  it('is limited to 512 characters per member, without line breaks and control characters', async () => {
    const message = `line 1\r\n\u001b[31mred\u202e${'m'.repeat(600)}`;
    const failed = await failure({ status: 400, body: { error: { message } } });
    expect(failed.serverError?.message).toHaveLength(512);
    expect(failed.serverError?.message).toMatch(/^line 1 \[31mred m+$/);
    expect(failed.message).not.toMatch(/[\p{Cc}\u202e]/u);
  });

  it('stays well-formed if it is cut within a surrogate pair', async () => {
    const failed = await failure({ status: 400, body: `${'x'.repeat(511)}🤖🤖` });
    expect(failed.bodyExcerpt).toHaveLength(512);
    expect(failed.bodyExcerpt?.isWellFormed()).toBe(true);
  });
});

describe('credentials in a body', () => {
  const jwt = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzb21lb25lIn0.c2lnbmF0dXJl';
  it.each([
    ['a JWT', `no use for ${jwt} here`, jwt],
    ['an Authorization value', 'got Authorization: Bearer abc.def-123', 'abc.def-123'],
    ['a private key', `MC4CAQAwBQYDK2VwBCIEIAcHBwcHBwcH`, 'BCIEIAcHBwcHBwcH'],
    ['a JWT at the cut', `${'x'.repeat(470)} ${jwt}`, 'eyJhbGci'],
  ])('are not kept: %s', async (_title, text, secret) => {
    const failed = await failure({ status: 400, body: { error: { message: text } } });
    expect(inspect(failed, { depth: 9, showHidden: true })).not.toContain(secret);
    expect(failed.bodyExcerpt).toContain('[redacted]');
  });

  it('nor is the access token that was sent, in any form and escaping', async () => {
    const accessToken = 'opaque/42"x';
    const { baseUrl } = await authapiServer((response, request) => {
      const sent = request.headers['authorization']?.slice('Bearer '.length) ?? '';
      response.writeHead(401);
      response.end(
        `{"error":{"message":${JSON.stringify(sent)}},"a":"${sent.replaceAll('/', '\\/')}","b":${sent}}`,
      );
    });
    const failed = await failureOf(
      registerAgentRuntime(
        {
          authapiBaseUrl: baseUrl,
          accessToken,
          isFedramp: false,
          publicKey: agentKey.publicKey,
          abom: { agent_version: '1', agent_harness_id: 'x', running_location: 'y' },
        },
        recordingEffects(),
      ),
    );
    const shown = inspect(failed, { depth: 9, showHidden: true });
    expect(shown).not.toMatch(/opaque.{0,4}42/);
    expect(failed.bodyExcerpt).toContain('[redacted]');
  });

  it('nor are those in the error of a fetch that shows the request', async () => {
    const accessToken = 'opaque-42';
    const failed = await failureOf(
      registerAgentRuntime(
        {
          authapiBaseUrl: 'https://a.test',
          accessToken,
          isFedramp: false,
          publicKey: agentKey.publicKey,
          abom: { agent_version: '1', agent_harness_id: 'x', running_location: 'y' },
        },
        recordingEffects({
          fetch: async (_url, init) => {
            const cause = Object.assign(new Error(`sent ${JSON.stringify(init?.headers)}`), {
              code: 'ESOME',
            });
            throw Object.assign(new Error('no luck', { cause }), { request: init });
          },
        }),
      ),
    );
    expect(failed).toMatchObject({ code: 'registration_connection_failed', attempts: 3, retryable: true });
    expect(failed.message).toMatch(/ESOME: no luck/);
    expect(inspect(failed, { depth: 9, showHidden: true })).not.toContain(accessToken);
  });
});

describe('the clock of the server', () => {
  const dateAt = (offsetSeconds: number) => ({
    date: new Date(fixedAgent.signedAt + offsetSeconds * 1000).toUTCString(),
  });

  it.each([400, 401, 403, 404, 503])('is compared with ours for status %i', async (status) => {
    expect((await failure({ status, headers: dateAt(-7) })).clockOffsetSeconds).toBe(-7);
    expect((await failure({ status, headers: dateAt(0) })).clockOffsetSeconds).toBe(0);
  });

  it('is unknown without a readable Date', async () => {
    expect((await failure({ status: 400 })).clockOffsetSeconds).toBeUndefined();
    expect((await failure({ status: 400, headers: { date: 'today' } })).clockOffsetSeconds).toBeUndefined();
  });

  it.each([
    [400, 61, 'is 61 s ahead of ours (+61 s)'],
    [401, 3600, 'is 3600 s ahead of ours (+3600 s)'],
    [400, -61, 'is 61 s behind ours (-61 s)'],
    [401, -86_400, 'is 86400 s behind ours (-86400 s)'],
  ])('is mentioned for a %i if it is off by more than a minute: %i s', async (status, offset, words) => {
    const failed = await failure({ status, headers: dateAt(offset) });
    expect(failed.message).toContain(words);
    expect(failed.clockOffsetSeconds).toBe(offset);
  });

  it.each([
    [400, 60],
    [401, -60],
    [400, 0],
    [403, 3600],
    [503, 3600],
  ])('is not mentioned for a %i and %i s', async (status, offset) => {
    expect((await failure({ status, headers: dateAt(offset) })).message).not.toContain('clock');
  });
});
