import { createAssertionVerifier, type VerifiedAgentRuntime } from 'agent-identity-verifier';
import { withAgent } from 'agent-identity-verifier/fetch';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { headerOf, knownAgent, now } from '../support/known-agent.js';

const agent = knownAgent();
const headers = { authorization: headerOf(agent), 'chatgpt-account-id': 'account-1' };
const verifier = createAssertionVerifier({ directory: agent.directory }, { clock: () => now });
const request = (init: RequestInit = { headers }) => new Request('http://service.example/v1', init);

describe('withAgent', () => {
  it('passes the agent and what the platform passes, typed', async () => {
    const handle = withAgent(verifier, (received, one, env: { name: string }, context: number) => {
      expectTypeOf(one).toEqualTypeOf<VerifiedAgentRuntime>();
      return Response.json([received.method, one.taskId, env.name, context]);
    });
    const response = await handle(request(), { name: 'worker' }, 7);
    expect(await response.json()).toEqual(['GET', 'task-1', 'worker', 7]);
  });

  it('refuses a request without an assertion, and does not call the handler', async () => {
    const handle = withAgent(verifier, () => expect.fail('called'));
    const response = await handle(request({}));
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('AgentAssertion');
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(await response.json()).toMatchObject({ error: { code: 'missing_assertion' } });
  });

  it('gives the body of the request to the handler unread', async () => {
    const handle = withAgent(verifier, async (received) => new Response(await received.text()));
    expect(await (await handle(request({ method: 'POST', headers, body: 'hello' }))).text()).toBe('hello');
  });

  it('passes the arguments of the platform to clientAddress', async () => {
    const seen: unknown[] = [];
    const handle = withAgent(
      verifier,
      (_received, _agent, info: { address: string }) => new Response(info.address),
      {
        clientAddress(received, info) {
          seen.push(received.url, info);
          return info.address;
        },
      },
    );
    await handle(request(), { address: '192.0.2.1' });
    expect(seen).toEqual(['http://service.example/v1', { address: '192.0.2.1' }]);
  });

  it('rejects with the error of the handler', async () => {
    const handle = withAgent(verifier, () => {
      throw new Error('mine');
    });
    await expect(handle(request())).rejects.toThrow('mine');
  });

  it.each([
    ['a handler', undefined, {}, 'handler: expected a function, got undefined'],
    ['known options', () => new Response(), { onrefusal: () => {} }, 'onrefusal'],
    [
      'a listener',
      () => new Response(),
      { onRefusal: 'log' },
      'onRefusal: expected a function, got a string',
    ],
  ])('requires %s', (_what, handler, options, message) => {
    expect(() => withAgent(verifier, handler as never, options as never)).toThrow(message);
  });
});
