import { resolveInstanceBaseUrl } from 'agent-identity-registry';
import { thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';

const production = 'https://auth.openai.com';
const staging = 'https://auth.api.openai.org';

describe('resolveInstanceBaseUrl', () => {
  it('is production without options', () => {
    expect(resolveInstanceBaseUrl()).toBe(production);
    expect(resolveInstanceBaseUrl({ chatgptBaseUrl: undefined, baseUrl: undefined })).toBe(production);
  });

  it.each([
    'https://chatgpt.com',
    'https://chatgpt.com/',
    'https://chatgpt.com/backend-api',
    'https://chatgpt.com/backend-api///',
    'https://chatgpt.com/codex',
    'https://chatgpt.com/backend-api/codex',
    'https://chatgpt.com:443/backend-api',
    'https://gov.chatgpt.com',
    'https://foo.chatgpt.com/backend-api',
    'https://a.b.chatgpt.com',
    'https://chat.openai.com/backend-api',
    'HTTPS://ChatGPT.com/backend-api',
  ])('is production for %s', (chatgptBaseUrl) => {
    expect(resolveInstanceBaseUrl({ chatgptBaseUrl })).toBe(production);
  });

  it.each([
    'https://chatgpt-staging.com',
    'https://chatgpt-staging.com/backend-api',
    'https://foo.chatgpt-staging.com/',
  ])('is staging for %s', (chatgptBaseUrl) => {
    expect(resolveInstanceBaseUrl({ chatgptBaseUrl })).toBe(staging);
  });

  it.each([
    'http://chatgpt.com/backend-api',
    'https://chatgpt.com:8443/backend-api',
    'https://chatgpt.com/other/path',
    'https://chatgpt.com/backend-api/v2',
    'https://chatgpt.com/Backend-Api',
    'https://chatgpt.com/a/../backend-api',
    'https://chatgpt.com/?q=1',
    'https://chatgpt.com/#x',
    'https://chatgpt.com?',
    'https://user@chatgpt.com',
    'https://user:hunter2@chatgpt.com',
    'https://chatgpt.com.',
    'https://xchatgpt.com',
    'https://.chatgpt.com',
    'https://chatgpt.com.example.test',
    'https://chatgpt.com@example.test',
    'https://chatgpt.com\\.example.test',
    'https://foo.chat.openai.com',
    'https://api.openai.com',
    'https://openai.com',
    'https://example.test/backend-api',
    'http://127.0.0.1/backend-api',
    ' https://chatgpt.com',
    'chatgpt.com',
    '',
    7,
    null,
  ])('refuses the ChatGPT base URL %j with unknown_chatgpt_base_url, without a quote of it', (value) => {
    const error = thrownBy(() => resolveInstanceBaseUrl({ chatgptBaseUrl: value as string }));
    expect(error.code).toBe('unknown_chatgpt_base_url');
    expect(error.message).not.toContain('hunter2');
  });

  it('takes the base URL of another server, without trailing slashes, with any ChatGPT base URL', () => {
    for (const chatgptBaseUrl of [undefined, 'https://chatgpt.com', 'https://example.test']) {
      expect(resolveInstanceBaseUrl({ chatgptBaseUrl, baseUrl: 'https://agents.example.test/auth//' })).toBe(
        'https://agents.example.test/auth',
      );
    }
    expect(resolveInstanceBaseUrl({ baseUrl: 'http://127.0.0.1:8080' })).toBe('http://127.0.0.1:8080');
    const allowPlainHttpHosts = ['authority.internal'];
    expect(resolveInstanceBaseUrl({ baseUrl: 'http://authority.internal', allowPlainHttpHosts })).toBe(
      'http://authority.internal',
    );
  });

  it.each([
    ['insecure_url', { baseUrl: 'http://agents.example.test' }],
    ['insecure_url', { baseUrl: 'https://user:hunter2@agents.example.test' }],
    ['insecure_url', { baseUrl: '' }],
    ['invalid_base_url', { baseUrl: 'https://agents.example.test/?x' }],
    ['invalid_argument', { baseURL: 'https://agents.example.test' }],
  ])('refuses with %s: %j', (code, options) => {
    const error = thrownBy(() => resolveInstanceBaseUrl(options as object));
    expect(error.code).toBe(code);
    expect(error.message).not.toContain('hunter2');
  });
});
