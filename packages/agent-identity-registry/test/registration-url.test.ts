import { agentRegistrationUrl, taskRegistrationUrl } from 'agent-identity-registry';
import fc from 'fast-check';
import { thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';

const base = 'https://auth.openai.com/api/accounts';

it('a runtime is registered under the base', () => {
  expect(agentRegistrationUrl(base)).toBe(`${base}/v1/agent/register`);
  expect(agentRegistrationUrl(`${base}//`)).toBe(`${base}/v1/agent/register`);
});

it('a task is registered under its runtime', () => {
  expect(taskRegistrationUrl(base, 'agent-123')).toBe(`${base}/v1/agent/agent-123/task/register`);
  expect(taskRegistrationUrl('http://127.0.0.1:9', 'a')).toBe('http://127.0.0.1:9/v1/agent/a/task/register');
});

it('nothing is registered over plain http except to loopback and the hosts in allowPlainHttpHosts', async () => {
  const insecure = 'http://authority.internal';
  for (const action of [() => agentRegistrationUrl(insecure), () => taskRegistrationUrl(insecure, 'a')]) {
    expect((await thrownBy(action)).code).toBe('insecure_url');
  }
  const options = { allowPlainHttpHosts: ['authority.internal'] };
  expect(agentRegistrationUrl(insecure, options)).toBe(`${insecure}/v1/agent/register`);
  expect(taskRegistrationUrl(insecure, 'a', options)).toBe(`${insecure}/v1/agent/a/task/register`);
});

describe('an agent runtime id', () => {
  it.each([
    ['', 'empty'],
    [' ', 'blank'],
    ['\u00a0\u3000', 'blank'],
    ['.', 'this folder'],
    ['..', 'the folder above'],
    ['a/b', 'two segments'],
    ['../register', 'another path'],
    ['/', 'a slash'],
    ['a\\b', 'a backslash'],
    ['a?b', 'a query'],
    ['a#b', 'a fragment'],
    ['a%2fb', 'an escaped slash'],
    ['%2e%2e', 'an escaped folder above'],
    ['a%b', 'a percent sign'],
    ['a\u0000b', 'a null character'],
    ['a\nb', 'a line end'],
    ['a\tb', 'a tab'],
    ['a\u007f', 'a delete character'],
    ['a\u0085', 'a control character beyond ASCII'],
    ['a\ud800', 'a lone surrogate'],
    ['\udc00a', 'a lone surrogate'],
  ])('is refused: %j, %s', async (id) => {
    expect((await thrownBy(() => taskRegistrationUrl(base, id))).code).toBe('unsafe_agent_runtime_id');
  });

  it.each([undefined, null, 7, {}, ['a']])('is refused if it is not a string: %j', async (id) => {
    expect((await thrownBy(() => taskRegistrationUrl(base, id as never))).code).toBe(
      'unsafe_agent_runtime_id',
    );
  });

  it.each([
    ['a b', 'a%20b'],
    ['a:b;c=d@e', 'a%3Ab%3Bc%3Dd%40e'],
    ['rt_é漢字', 'rt_%C3%A9%E6%BC%A2%E5%AD%97'],
    ['🤖-agent', '%F0%9F%A4%96-agent'],
    ['...', '...'],
    ['v1.2~x', 'v1.2~x'],
  ])('is escaped if it is unusual: %j', (id, segment) => {
    expect(taskRegistrationUrl(base, id)).toBe(`${base}/v1/agent/${segment}/task/register`);
  });

  it('is exactly one segment of the path or is refused, for any text', () => {
    const nasty = fc.constantFrom(
      '/',
      '\\',
      '.',
      '..',
      '?',
      '#',
      '%',
      '%2f',
      '%2E',
      '\0',
      '\n',
      ' ',
      ':',
      '@',
      'é',
      '\ud83e',
    );
    const ids = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .array(fc.oneof(nasty, fc.string({ unit: 'grapheme', maxLength: 3 })), { maxLength: 6 })
        .map((parts) => parts.join('')),
    );
    let accepted = 0;
    fc.assert(
      fc.property(ids, (id) => {
        let url: URL;
        try {
          url = new URL(taskRegistrationUrl(base, id));
        } catch (error) {
          expect(error).toMatchObject({ code: 'unsafe_agent_runtime_id' });
          return;
        }
        accepted += 1;
        const segments = url.pathname.split('/');
        expect(segments.map((segment) => decodeURIComponent(segment))).toEqual([
          '',
          'api',
          'accounts',
          'v1',
          'agent',
          id,
          'task',
          'register',
        ]);
        expect(url.origin + url.search + url.hash).toBe('https://auth.openai.com');
      }),
      { numRuns: 2000 },
    );
    expect(accepted).toBeGreaterThan(100);
  });
});
