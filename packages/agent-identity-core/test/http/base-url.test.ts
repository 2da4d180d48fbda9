import { isLoopbackHost, requireBaseUrl, withoutTrailingSlashes } from 'agent-identity-core/http';
import { thrownBy } from 'test-support';
import { expect, it } from 'vitest';

it('requireBaseUrl writes the URL without trailing slashes', () => {
  expect(requireBaseUrl('https://Agents.example.com:443/base//', 'base URL')).toBe(
    'https://agents.example.com/base',
  );
  expect(requireBaseUrl(new URL('http://127.0.0.1:8080'), 'base URL')).toBe('http://127.0.0.1:8080');
});

it.each([
  ['https://agents.example.com/?a=1', 'invalid_base_url'],
  ['https://agents.example.com/#top', 'invalid_base_url'],
  ['http://agents.example.com', 'insecure_url'],
  ['agents.example.com', 'insecure_url'],
])('requireBaseUrl refuses %s with %s', (url, code) => {
  expect(thrownBy(() => requireBaseUrl(url, 'base URL'))).toMatchObject({ code });
});

it('withoutTrailingSlashes takes linear time', () => {
  expect(withoutTrailingSlashes(`${'/'.repeat(200_000)}a`)).toHaveLength(200_001);
  expect(withoutTrailingSlashes('///')).toBe('');
});

it.each(['localhost', '127.0.0.1', '127.255.1.2', '::1', '[::1]'])('isLoopbackHost takes %s', (host) => {
  expect(isLoopbackHost(host)).toBe(true);
});

it.each(['localhost.example.com', '127.0.0.1.example.com', '128.0.0.1', '0.0.0.0', '', '[::2]'])(
  'isLoopbackHost refuses %s',
  (host) => {
    expect(isLoopbackHost(host)).toBe(false);
  },
);
