import { inspect } from 'node:util';
import { type DefineProviderOptions, defineProvider } from 'provider-auth';
import { thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';

const baseUrl = 'https://provider.test/v1';

it.each<[options: DefineProviderOptions, expected: object]>([
  [
    { kind: 'first_party', baseUrl },
    { kind: 'first_party', name: 'first_party', baseUrl },
  ],
  [
    { kind: 'api_key', baseUrl, apiKey: 'sk-secret', name: 'Acme' },
    { kind: 'api_key', name: 'Acme', baseUrl },
  ],
  [
    { kind: 'bearer', baseUrl, bearerToken: 'sk-secret' },
    { kind: 'bearer', name: 'bearer', baseUrl },
  ],
  [
    { kind: 'no_auth', baseUrl: 'http://192.168.1.5:11434' },
    { kind: 'no_auth', name: 'no_auth', baseUrl: 'http://192.168.1.5:11434' },
  ],
])('defineProvider returns a frozen provider without its key for %o', (options, expected) => {
  const provider = defineProvider(options);
  expect(provider).toEqual(expected);
  expect(Object.isFrozen(provider)).toBe(true);
  expect(inspect(provider, { showHidden: true, depth: 9 }) + JSON.stringify(provider)).not.toContain(
    'sk-secret',
  );
});

const refused: readonly [title: string, options: unknown, code: string][] = [
  ['no options', undefined, 'invalid_argument'],
  ['an unknown kind', { kind: 'azure', baseUrl }, 'unknown_provider'],
  ['no kind', { baseUrl }, 'unknown_provider'],
  ['an empty key', { kind: 'api_key', baseUrl, apiKey: '' }, 'empty_credentials'],
  ['a blank key', { kind: 'api_key', baseUrl, apiKey: ' \n' }, 'empty_credentials'],
  ['an empty token', { kind: 'bearer', baseUrl, bearerToken: '' }, 'empty_credentials'],
  ['no key', { kind: 'api_key', baseUrl }, 'invalid_argument'],
  ['a key that is not text', { kind: 'api_key', baseUrl, apiKey: 7 }, 'invalid_argument'],
  ['a key with a line end', { kind: 'api_key', baseUrl, apiKey: 'sk-secret\n' }, 'invalid_argument'],
  [
    'a token that would add a header',
    { kind: 'bearer', baseUrl, bearerToken: 'sk-secret\r\nx: y' },
    'invalid_argument',
  ],
  [
    'a user name in the URL',
    { kind: 'first_party', baseUrl: 'https://user@provider.test/v1' },
    'insecure_url',
  ],
  [
    'a password in the URL',
    { kind: 'no_auth', baseUrl: 'https://u:sk-secret@provider.test' },
    'insecure_url',
  ],
  ['a query', { kind: 'first_party', baseUrl: `${baseUrl}?key=sk-secret` }, 'invalid_base_url'],
  ['a fragment', { kind: 'no_auth', baseUrl: `${baseUrl}#x` }, 'invalid_base_url'],
  ['plain http', { kind: 'first_party', baseUrl: 'http://provider.test' }, 'insecure_url'],
  [
    'plain http with a key',
    { kind: 'api_key', baseUrl: 'http://10.0.0.1', apiKey: 'sk-secret' },
    'insecure_url',
  ],
  ['another scheme', { kind: 'no_auth', baseUrl: 'ftp://provider.test' }, 'insecure_url'],
  ['a relative URL', { kind: 'first_party', baseUrl: '/v1' }, 'insecure_url'],
  ['no URL', { kind: 'no_auth' }, 'insecure_url'],
  ['an option of another kind', { kind: 'first_party', baseUrl, apiKey: 'sk-secret' }, 'invalid_argument'],
  ['a mistyped option', { kind: 'bearer', baseUrl, bearertoken: 'sk-secret' }, 'invalid_argument'],
  ['a blank name', { kind: 'no_auth', baseUrl, name: ' ' }, 'invalid_argument'],
  ...[
    ...['', 'x y', 'Host', 'content-length', 'cookie', 'Cookie2', 'set-cookie', 'transfer-encoding', 7],
    ...['Proxy-Authorization', 'proxy-connection', 'keep-alive', 'te', 'trailer', 'upgrade', 'Origin'],
    ...['X-Forwarded-For', 'forwarded', 'via', 'sec-fetch-site', 'accept', 'user-agent', 'if-match', 'range'],
    ...['ChatGPT-Account-ID', 'X-OpenAI-Agent-Assertion'],
  ].map(
    (headerName) =>
      [
        `the header name ${JSON.stringify(headerName)}`,
        { kind: 'api_key', baseUrl, apiKey: 'k', headerName },
        'invalid_argument',
      ] as [string, unknown, string],
  ),
];

it.each(refused)('defineProvider refuses %s', async (_, options, code) => {
  const error = await thrownBy(() => defineProvider(options as DefineProviderOptions));
  expect(error.code).toBe(code);
  expect(inspect(error)).not.toContain('sk-secret');
});

describe('a provider at plain http:', () => {
  it.each(['http://localhost:1234/v1', 'http://127.0.0.1', 'http://[::1]:8080'])(
    'is allowed at the loopback address %s',
    (url) => {
      expect(defineProvider({ kind: 'first_party', baseUrl: url }).baseUrl).toBe(url);
    },
  );

  it('is allowed at a host in allowPlainHttpHosts', () => {
    const options = {
      kind: 'first_party',
      baseUrl: 'http://proxy.test/v1',
      allowPlainHttpHosts: ['proxy.test'],
    } as const;
    expect(defineProvider(options).baseUrl).toBe('http://proxy.test/v1');
  });
});
