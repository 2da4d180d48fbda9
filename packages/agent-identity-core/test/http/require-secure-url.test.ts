import { requireSecureUrl } from 'agent-identity-core/http';
import { thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';

function refuse(url: unknown, options = {}): string {
  const error = thrownBy(() => requireSecureUrl(url as string, 'base URL', options));
  expect(error.code).toBe('insecure_url');
  expect(error.message).toMatch(/^base URL: /);
  return error.message;
}

describe('requireSecureUrl', () => {
  it.each([
    'https://example.com',
    'https://example.com:8443/a/b?c=d',
    'https://10.0.0.1/',
    'https://localhost/',
  ])('accepts %s as a string or a URL', (url) => {
    expect(requireSecureUrl(url, 'base URL')).toBeInstanceOf(URL);
    expect(requireSecureUrl(url, 'base URL').href).toBe(new URL(url).href);
    expect(requireSecureUrl(new URL(url), 'base URL').href).toBe(new URL(url).href);
  });

  it('returns a new URL that shares nothing with the argument', () => {
    const url = new URL('https://example.com/');
    expect(requireSecureUrl(url, 'base URL')).not.toBe(url);
  });

  it.each([
    'http://localhost:8080/',
    'http://LOCALHOST/',
    'http://127.0.0.1:1/',
    'http://127.8.9.10/',
    'http://127.1/',
    'http://[::1]:80/',
  ])('accepts plain http to loopback: %s', (url) => {
    expect(requireSecureUrl(url, 'base URL').protocol).toBe('http:');
  });

  it.each([
    'http://example.com/',
    'http://localhost.example.com/',
    'http://127.0.0.1.example.com/',
    'http://notlocalhost/',
    'http://128.0.0.1/',
    'http://0.0.0.0/',
    'http://10.0.0.1/',
    'http://192.168.1.1/',
    'http://169.254.169.254/',
    'http://[::]/',
    'http://[::2]/',
    'http://[::ffff:10.0.0.1]/',
  ])('refuses plain http to any other host: %s', (url) => {
    expect(refuse(url)).toContain(`not to ${new URL(url).hostname}; allowPlainHttpHosts can allow it`);
  });

  it('refuses a string instead of a list of hosts, because substrings of it would match', () => {
    const options = { allowPlainHttpHosts: 'not-evil.example.org' as never };
    const error = thrownBy(() => requireSecureUrl('http://evil.example', 'base URL', options));
    expect(error.code).toBe('invalid_argument');
    expect(error.message).toBe(
      'allowPlainHttpHosts: expected a list of host names, got a string of 20 characters',
    );
  });

  it('accepts plain http only to the hosts in allowPlainHttpHosts', () => {
    const options = { allowPlainHttpHosts: ['authority.internal', '[fd00::1]'] };
    expect(requireSecureUrl('http://authority.internal:8080/x', 'base URL', options).port).toBe('8080');
    expect(requireSecureUrl('http://[fd00::1]/', 'base URL', options).hostname).toBe('[fd00::1]');
    refuse('http://sub.authority.internal/', options);
    refuse('http://authority.internal.example.com/', options);
    refuse('http://example.com/', { allowPlainHttpHosts: [] });
  });

  it.each([
    'ftp://example.com/',
    'ws://localhost/',
    'file:///etc/passwd',
    'data:text/plain,x',
    'javascript:0',
  ])('refuses another scheme: %s', (url) => {
    expect(refuse(url, { allowPlainHttpHosts: ['example.com', 'localhost'] })).toContain('expected https:');
  });

  it('refuses a user name or password and does not repeat them', () => {
    for (const url of [
      'https://user@example.com/',
      'https://user:hunter2@example.com/',
      'https://:hunter2@localhost/',
    ]) {
      expect(refuse(url)).not.toMatch(/user@|hunter2/);
    }
  });

  it.each([
    '',
    'example.com',
    '/path',
    '//example.com/',
    'https://',
    'https://exa mple.com/',
    undefined,
    null,
    7,
    {},
  ])('refuses a value that is not an absolute URL and does not repeat it: %j', (url) => {
    expect(refuse(url)).toMatch(/^base URL: expected an absolute URL, got /);
  });
});
