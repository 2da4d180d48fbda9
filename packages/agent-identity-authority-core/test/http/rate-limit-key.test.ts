import { rateLimitKey } from 'agent-identity-authority-core';
import { expect, it } from 'vitest';

it.each([
  '192.0.2.1',
  '::ffff:192.0.2.1',
  '::FFFF:192.0.2.1',
  '::ffff:c000:201',
  '0:0:0:0:0:ffff:c000:0201',
  '0000:0000:0000:0000:0000:ffff:192.0.2.1',
  '::ffff:192.0.2.1%eth0',
  '64:ff9b::192.0.2.1',
  '64:ff9b::c000:201',
])('rateLimitKey counts %s as the IPv4 address', (address) => {
  expect(rateLimitKey(address)).toBe('192.0.2.1');
});

it('rateLimitKey counts an IPv6 subscriber as one, in whatever form an address is written', () => {
  const forms = ['2001:db8::1', '2001:0DB8:0:0:ffff::2', '2001:db8::192.0.2.1', '2001:db8::1%eth0'];
  expect(new Set(forms.map(rateLimitKey))).toEqual(new Set(['2001:db8::/64']));
  expect(rateLimitKey('2001:db8:0:1::1')).toBe('2001:db8:0:1::/64');
});

it('rateLimitKey keeps loopback apart from mapped IPv4', () => {
  expect(rateLimitKey('::1')).toBe('::/64');
  expect(rateLimitKey('::ffff:127.0.0.1')).toBe('127.0.0.1');
});

it('rateLimitKey returns text that is not an address as it is', () => {
  expect(rateLimitKey('a client')).toBe('a client');
  expect(rateLimitKey('')).toBe('');
});
