import { describe, expect, it } from 'vitest';
import { createClientAddressOf, createProxyCheck } from '../../dist/server/client-address.js';

function addressOf(trusted: string[], remoteAddress: string | undefined, forwarded?: string) {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  const request = new Request('http://authority/', { headers });
  return createClientAddressOf(createProxyCheck(trusted))(request, {
    incoming: { socket: { remoteAddress } },
  });
}

describe('the address of a client', () => {
  it('is the address of its connection, and its own headers are ignored', () => {
    expect(addressOf([], '192.0.2.1')).toBe('192.0.2.1');
    expect(addressOf([], '192.0.2.1', '203.0.113.9')).toBe('192.0.2.1');
    expect(addressOf(['10.0.0.0/8'], '192.0.2.1', '203.0.113.9')).toBe('192.0.2.1');
  });

  it('is the last address that is not a trusted proxy, behind trusted proxies', () => {
    expect(addressOf(['10.0.0.0/8'], '10.0.0.1', '203.0.113.9')).toBe('203.0.113.9');
    expect(addressOf(['10.0.0.0/8'], '10.0.0.1', '198.51.100.7, 203.0.113.9, 10.0.0.2')).toBe('203.0.113.9');
    expect(addressOf(['fd00::/8', '127.0.0.1'], 'fd00::1', '2001:db8::9, 127.0.0.1')).toBe('2001:db8::9');
  });

  it('is found behind a proxy whose IPv4 address has the IPv6 form', () => {
    expect(addressOf(['10.0.0.0/8'], '::ffff:10.0.0.1', '203.0.113.9')).toBe('203.0.113.9');
  });

  it.each([
    ['203.0.113.9:4711', '203.0.113.9'],
    ['[2001:db8::9]:443', '2001:db8::9'],
    ['[2001:db8::9]', '2001:db8::9'],
    ['2001:db8::9%eth0', '2001:db8::9'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['::ffff:cb00:7109', '203.0.113.9'],
    ['203.0.113.9, 10.0.0.3:80, [::ffff:10.0.0.2]', '203.0.113.9'],
  ])('is read from the entry %s', (forwarded, address) => {
    expect(addressOf(['10.0.0.0/8'], '10.0.0.1', forwarded)).toBe(address);
  });

  it.each([
    '203.0.113.9:',
    '[203.0.113.9',
    '2001:db8::9]:1',
    '203.0.113.9:999999',
    '3405803785',
    '0xcb.0.113.9',
  ])('is the proxy itself if that reports %j', (forwarded) => {
    expect(addressOf(['10.0.0.1'], '10.0.0.1', forwarded)).toBe('10.0.0.1');
  });

  it('is the proxy itself if that reports nothing, or nonsense', () => {
    expect(addressOf(['10.0.0.1'], '10.0.0.1')).toBe('10.0.0.1');
    expect(addressOf(['10.0.0.1'], '10.0.0.1', 'unknown')).toBe('10.0.0.1');
    expect(addressOf(['10.0.0.1'], '10.0.0.1', 'x'.repeat(9000))).toBe('10.0.0.1');
  });

  it('is unknown if the server does not pass it', () => {
    expect(addressOf([], undefined)).toBeUndefined();
    expect(createClientAddressOf(() => false)(new Request('http://authority/'), undefined)).toBeUndefined();
  });

  it.each([
    '10.0.0.0/33',
    'localhost',
    '',
    '10.0.0.0/',
    '10.0.0.0/x',
    '::/129',
    '10.0.0.0/8/9',
    '10.0.0.0/0x8',
    '10.0.0.0/08.0',
    '0x0a.0.0.1',
    '10.1',
    '010.0.0.1/8',
  ])('cannot be found with an invalid proxy: %j', (network) => {
    expect(() => createProxyCheck([network])).toThrow(
      expect.objectContaining({ code: 'invalid_configuration' }),
    );
  });
});
