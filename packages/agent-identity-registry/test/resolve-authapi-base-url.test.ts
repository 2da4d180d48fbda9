import { resolveAuthapiBaseUrl } from 'agent-identity-registry';
import { thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';

const production = 'https://auth.openai.com/api/accounts';
const staging = 'https://auth.api.openai.org/api/accounts';
const table = [
  ['https://chatgpt.com', production],
  ['https://chat.openai.com', production],
  ['https://chatgpt-staging.com', staging],
] as const;
const endings = ['', '/backend-api', '/codex', '/backend-api/codex'];

describe('a ChatGPT base URL of the table', () => {
  for (const [host, authapi] of table) {
    for (const ending of endings) {
      for (const slashes of ['', '/', '///']) {
        it(`${host}${ending}${slashes} leads to ${authapi}`, () => {
          expect(resolveAuthapiBaseUrl({ chatgptBaseUrl: host + ending + slashes })).toBe(authapi);
        });
      }
    }
  }

  it('may have its scheme and host in any case', () => {
    expect(resolveAuthapiBaseUrl({ chatgptBaseUrl: 'HTTPS://ChatGPT.com/backend-api' })).toBe(production);
  });

  it('no base URL at all means production', () => {
    expect(resolveAuthapiBaseUrl()).toBe(production);
    expect(resolveAuthapiBaseUrl({})).toBe(production);
    expect(resolveAuthapiBaseUrl({ chatgptBaseUrl: undefined, authapiBaseUrl: undefined })).toBe(production);
  });
});

describe('any other ChatGPT base URL is refused', () => {
  for (const chatgptBaseUrl of [
    '',
    ' ',
    '/',
    'chatgpt.com',
    'https://',
    'https:///chatgpt.com',
    'http://chatgpt.com',
    'wss://chatgpt.com',
    'https://chatgpt.com.evil.test',
    'https://chatgpt.com.',
    'https://evilchatgpt.com',
    'https://api.chatgpt.com',
    'https://chatgpt.com@evil.test',
    'https://evil.test/https://chatgpt.com',
    'https://evil.test/backend-api',
    'https://chatgpt.com:443',
    'https://chatgpt.com:8443/backend-api',
    'https://user@chatgpt.com',
    'https://user:secret@chatgpt.com/codex',
    'https://chatgpt.com?x=1',
    'https://chatgpt.com/backend-api?x=1',
    'https://chatgpt.com/backend-api#x',
    'https://chatgpt.com/backend-api/other',
    'https://chatgpt.com/backend-api/codex/other',
    'https://chatgpt.com/backend-apix',
    'https://chatgpt.com/Backend-API',
    'https://chatgpt.com//backend-api',
    'https://chatgpt.com/backend-api//codex',
    'https://chatgpt.com/codex/backend-api',
    'https://chatgpt.com/codex/codex',
    'https://chatgpt.com/./codex',
    'https://chatgpt.com/other/../codex',
    'https://chatgpt.com/%63odex',
    'https:\\\\chatgpt.com',
    'https://chatgpt.com\\codex',
    ' https://chatgpt.com',
    'https://chatgpt.com ',
    'https://chatgpt.com\n',
    'https://chat\ngpt.com',
    'https://chatgpt。com',
    'https://chatgpt.com/ſ',
    'https://staging.chatgpt.com',
    'https://chatgpt-staging.com/backend-api/wham',
  ]) {
    it(JSON.stringify(chatgptBaseUrl), async () => {
      const error = await thrownBy(() => resolveAuthapiBaseUrl({ chatgptBaseUrl }));
      expect(error.code).toBe('unknown_chatgpt_base_url');
      expect(error.retryable).toBe(false);
    });
  }

  for (const value of [null, 7, {}, new URL('https://chatgpt.com')]) {
    it(`a value of another type (${typeof value})`, async () => {
      const error = await thrownBy(() => resolveAuthapiBaseUrl({ chatgptBaseUrl: value as never }));
      expect(error.code).toBe('unknown_chatgpt_base_url');
    });
  }

  it('and the error does not contain it, because it may contain credentials', async () => {
    const error = await thrownBy(() =>
      resolveAuthapiBaseUrl({ chatgptBaseUrl: 'https://me:hunter2@chatgpt.com' }),
    );
    expect(error.message).not.toContain('hunter2');
    expect(error.message).toContain('authapiBaseUrl');
  });

  it('in time linear in its length', async () => {
    const chatgptBaseUrl = `https://chatgpt.com${'/'.repeat(1_000_000)}x`;
    expect((await thrownBy(() => resolveAuthapiBaseUrl({ chatgptBaseUrl }))).code).toBe(
      'unknown_chatgpt_base_url',
    );
  });
});

describe('an explicit AuthAPI base URL', () => {
  it('takes precedence over the table and over a ChatGPT base URL that is not in it', () => {
    const authapiBaseUrl = 'https://authority.example.test/base';
    expect(resolveAuthapiBaseUrl({ chatgptBaseUrl: 'https://chatgpt.com', authapiBaseUrl })).toBe(
      authapiBaseUrl,
    );
    expect(resolveAuthapiBaseUrl({ chatgptBaseUrl: 'https://other.test', authapiBaseUrl })).toBe(
      authapiBaseUrl,
    );
  });

  it('loses its trailing slashes and nothing else', () => {
    expect(resolveAuthapiBaseUrl({ authapiBaseUrl: 'https://authority.example.test//a//' })).toBe(
      'https://authority.example.test//a',
    );
    expect(resolveAuthapiBaseUrl({ authapiBaseUrl: 'https://authority.example.test:8443/' })).toBe(
      'https://authority.example.test:8443',
    );
  });

  it('may be plain http to loopback only', async () => {
    for (const host of ['127.0.0.1:8080', '127.9.9.9', 'localhost:1', '[::1]:9']) {
      expect(resolveAuthapiBaseUrl({ authapiBaseUrl: `http://${host}/` })).toBe(`http://${host}`);
    }
    for (const host of [
      'authority.example.test',
      '127.0.0.1.example.test',
      '192.168.0.1',
      'localhost.test',
    ]) {
      const error = await thrownBy(() => resolveAuthapiBaseUrl({ authapiBaseUrl: `http://${host}` }));
      expect(error.code).toBe('insecure_url');
    }
  });

  it('may be plain http to a host in allowPlainHttpHosts', async () => {
    const options = {
      authapiBaseUrl: 'http://authority.internal/x/',
      allowPlainHttpHosts: ['authority.internal'],
    };
    expect(resolveAuthapiBaseUrl(options)).toBe('http://authority.internal/x');
    const other = { ...options, authapiBaseUrl: 'http://other.internal' };
    expect((await thrownBy(() => resolveAuthapiBaseUrl(other))).code).toBe('insecure_url');
  });

  it.each([
    '',
    ' ',
    'authority.example.test',
    '/relative',
    'ftp://authority.example.test',
    'https://me:pw@authority.example.test',
  ])('is refused if credentials must not be sent to it: %j', async (authapiBaseUrl) => {
    const error = await thrownBy(() => resolveAuthapiBaseUrl({ authapiBaseUrl }));
    expect(error.code).toBe('insecure_url');
    expect(error.message).not.toContain('pw');
  });

  it.each(['?', '?x=1', '#', '#x'])('is refused with a query or a fragment: %s', async (end) => {
    const error = await thrownBy(() =>
      resolveAuthapiBaseUrl({ authapiBaseUrl: `https://authority.example.test/a${end}` }),
    );
    expect(error.code).toBe('invalid_base_url');
  });
});
